"""Pairs of samples that are, or may be, one photograph: one table for all steps of the search."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["DEFAULT_FLIPS", "PAIR", "THOROUGH_FLIPS", "TIERS", "CandidatePairs", "merge_pairs"]

DEFAULT_FLIPS = ("identity", "mirrored")
THOROUGH_FLIPS = ("identity", "mirrored", "rot180", "rot90", "rot270")
"""Keys of `FLIPS_AND_ROTATIONS`: the second picture of a pair, so flipped or rotated, shows the first."""

TIERS = ("aligned", "affine", "blocks", "blur")
"""`method` of a pair, by code."""

PAIR = np.dtype(
    [
        ("ends", "i8", (2,)),
        ("flip", "u1"),
        ("tier", "u1"),
        ("gate", "u1"),
        ("similarity", "f4"),
        ("duplicate", "?"),
        ("moved", "?"),
    ]
)
"""One pair: indices into the collection, first < second; indices into `THOROUGH_FLIPS`, `TIERS` and `thresholds.GATES`;
similarity on the tier's own scale; True = the same photograph, False = a person should look; True = not simply the same
picture saved again, but shifted, scaled or warped."""


class CandidatePairs(NamedTuple):
    """Pairs to verify, all by one flip.

    Attributes:
        ends: (M, 2) int64 indices into the collection, first < second.
        flip: of `THOROUGH_FLIPS`.
        gate: (M,) index into `thresholds.GATES`: how much likeness each needs.
    """

    ends: np.ndarray
    flip: str
    gate: np.ndarray

    def accept(
        self,
        index: np.ndarray,
        *,
        tier: np.ndarray | int,
        similarity: np.ndarray,
        duplicate: np.ndarray,
        moved: np.ndarray | bool,
    ) -> np.ndarray:
        """(K,) `PAIR`: those at (K,) `index`, with what a tier says of them."""
        pairs = np.zeros(len(index), PAIR)
        pairs["ends"], pairs["gate"] = self.ends[index], self.gate[index]
        pairs["flip"] = THOROUGH_FLIPS.index(self.flip)
        pairs["tier"], pairs["similarity"], pairs["duplicate"], pairs["moved"] = tier, similarity, duplicate, moved
        return pairs


def merge_pairs(parts: Sequence[np.ndarray]) -> np.ndarray:
    """One row per pair, ordered: a duplicate before a doubtful one, upright before flipped, simple tiers first."""
    pairs = np.concatenate(parts)
    one, two = pairs["ends"].T
    pairs = pairs[np.lexsort((-pairs["similarity"], pairs["tier"], pairs["flip"], ~pairs["duplicate"], two, one))]
    first = np.ones(len(pairs), bool)
    first[1:] = (np.diff(pairs["ends"], axis=0) != 0).any(axis=1)
    return np.asarray(pairs[first])
