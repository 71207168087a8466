"""What every descriptor of a picture offers."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["Descriptor"]


class Descriptor(NamedTuple):
    """A way to describe pictures of 48 x 48 pixels by D numbers each.

    Attributes:
        describe: (N, 48, 48) uint8 -> (N, D) float32, each row on its own.
        mirrored: (D,) int64; the numbers of the mirrored picture are those of the picture in this order, and the order
            is its own inverse.
    """

    describe: Callable[[np.ndarray], np.ndarray]
    mirrored: np.ndarray
