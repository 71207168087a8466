"""One reader for each format: it recognises a delivery and yields its pictures. `registry.FORMATS` lists them.

fer2013_csv     tables with a column of pixels
ferplus         FER+, pictures and votes
ferplus_tables  its vote tables
ck48            the last frames of CK+
table           pictures, and a table of their paths and labels
picture_tables  such tables, and which picture each row means
image_folder    class folders
class_folders   which folder names a picture's class
own_exports     what curate's own exports say of their pictures
"""
