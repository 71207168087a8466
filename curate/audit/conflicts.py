"""Labels that contradict each other: within a picture, within a duplicate group, and between labellers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np

from curate.audit.dataset import Facts, Occurrences, Samples
from curate.audit.values import LabelConflict
from curate.emotions import LABELS
from curate.labellers import Disagreement, Labeller, compare_labellers, most_frequent
from curate.labels import UNRESOLVED, plurality

__all__ = ["find_conflicts", "find_disagreements"]

_EXAMPLES, _CONFUSIONS = 5, 5


def find_conflicts(samples: Samples, occurrences: Occurrences, *, grouped: bool) -> tuple[LabelConflict, ...]:
    """Given labels that contradict each other within a sample, and within a duplicate group.

    Args:
        samples: all of the workspace.
        occurrences: those audited.
        grouped: whether duplicate groups are known.
    """
    ids, group = samples.sample_id, samples.group
    single, inside = _find_conflict("identical pictures", occurrences, np.arange(len(ids)), ids)
    if not grouped:
        return (single,)
    several = np.bincount(group, minlength=len(ids))[group] > 1
    within = occurrences.where(several[occurrences.sample])
    whole, groups = _find_conflict("duplicate groups", within, group, ids)
    return single, replace(whole, counted_before=len(np.intersect1d(groups, group[inside])))


def _find_conflict(
    where: Literal["identical pictures", "duplicate groups"],
    occurrences: Occurrences,
    unit: np.ndarray,
    sample_id: list[str],
) -> tuple[LabelConflict, np.ndarray]:
    """Units that hold more than one given label, and which these are.

    Args:
        where: what the units are.
        occurrences: those audited.
        unit: (S,) int64 by sample: the sample itself, or the first sample of its group.
        sample_id: by sample.
    """
    given = occurrences.given != UNRESOLVED
    counts = np.zeros((len(sample_id), len(LABELS)), np.int64)
    np.add.at(counts, (unit[occurrences.sample[given]], occurrences.given[given]), 1)
    torn = np.flatnonzero((counts > 0).sum(axis=1) > 1)
    together = (counts[torn] > 0).astype(np.int64)
    examples = [(sample_id[number], _named(counts[number])) for number in torn[:_EXAMPLES]]
    both = np.triu(together.T @ together, k=1)
    return LabelConflict(where, len(torn), int(counts[torn].sum()), most_frequent(both), tuple(examples)), torn


def find_disagreements(facts: Facts, source: str | None) -> tuple[Disagreement, ...]:
    """Labellers that share samples, with their most frequent confusions.

    Args:
        facts: the workspace.
        source: only those that involve it; None = all.
    """
    compared = compare_labellers([*_sources(facts), *_panels(facts)], source=source)
    return tuple(replace(each, confusions=each.confusions[:_CONFUSIONS]) for each in compared)


def _sources(facts: Facts) -> Iterator[Labeller]:
    own = facts.occurrences
    for number, name in enumerate(facts.sources):
        chosen = (own.source == number) & (own.given != UNRESOLVED)
        if chosen.any():
            counts = np.zeros((len(facts.samples.sample_id), len(LABELS)), np.int64)
            np.add.at(counts, (own.sample[chosen], own.given[chosen]), 1)
            yield Labeller(name, name, None, plurality(counts))


def _panels(facts: Facts) -> Iterator[Labeller]:
    own, votes = facts.occurrences, facts.votes
    order = np.argsort(own.number)
    place = order[np.searchsorted(own.number, votes.occurrence, sorter=order)]
    for number, name in enumerate(facts.sources):
        for panel in np.unique(votes.panel[own.source[place] == number]).tolist():
            chosen = (own.source[place] == number) & (votes.panel == panel)
            counts = np.zeros((len(facts.samples.sample_id), len(LABELS)), np.int64)
            np.add.at(counts, own.sample[place[chosen]], votes.counts[chosen])
            yield Labeller(f"{name} votes {panel}", name, panel, plurality(counts))


def _named(counts: np.ndarray) -> str:
    return ", ".join(name for name, count in zip(LABELS, counts, strict=True) if count)
