"""Patches: labels, splits and exclusions of a version for people who have the pictures; without pictures.

prints    hashes and statistics by which a picture is recognised
files     the file: a Parquet table with a header, checked when it is read
export    from a version to a file
nearest   the nearest picture of another collection
matching  which pictures of a file are here
effects   what a file says of each picture, and what that does to what was taken over before
apply     from a file to the catalog
report    what applying did, picture by picture
"""

from curate.version.patch.apply import Applied, apply_patch
from curate.version.patch.export import export_patch
from curate.version.patch.report import PatchConflict, PatchReport

__all__ = ["Applied", "PatchConflict", "PatchReport", "apply_patch", "export_patch"]
