"""Copies, subjects and sequences that lie in several official splits. Splits are counted per occurrence."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from curate.audit.facts import NO_SPLIT, Occurrences, Samples
from curate.audit.report import ALL_SOURCES, ClassLeak, Leak, Straddling
from curate.emotions import LABELS
from curate.sample import OFFICIAL_SPLITS

__all__ = ["find_leaks", "find_straddling"]

_TRAIN, _VAL, _TEST = (OFFICIAL_SPLITS.index(name) for name in ("train", "val", "test"))
_TEST_LIKE = {"val+test": (_VAL, _TEST), "val": (_VAL,), "test": (_TEST,)}
_EXAMPLES = 5


def find_leaks(samples: Samples, occurrences: Occurrences, sources: list[str], *, searched: bool) -> tuple[Leak, ...]:
    """Pictures of the official val and test splits with a copy in the official train split.

    Args:
        samples: all of the workspace.
        occurrences: those audited.
        sources: their names by number.
        searched: whether duplicate groups are known.

    Returns:
        One for each source with a train split and val or test pictures, then one over all sources if there are several;
        each for val and test together, and for both alone if it has both.
    """
    scopes = {
        sources[number]: occurrences.where(occurrences.source == number) for number in np.unique(occurrences.source)
    }
    with_split = np.unique(occurrences.source[occurrences.split != NO_SPLIT])
    if len(with_split) > 1:
        scopes[ALL_SOURCES] = occurrences
    return tuple(
        leak for scope, own in scopes.items() for leak in _leaks_of_scope(scope, samples, own, searched=searched)
    )


def find_straddling(occurrences: Occurrences, kind: Literal["subject", "sequence"], names: list[str]) -> Straddling:
    """Subjects or sequences in more than one official split."""
    key = occurrences.subject if kind == "subject" else occurrences.sequence
    placed = (key >= 0) & (occurrences.split != NO_SPLIT)
    inside = np.zeros((len(names), len(OFFICIAL_SPLITS)), np.int64)
    np.add.at(inside, (key[placed], occurrences.split[placed]), 1)
    several = np.flatnonzero((inside > 0).sum(axis=1) > 1)
    examples = sorted((names[number], _named(inside[number])) for number in several)[:_EXAMPLES]
    known = int(inside.any(axis=1).sum())
    return Straddling(kind, known, len(several), int(inside[several].sum()), tuple(examples))


class _Copies(NamedTuple):
    """What each picture of a scope has in its train split: parallel bool arrays; the first three exclude each other."""

    exact: np.ndarray
    near: np.ndarray
    transformed: np.ndarray
    not_identical: np.ndarray


def _leaks_of_scope(scope: str, samples: Samples, own: Occurrences, *, searched: bool) -> Iterator[Leak]:
    present = set(own.split.tolist())
    if _TRAIN not in present or not present & {_VAL, _TEST}:
        return
    copies = _copies_in_train(samples, own)
    names = _TEST_LIKE if {_VAL, _TEST} <= present else ["val+test"]
    for split in names:
        chosen = np.isin(own.split, _TEST_LIKE[split])
        found = _Copies(*(values[chosen] for values in copies))
        yield _leak(scope, split, found, own.label[chosen], searched=searched)


def _copies_in_train(samples: Samples, own: Occurrences) -> _Copies:
    train = np.zeros(len(samples.group), bool)
    train[own.sample[own.split == _TRAIN]] = True
    in_group = np.bincount(samples.group[train], minlength=len(train))
    in_near = np.bincount(samples.near[train], minlength=len(train))
    at = own.sample
    exact = train[at]
    near = np.logical_not(exact) & (in_near[samples.near[at]] > 0)
    transformed = np.logical_not(exact | near) & (in_group[samples.group[at]] > 0)
    return _Copies(exact, near, transformed, in_group[samples.group[at]] > exact)


def _leak(scope: str, split: str, copies: _Copies, label: np.ndarray, *, searched: bool) -> Leak:
    classes = []
    for code in np.unique(label):
        own = label == code
        exact, near, transformed, leaking = _count(_Copies(*(values[own] for values in copies)), searched=searched)
        name = LABELS[code] if code >= 0 else "none"
        classes.append(ClassLeak(name, int(own.sum()), exact, near, transformed, leaking / int(own.sum())))
    exact, near, transformed, leaking = _count(copies, searched=searched)
    return Leak(
        scope=scope,
        split=split,
        pictures=len(label),
        exact=exact,
        near=near,
        transformed=transformed,
        not_identical=int(copies.not_identical.sum()) if searched else None,
        leaking=leaking,
        share=leaking / len(label),
        classes=tuple(sorted(classes, key=lambda each: (-each.share, each.label))),
    )


def _count(copies: _Copies, *, searched: bool) -> tuple[int, int | None, int | None, int]:
    exact = int(copies.exact.sum())
    if not searched:
        return exact, None, None, exact
    near, transformed = int(copies.near.sum()), int(copies.transformed.sum())
    return exact, near, transformed, exact + near + transformed


def _named(inside: np.ndarray) -> str:
    return ", ".join(name for name, count in zip(OFFICIAL_SPLITS, inside, strict=True) if count)
