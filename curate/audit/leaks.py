"""Copies, subjects and sequences that lie in several official splits.

Of one source every occurrence counts, as its split was delivered. Over all sources each photograph counts once, because
sources that deliver the same photographs would else be added up.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from curate.audit.dataset import Occurrences, Samples
from curate.audit.values import ALL_SOURCES, ClassLeak, SplitLeak, SplitOverlap
from curate.emotions import LABELS
from curate.leaks import NO_SPLIT, TEST_LIKE, TRAIN, TrainCopies, copies_in_train
from curate.sample import OFFICIAL_SPLITS

__all__ = ["Looked", "find_leaks", "find_split_overlaps"]

_EXAMPLES = 5


class Looked(NamedTuple):
    """What was looked for.

    Attributes:
        complete: a duplicate search covered all samples.
        overlooked: scopes with pictures that look processed in a way that the search does not look for.
    """

    complete: bool
    overlooked: frozenset[str] = frozenset()


def find_leaks(
    samples: Samples, occurrences: Occurrences, sources: list[str], *, looked: Looked
) -> tuple[SplitLeak, ...]:
    """What of the official val and test splits has a copy in the official train split.

    Args:
        samples: all of the workspace.
        occurrences: those audited.
        sources: their names by number.
        looked: what the figures can be trusted for.

    Returns:
        One for each source with a train split and val or test occurrences, then one over the photographs of all sources
        if there are several; each for val and test together, and for both alone if it has both.
    """
    leaks: list[SplitLeak] = []
    alone = np.zeros(len(samples.group), bool)
    for number in np.unique(occurrences.source):
        rows = occurrences.where(occurrences.source == number)
        table = _OccurrenceTable(rows.split, rows.label, _copies_of(samples, rows))
        alone[samples.group[rows.sample[np.isin(rows.split, TEST_LIKE["val+test"]) & table.copies.any]]] = True
        leaks += _leaks_of_scope(sources[number], table, looked)
    if len(np.unique(occurrences.source[occurrences.split != NO_SPLIT])) > 1:
        photographs, table = _as_photographs(samples, occurrences)
        across = table.copies.any & np.logical_not(alone[photographs])
        for leak in _leaks_of_scope(ALL_SOURCES, table, looked):
            chosen = np.isin(table.split, TEST_LIKE[leak.split])
            leaks.append(replace(leak, unit="photographs", across=int(across[chosen].sum())))
    return tuple(leaks)


def find_split_overlaps(
    occurrences: Occurrences, kind: Literal["subject", "sequence"], names: list[str]
) -> SplitOverlap:
    """Subjects or sequences in more than one official split."""
    key = occurrences.subject if kind == "subject" else occurrences.sequence
    placed = (key >= 0) & (occurrences.split != NO_SPLIT)
    inside = np.zeros((len(names), len(OFFICIAL_SPLITS)), np.int64)
    np.add.at(inside, (key[placed], occurrences.split[placed]), 1)
    several = np.flatnonzero((inside > 0).sum(axis=1) > 1)
    examples = sorted((names[number], _named(inside[number])) for number in several)[:_EXAMPLES]
    known = int(inside.any(axis=1).sum())
    return SplitOverlap(kind, known, len(several), int(inside[several].sum()), tuple(examples))


class _OccurrenceTable(NamedTuple):
    """What is counted, occurrences or photographs: split, label, and copies of each."""

    split: np.ndarray
    label: np.ndarray
    copies: TrainCopies


def _as_photographs(samples: Samples, occurrences: Occurrences) -> tuple[np.ndarray, _OccurrenceTable]:
    """The groups that have a split, and each once: in its highest split, with its closest copy and a resolved label."""
    copies = _copies_of(samples, occurrences)
    placed = np.flatnonzero(occurrences.split != NO_SPLIT)
    placed = placed[np.lexsort((occurrences.sample[placed], -occurrences.split[placed]))]
    photographs, first, which = np.unique(
        samples.group[occurrences.sample[placed]], return_index=True, return_inverse=True
    )
    # A copy counts where the photograph is tested, not where it is trained on.
    tested = occurrences.split[placed] != TRAIN

    def found(values: np.ndarray) -> np.ndarray:
        return np.bincount(which[values[placed] & tested], minlength=len(photographs)) > 0

    exact, near = found(copies.exact), found(copies.near)
    closest = TrainCopies(
        exact,
        near & ~exact,
        found(copies.transformed) & ~(exact | near),
        found(copies.not_identical),
    )
    return photographs, _OccurrenceTable(
        occurrences.split[placed[first]], samples.label[occurrences.sample[placed[first]]], closest
    )


def _leaks_of_scope(scope: str, table: _OccurrenceTable, looked: Looked) -> Iterator[SplitLeak]:
    present = set(table.split.tolist())
    # Photographs stand in their highest split alone: one that is trained on shows as a copy.
    if not present & {*TEST_LIKE["val+test"]} or not (TRAIN in present or table.copies.any.any()):
        return
    exhaustive = looked.complete and scope not in looked.overlooked
    for split in TEST_LIKE if {*TEST_LIKE["val+test"]} <= present else ["val+test"]:
        chosen = np.isin(table.split, TEST_LIKE[split])
        copies = TrainCopies(*(values[chosen] for values in table.copies))
        yield _leak((scope, split), copies, table.label[chosen], looked, exhaustive=exhaustive)


def _copies_of(samples: Samples, occurrences: Occurrences) -> TrainCopies:
    return copies_in_train(occurrences.sample, occurrences.split, group=samples.group, near=samples.near)


def _leak(
    place: tuple[str, str], copies: TrainCopies, label: np.ndarray, looked: Looked, *, exhaustive: bool
) -> SplitLeak:
    """Of one scope and split."""
    classes = []
    for code in np.unique(label):
        counts = _Counts.of(TrainCopies(*(values[label == code] for values in copies)), looked, exhaustive=exhaustive)
        name, pictures = LABELS[code] if code >= 0 else "none", int((label == code).sum())
        share = None if counts.leaking is None else counts.leaking / pictures
        classes.append(ClassLeak(name, pictures, counts.exact, counts.near, counts.transformed, share))
    counts = _Counts.of(copies, looked, exhaustive=exhaustive)
    return SplitLeak(
        *place,
        pictures=len(label),
        exact=counts.exact,
        near=counts.near,
        transformed=counts.transformed,
        not_identical=_looked_for(copies.not_identical, looked),
        leaking=counts.leaking,
        share=None if counts.leaking is None else counts.leaking / len(label),
        classes=tuple(sorted(classes, key=lambda each: (-(each.share or 0), each.label))),
        at_least=not exhaustive,
    )


class _Counts(NamedTuple):
    """Counts of a `SplitLeak`."""

    exact: int
    near: int | None
    transformed: int | None
    leaking: int | None

    @classmethod
    def of(cls, copies: TrainCopies, looked: Looked, *, exhaustive: bool) -> "_Counts":
        """None stands for zero where not everything was looked for."""
        leaking = int(copies.any.sum())
        near, transformed = (_looked_for(values, looked) for values in (copies.near, copies.transformed))
        return cls(int(copies.exact.sum()), near, transformed, leaking if leaking or exhaustive else None)


def _looked_for(found: np.ndarray, looked: Looked) -> int | None:
    count = int(found.sum())
    return count if count or looked.complete else None


def _named(inside: np.ndarray) -> str:
    return ", ".join(name for name, count in zip(OFFICIAL_SPLITS, inside, strict=True) if count)
