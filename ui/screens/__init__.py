"""The pages, one file each; every one has a function `page`.

queue     one face at a time, the most doubtful first
grid      many faces of one label
copies    copies with conflicting labels, doubtful pairs
reviews   who decided what, and how far reviewers agree
versions  what was released, and what was scored
filters   which pictures the first two show
"""
