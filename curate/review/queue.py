"""In which order pictures are worth a look."""

from typing import NamedTuple

import numpy as np

from curate.emotions import LABEL_INDEX
from curate.labels import UNRESOLVED
from curate.review.items import CONTRADICTED, KINDS, SPLITS, ReviewItems
from curate.review.scope import SCOPES

__all__ = ["DISPUTED", "EVERYTHING", "WORTH", "Filters", "expected_gain", "keep", "order"]

EVERYTHING = "everything"

DISPUTED = "reviewers disagree"
"""The reason of pictures on which they do; these come first, as a look at them settles the most work."""

_CONTRADICTED_GAIN, _UNLABELLED_GAIN = 0.75, 0.5
"""Open labels are in no version, so a look gains a picture; less than 1, as some show nothing that can be told."""


WORTH = 0.5
"""Above this gain a label is more likely wrong than right, and worth a look, as open ones are."""


class Filters(NamedTuple):
    """What to review; empty = all.

    Attributes:
        label: that the picture has, was given or is suggested.
        by: `now`, `given` (by a source) or `suggested`: which of them the label is; empty = any.
        source: name of a source.
        reason: one of `KINDS`, or `DISPUTED`.
        split: train, val or test.
        scope: one of `SCOPES`; empty = the first, what a version would hold. `EVERYTHING` = all.
    """

    label: str = ""
    by: str = ""
    source: str = ""
    reason: str = ""
    split: str = ""
    scope: str = ""


def expected_gain(collection: ReviewItems) -> np.ndarray:
    """How many labels of a version a look at each picture mends, expected.

    Returns:
        (N,) float64 in [0, 1]: one minus the quality of a label; nothing for labels that nobody scored.
    """
    gain = np.nan_to_num(1.0 - collection.quality.astype(np.float64), nan=0.0)
    contradicted = collection.kind == KINDS.index(CONTRADICTED)
    open_gain = np.where(contradicted, _CONTRADICTED_GAIN, _UNLABELLED_GAIN)
    bare = (collection.label == UNRESOLVED) & np.isnan(collection.quality)
    return np.where(bare, open_gain, gain)


def order(gain: np.ndarray) -> np.ndarray:
    """(N,) numbers of all pictures, the most to be gained first; equals by sample_id, which is as good as by lot."""
    return np.argsort(-gain, kind="stable")


def keep(collection: ReviewItems, filters: Filters) -> np.ndarray:
    """(N,) bool: the pictures that pass the filters; names that do not exist pass none."""
    scope = filters.scope or SCOPES[0]
    kept = np.full(len(collection.ids), scope == EVERYTHING)
    if scope in SCOPES:
        kept |= collection.scope == SCOPES.index(scope)
    if filters.label:
        kept &= _labelled(collection, LABEL_INDEX[filters.label], filters.by) if filters.label in LABEL_INDEX else False
    if filters.source:
        known = filters.source in collection.sources
        kept &= collection.in_source[collection.sources.index(filters.source)] if known else False
    if filters.reason and filters.reason != DISPUTED:
        kept &= collection.kind == (KINDS.index(filters.reason) if filters.reason in KINDS else -1)
    if filters.split:
        kept &= collection.split == (SPLITS.index(filters.split) if filters.split in SPLITS else -1)
    return kept


def _labelled(collection: ReviewItems, code: int, by: str) -> np.ndarray:
    ways = {
        "now": collection.label == code,
        "given": collection.given[:, code],
        "suggested": collection.suggested == code,
    }
    return np.asarray(ways[by] if by in ways else np.logical_or.reduce(list(ways.values())))
