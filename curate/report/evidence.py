"""What a report is told by whoever ran the other stages: plain values, so that the report needs none of them.

Shares, scores and agreements lie in [0, 1].
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from curate.coverage import SearchCoverage
from curate.labellers import Disagreement

__all__ = [
    "Audit",
    "Ceiling",
    "ClassLeak",
    "Comparison",
    "Conflict",
    "Doubt",
    "Epoch",
    "Evidence",
    "Interval",
    "Leak",
    "Reviews",
    "Standing",
]


class Interval(NamedTuple):
    """An estimate and its 95 % interval; bounds are None where one run leaves the spread unknown."""

    estimate: float
    low: float | None
    high: float | None


class ClassLeak(NamedTuple):
    """What of one class has a copy in train: identical, else near, else mirrored or rotated."""

    label: str
    pictures: int
    exact: int
    near: int | None
    transformed: int | None
    share: float | None


class Leak(NamedTuple):
    """What of one split of a scope (a source, all sources, a version) has a copy in its train split.

    None stands for zero where not everything was looked for; `at_least`: leaking and share are lower bounds; `unit`:
    what is counted (occurrences, pictures, photographs).
    """

    scope: str
    split: str
    pictures: int
    exact: int
    near: int | None
    transformed: int | None
    leaking: int | None
    share: float | None
    classes: tuple[ClassLeak, ...]
    at_least: bool
    unit: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Samples or duplicate groups (`where`) with contradicting given labels; confusions: label, label, how many.

    `counted_before`: of the groups, those that hold one of the contradicting samples.
    """

    where: str
    count: int
    occurrences: int
    counted_before: int
    confusions: tuple[tuple[str, str, int], ...]


class Doubt(NamedTuple):
    """Doubtful pairs; those across splits; val and test pictures with nothing but a doubtful copy in train."""

    pairs: int
    across: int
    pictures: int


class Ceiling(NamedTuple):
    """How far two panels of annotators agree on the pictures (pairs of clear votes) that both saw."""

    source: str
    panel: str
    clear: int
    agreement: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit measured.

    Attributes:
        leaks: scope by scope, each for val and test together and for either.
        conflicts: within identical pictures, and within duplicate groups once they are known.
        disagreements: of labellers who label the same samples.
        ceilings: panel by panel.
        findings: in plain words; (attention or note, sentence).
        search: what the last duplicate search covered.
        doubt: what it left to people.
    """

    leaks: tuple[Leak, ...]
    conflicts: tuple[Conflict, ...]
    disagreements: tuple[Disagreement, ...]
    ceilings: tuple[Ceiling, ...]
    findings: tuple[tuple[str, str], ...]
    search: SearchCoverage
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class Reviews:
    """The log of decisions at a glance; tables are lists of rows, column -> value.

    Attributes:
        decisions: lines of the log.
        disputed: pictures on which reviewers are divided.
        fleiss: Fleiss' kappa in words.
    """

    decisions: int
    disputed: int
    reviewers: Sequence[Mapping[str, Any]]
    consistency: Sequence[Mapping[str, Any]]
    agreement: Sequence[Mapping[str, Any]]
    confusions: Sequence[Mapping[str, Any]]
    fleiss: str


class Standing(NamedTuple):
    """One line of the leaderboard; a source of None stands for all, and `part` is what was scored."""

    rank: int
    version: str
    recipe: str
    protocol: str
    source: str | None
    leaks: bool
    part: str
    pictures: int
    seeds: int
    not_sealed: int
    accuracy: Interval
    macro_f1: Interval
    balanced_accuracy: Interval


class Comparison(NamedTuple):
    """Versions a and b under one recipe: the conclusion, and the differences b minus a."""

    a: str
    b: str
    recipe: str
    sentence: str
    accuracy: Interval
    macro_f1: Interval


class Epoch(NamedTuple):
    """One pass over the training pictures; None = there was no stopping set."""

    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a report cannot read from the version itself.

    Attributes:
        mean_interval: mean of (N,) independent runs and its 95 % interval.
        released: the audit of the version by what is known today; None = not made.
        delivered: the audit of the sources as they were delivered; None = not made.
        reviews: None = the log cannot be read here.
        standings: the leaderboard, in its order.
        damaged_scores: names of scores of the version that are damaged, and left out everywhere.
        histories: name of a score -> its epochs, where they are kept here.
        comparisons: with the parent, recipe by recipe.
        not_compared: why there is none; empty = there is, or nothing to compare with.
        deliveries: source -> what `curate ingest` was given, folders left out.
    """

    mean_interval: Callable[[np.ndarray], Interval]
    released: Audit | None = None
    delivered: Audit | None = None
    reviews: Reviews | None = None
    standings: tuple[Standing, ...] = ()
    damaged_scores: tuple[str, ...] = ()
    histories: Mapping[str, tuple[Epoch, ...]] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    not_compared: str = ""
    deliveries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
