"""Labels that contradict each other: within a picture, within a duplicate group, and between labellers."""

from dataclasses import replace
from typing import Literal

import numpy as np

from curate.audit.dataset import Facts, Occurrences, Samples
from curate.audit.values import LabelConflict
from curate.emotions import LABELS
from curate.labellers import Disagreement, compare_labellers, labellers_of, most_frequent
from curate.labels import UNRESOLVED, Ballots, PanelVotes

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
    rows, votes = facts.occurrences, facts.votes
    order = np.argsort(rows.number)
    voted = order[np.searchsorted(rows.number, votes.occurrence, sorter=order)]
    labelled = rows.where(rows.given != UNRESOLVED)
    labellers = labellers_of(
        facts.sources,
        len(facts.samples.sample_id),
        given=Ballots(labelled.sample, labelled.source, labelled.given),
        votes=PanelVotes(rows.sample[voted], rows.source[voted], votes.panel, votes.counts),
    )
    compared = compare_labellers(labellers, source=source)
    return tuple(replace(pair, confusions=pair.confusions[:_CONFUSIONS]) for pair in compared)


def _named(counts: np.ndarray) -> str:
    return ", ".join(name for name, count in zip(LABELS, counts, strict=True) if count)
