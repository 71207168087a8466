"""Derived pictures: how an augmented picture is made from its parent, in any order and by any number of workers.

x4        the four pictures of the published x4 set
steps     the words of augmentation recipes, and what they do to a picture
pictures  one derived picture by recipe and transform
"""

from curate.derive.pictures import derive_picture
from curate.derive.steps import STEPS, Option, Step
from curate.derive.x4 import ORIGINAL, X4

__all__ = ["ORIGINAL", "STEPS", "X4", "Option", "Step", "derive_picture"]
