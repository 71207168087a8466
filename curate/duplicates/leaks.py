"""What the groups mean for labels and splits: which contradict themselves, and which leak from test to train."""

from dataclasses import dataclass

import numpy as np

from curate.catalog import duplicates, tables
from curate.labels import UNRESOLVED
from curate.leaks import TEST_LIKE, TRAIN, copies_in_train
from curate.resolution import label_codes, split_codes
from curate.workspace import Workspace

__all__ = ["GroupedOccurrences", "Leak", "grouped_occurrences"]


@dataclass(frozen=True, slots=True)
class Leak:
    """How many of a source's official val and test pictures have a copy in its train split.

    Attributes:
        source: whose split.
        tested: its val and test occurrences.
        identical: of these, with pixel-identical copies in train.
        near: of these, with a verified copy of any kind in train, identical ones included.
    """

    source: str
    tested: int
    identical: int
    near: int


@dataclass(frozen=True, slots=True)
class GroupedOccurrences:
    """What groups mean for what was delivered.

    Attributes:
        conflicting: groups of two or more samples whose given labels differ.
        leaks: one for each source with both a train and a val or test split.
    """

    conflicting: int
    leaks: tuple[Leak, ...]


def grouped_occurrences(workspace: Workspace) -> GroupedOccurrences:
    """Count conflicts and leaks of the groups that the last search found."""
    config = workspace.config
    with workspace.catalog() as catalog, catalog.snapshot():
        rows = list(tables.placed_rows(catalog))
        first = duplicates.group_numbers(catalog)
        codes = label_codes(tables.read_raw_labels(catalog), config)
    samples, sources, given, splits = zip(*rows, strict=True) if rows else ((),) * 4
    sample, source = np.array(samples, np.int64), np.array(sources, np.str_)
    label = codes[np.array([row or 0 for row in given], np.int64)]
    split = split_codes(sources, splits, config)
    group = np.arange(max((*samples, *first), default=-1) + 1)
    group[list(first)] = list(first.values())
    labelled = np.isin(sample, list(first)) & (label != UNRESOLVED)
    labels_of_groups = np.unique(np.stack([group[sample[labelled]], label[labelled]]), axis=1)
    conflicting = int((np.bincount(labels_of_groups[0]) > 1).sum())
    leaks = []
    for name in sorted(set(sources)):
        mask = source == name
        tested = np.isin(split[mask], TEST_LIKE["val+test"])
        if tested.any() and (split[mask] == TRAIN).any():
            copies = copies_in_train(sample[mask], split[mask], group=group, near=group)
            identical, any_copy = int(copies.exact[tested].sum()), int(copies.any[tested].sum())
            leaks.append(Leak(name, int(tested.sum()), identical, any_copy))
    return GroupedOccurrences(conflicting, tuple(leaks))
