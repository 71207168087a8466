"""Copies of val and test pictures in the train split: one definition for the duplicate report and the audit."""

from typing import NamedTuple

import numpy as np

from curate.sample import OFFICIAL_SPLITS

__all__ = ["NO_SPLIT", "TEST_LIKE", "TRAIN", "TrainCopies", "copies_in_train"]

NO_SPLIT = -1
"""Split code of what has no split; others index `OFFICIAL_SPLITS`."""

TRAIN, _VAL, _TEST = (OFFICIAL_SPLITS.index(name) for name in ("train", "val", "test"))
TEST_LIKE = {"val+test": (_VAL, _TEST), "val": (_VAL,), "test": (_TEST,)}
"""Split codes of what should have no copy in train."""


class TrainCopies(NamedTuple):
    """What each of N occurrences or photographs has in the train split; parallel (N,) bool arrays.

    Attributes:
        exact: the identical picture.
        near: else, a copy that is neither mirrored nor rotated.
        transformed: else, a mirrored or rotated copy.
        not_identical: any copy that is another picture, beside an identical one or not.
    """

    exact: np.ndarray
    near: np.ndarray
    transformed: np.ndarray
    not_identical: np.ndarray

    @property
    def any(self) -> np.ndarray:
        """(N,) bool: any copy."""
        return np.asarray(self.exact | self.near | self.transformed)


def copies_in_train(sample: np.ndarray, split: np.ndarray, *, group: np.ndarray, near: np.ndarray) -> TrainCopies:
    """Look for copies among the same occurrences.

    Args:
        sample: (N,) int64 of each occurrence, in [0, S).
        split: (N,) int64 code of each.
        group: (S,) int64 in [0, S); samples of one number show one photograph.
        near: (S,) int64, the same without mirrored and rotated pairs.
    """
    train = np.zeros(len(group), bool)
    train[sample[split == TRAIN]] = True
    in_group = np.bincount(group[train], minlength=len(train))[group[sample]]
    in_near = np.bincount(near[train], minlength=len(train))[near[sample]]
    exact = train[sample]
    is_near = ~exact & (in_near > 0)
    return TrainCopies(exact, is_near, ~(exact | is_near) & (in_group > 0), in_group > exact)
