"""Labels that contradict each other: within a picture, within a duplicate group, and between labellers."""

from collections.abc import Iterator
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np

from curate.audit.facts import Facts, Occurrences
from curate.audit.report import Conflict, Disagreement
from curate.emotions import LABELS
from curate.labels import OPEN, plurality

__all__ = ["find_conflict", "find_disagreements"]

_EXAMPLES, _CONFUSIONS = 5, 5


def find_conflict(
    where: Literal["identical pictures", "duplicate groups"],
    occurrences: Occurrences,
    unit: np.ndarray,
    sample_id: list[str],
) -> Conflict:
    """Units that hold more than one given label.

    Args:
        where: what the units are.
        occurrences: those audited.
        unit: (S,) int64 by sample: the sample itself, or the first sample of its group.
        sample_id: by sample.
    """
    given = occurrences.given != OPEN
    counts = np.zeros((len(sample_id), len(LABELS)), np.int64)
    np.add.at(counts, (unit[occurrences.sample[given]], occurrences.given[given]), 1)
    torn = np.flatnonzero((counts > 0).sum(axis=1) > 1)
    together = (counts[torn] > 0).astype(np.int64)
    examples = [(sample_id[number], _named(counts[number])) for number in torn[:_EXAMPLES]]
    both = np.triu(together.T @ together, k=1)
    return Conflict(where, len(torn), int(counts[torn].sum()), _most_frequent(both), tuple(examples))


class _Labeller(NamedTuple):
    """A source, or a panel of one: label by sample, index into `LABELS` or `OPEN`."""

    name: str
    source: str
    panel: str | None
    label: np.ndarray


def find_disagreements(facts: Facts, source: str | None) -> tuple[Disagreement, ...]:
    """Every two labellers that share samples; two panels of one source are no labellers of their own.

    Args:
        facts: the workspace.
        source: only those that involve it; None = all.
    """
    found = []
    for a, b in combinations([*_sources(facts), *_panels(facts)], 2):
        wanted = source is None or source in (a.source, b.source)
        if wanted and (a.source != b.source or a.panel is None):
            found.append(_compare(a, b))
    return tuple(each for each in found if each.shared)


def _sources(facts: Facts) -> Iterator[_Labeller]:
    own = facts.occurrences
    for number, name in enumerate(facts.sources):
        chosen = (own.source == number) & (own.given != OPEN)
        if chosen.any():
            counts = np.zeros((len(facts.samples.sample_id), len(LABELS)), np.int64)
            np.add.at(counts, (own.sample[chosen], own.given[chosen]), 1)
            yield _Labeller(name, name, None, plurality(counts))


def _panels(facts: Facts) -> Iterator[_Labeller]:
    own, votes = facts.occurrences, facts.votes
    order = np.argsort(own.number)
    place = order[np.searchsorted(own.number, votes.occurrence, sorter=order)]
    for number, name in enumerate(facts.sources):
        for panel in np.unique(votes.panel[own.source[place] == number]).tolist():
            chosen = (own.source[place] == number) & (votes.panel == panel)
            counts = np.zeros((len(facts.samples.sample_id), len(LABELS)), np.int64)
            np.add.at(counts, own.sample[place[chosen]], votes.counts[chosen])
            yield _Labeller(f"{name} votes {panel}", name, panel, plurality(counts))


def _compare(a: _Labeller, b: _Labeller) -> Disagreement:
    both = (a.label != OPEN) & (b.label != OPEN)
    confusion = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(confusion, (a.label[both], b.label[both]), 1)
    agreed, shared = int(np.trace(confusion)), int(both.sum())
    np.fill_diagonal(confusion, 0)
    return Disagreement(a.name, b.name, shared, agreed / max(shared, 1), _most_frequent(confusion)[:_CONFUSIONS])


def _most_frequent(confusion: np.ndarray) -> tuple[tuple[str, str, int], ...]:
    order = np.argsort(-confusion, axis=None, kind="stable")[: int((confusion > 0).sum())]
    rows, columns = np.unravel_index(order, confusion.shape)
    return tuple((LABELS[i], LABELS[j], int(confusion[i, j])) for i, j in zip(rows, columns, strict=True))


def _named(counts: np.ndarray) -> str:
    return ", ".join(name for name, count in zip(LABELS, counts, strict=True) if count)
