"""Derived versions: the pictures of a version, and what augmentation makes of them.

recipes          recipes from TOML files
expansion        which rows a derived version has, and the pictures that they show
derived_lineage  lineage of derived pictures; those that would join another split are left out
tables           the tables of a derived version
header           what its manifest.json says
augment          make a derived version
page             a page that shows what each transform does to a face
"""

from curate.augment.augment import NEWEST, augment_version, derived_name
from curate.augment.page import write_transforms_gallery
from curate.augment.recipes import read_recipe
from curate.derive import X4

__all__ = ["NEWEST", "X4", "augment_version", "derived_name", "read_recipe", "write_transforms_gallery"]
