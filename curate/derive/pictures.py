"""One derived picture: what a recipe's transform makes of its parent."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curate.derive.steps import apply_steps
from curate.derive.x4 import ORIGINAL
from curate.errors import VersionDamaged
from curate.seeding import derive_seed
from curate.transforms import FLIPS_AND_ROTATIONS, flip_picture, zoom

__all__ = ["derive_picture"]

_ZOOM = "zoom-"


def derive_picture(pixels: np.ndarray, recipe: Mapping[str, Any], transform: str, *, sample_id: str) -> np.ndarray:
    """One augmented picture.

    Args:
        pixels: the parent, (H, W) or (H, W, 3) uint8.
        recipe: as in a derived version's header.
        transform: one of the recipe's transforms, or `ORIGINAL`.
        sample_id: of the parent; randomness depends on it, on the recipe's seed and on the transform alone.

    Returns:
        Canonical pixels: uint8, (H, W) or (H, W, 3); colour that came out gray has one channel.

    Raises:
        VersionDamaged: the recipe has no such transform.
    """
    if transform == ORIGINAL:
        return flip_picture(pixels, transform)
    if transform not in recipe["transforms"]:
        raise VersionDamaged(
            f"{transform} of {sample_id} cannot be made: the recipe {recipe['name']} has no such transform"
        )
    if "steps" in recipe:
        seed = derive_seed(recipe["seed"], sample_id, transform)
        return _canonical(apply_steps(pixels, recipe["steps"], seed=seed))
    if transform in FLIPS_AND_ROTATIONS:
        return flip_picture(pixels, transform)
    return _canonical(zoom(pixels, float(transform.removeprefix(_ZOOM))))


def _canonical(pixels: np.ndarray) -> np.ndarray:
    """Zooming in may leave the gray part of a coloured picture, which is a sample of mode L like any gray picture."""
    if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
        return np.ascontiguousarray(pixels[..., 0])
    return pixels
