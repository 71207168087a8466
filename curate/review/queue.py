"""In which order pictures are worth a look, and how far a reviewer is in their queue."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np

from curate.decisions import Decision
from curate.emotions import LABEL_INDEX
from curate.labels import UNRESOLVED
from curate.review.items import CONTRADICTED, KINDS, SPLITS, ReviewItems
from curate.review.scope import SCOPES

__all__ = [
    "DISPUTED",
    "EVERYTHING",
    "WORTH",
    "Filters",
    "ReviewProgress",
    "expected_gain",
    "keep",
    "order",
    "seconds_each",
]

EVERYTHING = "everything"

DISPUTED = "reviewers disagree"
"""The reason of pictures on which they do; these come first, as a look at them settles the most work."""

_CONTRADICTED_GAIN, _UNLABELLED_GAIN = 0.75, 0.5
"""Open labels are in no version, so a look gains a picture; less than 1, as some show nothing recognisable."""


WORTH = 0.5
"""Above this gain a label is more likely wrong than right, and worth a look, as open ones are."""

_RECENT, _FEWEST = 60, 15
"""Key presses that are looked at, and how many of them it takes before anything is said."""

_BREAK_S = 60.0
"""A longer pause is a break, not a hard picture."""


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


class ReviewProgress(NamedTuple):
    """How far the queue is.

    Attributes:
        own: pictures that this reviewer decided.
        all: pictures that anybody decided.
        left: pictures in the queue, under the chosen filters.
        seconds_each: what one picture takes the reviewer; 0 = not known yet.
        worth: pictures of them that are worth a look: their label is open, disputed or more likely wrong than right.
        wrong: labels of them that are expected to be wrong.
    """

    own: int
    all: int
    left: int
    seconds_each: float
    worth: int
    wrong: int


def expected_gain(items: ReviewItems) -> np.ndarray:
    """How many labels of a version a look at each picture mends, expected.

    Returns:
        (N,) float64 in [0, 1]: one minus the quality of a label; nothing for labels that nobody scored.
    """
    gain = np.nan_to_num(1.0 - items.quality.astype(np.float64), nan=0.0)
    contradicted = items.kind == KINDS.index(CONTRADICTED)
    open_gain = np.where(contradicted, _CONTRADICTED_GAIN, _UNLABELLED_GAIN)
    bare = (items.label == UNRESOLVED) & np.isnan(items.quality)
    return np.where(bare, open_gain, gain)


def order(gain: np.ndarray) -> np.ndarray:
    """(N,) numbers of all pictures, the most to be gained first; equals by sample_id, which is effectively random."""
    return np.argsort(-gain, kind="stable")


def keep(items: ReviewItems, filters: Filters) -> np.ndarray:
    """(N,) bool: the pictures that pass the filters; names that do not exist pass none."""
    scope = filters.scope or SCOPES[0]
    kept = np.full(len(items.ids), scope == EVERYTHING)
    if scope in SCOPES:
        kept |= items.scope == SCOPES.index(scope)
    if filters.label:
        kept &= _labelled(items, LABEL_INDEX[filters.label], filters.by) if filters.label in LABEL_INDEX else False
    if filters.source:
        known = filters.source in items.sources
        kept &= items.in_source[items.sources.index(filters.source)] if known else False
    if filters.reason and filters.reason != DISPUTED:
        kept &= items.kind == (KINDS.index(filters.reason) if filters.reason in KINDS else -1)
    if filters.split:
        kept &= items.split == (SPLITS.index(filters.split) if filters.split in SPLITS else -1)
    return kept


def seconds_each(history: Sequence[Decision]) -> float:
    """Median time between the last key presses, breaks left out; 0 = too few of them to say."""
    pressed = {line.action: line.at for line in history[-_RECENT - 1 :]}
    times = [dt.datetime.fromisoformat(at).timestamp() for at in pressed.values()]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    working = [gap for gap in gaps if 0 <= gap <= _BREAK_S]
    return median(working) if len(working) >= _FEWEST else 0.0


def _labelled(items: ReviewItems, code: int, by: str) -> np.ndarray:
    ways = {
        "now": items.label == code,
        "given": items.given[:, code],
        "suggested": items.suggested == code,
    }
    return np.asarray(ways[by] if by in ways else np.logical_or.reduce(list(ways.values())))
