"""The x4 recipe: exact geometry, the same pixels on every machine."""

from collections.abc import Mapping
from typing import Any

__all__ = ["ORIGINAL", "X4"]

ORIGINAL = "identity"
"""Transform of the picture as it is."""

X4: Mapping[str, Any] = {"name": "x4", "transforms": [ORIGINAL, "rot90", "rot270", "zoom-1.7"]}
"""Each picture as it is, turned by +90 and -90 degrees, and scaled by 1.7 about its centre.

Source: the augmentation that Mihal 2022 describes as original, +90, -90 degrees and +70 % scaling.
"""
