"""How fast a reviewer works, and how long the rest will take."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from curate.decisions import Decision

__all__ = ["ReviewProgress", "seconds_each"]

_RECENT, _FEWEST = 60, 15
"""Key presses that are looked at, and how many of them it takes before anything is said."""

_BREAK_S = 60.0
"""A longer pause is a break, not a hard picture."""


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


def seconds_each(history: Sequence[Decision]) -> float:
    """Median time between the last key presses, breaks left out; 0 = too few of them to say."""
    pressed = {line.action: line.at for line in history[-_RECENT - 1 :]}
    times = [dt.datetime.fromisoformat(at).timestamp() for at in pressed.values()]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    working = [gap for gap in gaps if 0 <= gap <= _BREAK_S]
    return median(working) if len(working) >= _FEWEST else 0.0
