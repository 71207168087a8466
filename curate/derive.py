"""Derived pictures: how an augmented picture is made from its parent, the same on every machine and in any order."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curate.errors import VersionDamaged
from curate.transforms import FLIPS_AND_ROTATIONS, turn, zoom

__all__ = ["ORIGINAL", "X4", "derive_picture"]

ORIGINAL = "identity"
"""Transform of the picture as it is."""

X4: Mapping[str, Any] = {"name": "x4", "transforms": [ORIGINAL, "rot90", "rot270", "zoom-1.7"]}
"""Each picture as it is, turned by +90 and -90 degrees, and scaled by 1.7 about its centre.

Source: the augmentation that Mihal 2022 describes as original, +90, -90 degrees and +70 % scaling.
"""

_ZOOM = "zoom-"


def derive_picture(pixels: np.ndarray, recipe: Mapping[str, Any], transform: str, *, sample_id: str) -> np.ndarray:
    """One augmented picture.

    Args:
        pixels: the parent, (H, W) or (H, W, 3) uint8.
        recipe: as in a derived version's header.
        transform: one of the recipe's transforms.
        sample_id: of the parent; randomness depends on it, on the recipe's seed and on the transform alone.

    Returns:
        uint8 of as many channels.

    Raises:
        VersionDamaged: the recipe has no such transform.
    """
    if transform in FLIPS_AND_ROTATIONS:
        return turn(pixels, transform)
    if transform.startswith(_ZOOM):
        return zoom(pixels, float(transform.removeprefix(_ZOOM)))
    raise VersionDamaged(
        f"{transform} of {sample_id} cannot be made: the recipe {recipe['name']} has no such transform"
    )
