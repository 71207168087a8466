"""A version seen with today's eyes: its rows and splits, and what is known of copies and people by now."""

from dataclasses import replace

import numpy as np

from curate.audit.facts import Facts, Occurrences
from curate.emotions import LABEL_INDEX
from curate.manifest import Version
from curate.sample import OFFICIAL_SPLITS

__all__ = ["release_facts", "rows_as_occurrences"]


def release_facts(facts: Facts, version: Version) -> Facts:
    """The facts of a workspace, narrowed down to a version's samples, with its labels and splits.

    Augmented rows count as their parent. Samples that the workspace no longer holds are passed over.

    Args:
        facts: of the workspace that holds the version's pictures.
        version: which one.
    """
    split, label = _released(facts, version)
    own = facts.occurrences.where(split[facts.occurrences.sample] >= 0)
    own = replace(own, split=split[own.sample], label=label[own.sample])
    labels = np.where(split >= 0, label, facts.samples.label)
    return replace(facts, samples=replace(facts.samples, label=labels), occurrences=own)


def rows_as_occurrences(facts: Facts, version: Version) -> tuple[Occurrences, list[str]]:
    """One occurrence a row, all of one source, which is the version; and the names of sources."""
    own = facts.occurrences
    order = np.lexsort((own.subject < 0, own.sample))
    _, first = np.unique(own.sample[order], return_index=True)
    rows = own.where(order[first])
    return replace(rows, source=np.zeros(len(first), np.int64)), [version.name]


def _released(facts: Facts, version: Version) -> tuple[np.ndarray, np.ndarray]:
    """Split and label of every sample; -1 where it is no row."""
    split, label = np.full(len(facts.samples.sample_id), -1), np.full(len(facts.samples.sample_id), -1)
    place = {name: number for number, name in enumerate(facts.samples.sample_id)}
    rows = version.table("rows", columns=["sample_id", "parent", "split", "label"])
    for sample_id, parent, its_split, its_label in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        number = place.get(parent or sample_id)
        if number is not None:
            split[number], label[number] = OFFICIAL_SPLITS.index(its_split), LABEL_INDEX[its_label]
    return split, label
