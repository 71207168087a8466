"""A version re-evaluated with current evidence: its rows and splits, and what is known of copies and people by now."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from curate.audit.dataset import Facts, Occurrences
from curate.audit.values import Gone
from curate.emotions import LABEL_INDEX
from curate.labels import UNRESOLVED
from curate.manifest import Version
from curate.sample import OFFICIAL_SPLITS

__all__ = ["count_gone", "original_ids", "release_facts", "rows_as_occurrences", "with_gone"]


def original_ids(version: Version) -> list[str]:
    """The sample_ids of a version's rows; those of their parents for augmented ones."""
    rows = version.table("rows", columns=["sample_id", "parent"])
    names, parents = (column.to_pylist() for column in rows.columns)
    return sorted({parent or name for name, parent in zip(names, parents, strict=True)})


def release_facts(facts: Facts, version: Version) -> Facts:
    """The facts of a workspace, narrowed down to a version's samples, with its labels and splits.

    Augmented rows count as their parent. Samples that the workspace no longer holds are passed over.

    Args:
        facts: of the workspace that holds the version's pictures.
        version: which one.
    """
    split, label = _released(facts, version)
    rows = facts.occurrences.where(split[facts.occurrences.sample] >= 0)
    rows = replace(rows, split=split[rows.sample], label=label[rows.sample])
    labels = np.where(split >= 0, label, facts.samples.label)
    return replace(facts, samples=replace(facts.samples, label=labels), occurrences=rows)


def with_gone(facts: Facts, version: Version) -> Facts:
    """Facts of a release, with the occurrences of those of its rows that no source delivers any more, as it knew them.

    These have no given labels, no source, and no row ids in the catalog (all -1, or none).

    Args:
        facts: as `release_facts` narrowed them down, of all of the version's rows.
        version: which one.
    """
    split, label = _released(facts, version)
    delivered = np.zeros(len(split), bool)
    delivered[facts.occurrences.sample] = True
    index = {name: number for number, name in enumerate(facts.samples.sample_id)}
    table = version.table("occurrences", columns=["sample_id", "subject", "sequence"])
    names, *keys = (column.to_pylist() for column in table.columns)
    every = np.array([index.get(name, -1) for name in names], np.int64)
    known_rows = np.flatnonzero(every >= 0)
    lost = known_rows[(split[every[known_rows]] >= 0) & ~delivered[every[known_rows]]]
    sample = every[lost]
    (subjects, subject), (sequences, sequence) = (
        _more_codes(known, [column[row] for row in lost])
        for column, known in zip(keys, (facts.subjects, facts.sequences), strict=True)
    )
    none = np.full(len(sample), -1)
    undelivered = Occurrences(
        number=none,
        sample=sample,
        source=none,
        given_id=none + 1,
        given=np.full(len(sample), UNRESOLVED),
        label=label[sample],
        split=split[sample],
        subject=subject,
        sequence=sequence,
    )
    joined = (
        np.concatenate([getattr(part, name) for part in (facts.occurrences, undelivered)])
        for name in undelivered.__slots__
    )
    return replace(facts, occurrences=Occurrences(*joined), subjects=subjects, sequences=sequences)


def count_gone(facts: Facts, names: Collection[str], fenced: Collection[str], *, covered: bool) -> Gone:
    """Of the rows of a version, those that no source delivers any more.

    Args:
        facts: of the release, without what is gone.
        names: sample_ids of the rows.
        fenced: those that a search compares although no source delivers them.
        covered: the last search did.
    """
    held = set(facts.samples.sample_id)
    active = {facts.samples.sample_id[number] for number in np.unique(facts.occurrences.sample).tolist()}
    gone = set(names) - active
    compared = len(gone.intersection(fenced))
    return Gone(len(gone), compared * covered, compared * (not covered), len(gone - held))


def _more_codes(names: list[str], values: list[str | None]) -> tuple[list[str], np.ndarray]:
    """Names with those of `values` that are new, and the number of each value among them; -1 for None."""
    every = [*names, *sorted({value for value in values if value is not None}.difference(names))]
    code = {name: number for number, name in enumerate(every)}
    return every, np.array([-1 if value is None else code[value] for value in values], np.int64)


def rows_as_occurrences(facts: Facts, version: Version) -> tuple[Occurrences, list[str]]:
    """One occurrence a row, all of one source, which is the version; and the names of sources."""
    occurrences = facts.occurrences
    order = np.lexsort((occurrences.subject < 0, occurrences.sample))
    _, first = np.unique(occurrences.sample[order], return_index=True)
    rows = occurrences.where(order[first])
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
