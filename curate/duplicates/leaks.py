"""What the groups mean for labels and splits: which contradict themselves, and which leak from test to train."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from curate.catalog import duplicates, tables
from curate.resolution import canonical_labels
from curate.sample import official_split
from curate.workspace import Workspace

__all__ = ["GroupedOccurrences", "Leak", "grouped_occurrences"]

_TEST_LIKE = ("val", "test")


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
        givens = tables.read_raw_labels(catalog)
    label_of = dict(zip(givens.id, canonical_labels(givens, config), strict=True))
    split_of = {
        (source, name): official_split(name, dict(config.splits.get(source, {})))
        for source, name in {(source, name) for _, source, _, name in rows}
    }
    labels: defaultdict[int, set[str]] = defaultdict(set)
    placed: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    for sample, source, given, name in rows:
        label = None if given is None else label_of.get(given)
        if sample in first and label is not None:
            labels[first[sample]].add(label)
        placed[source, split_of[source, name]].append(sample)
    conflicting = sum(len(names) > 1 for names in labels.values())
    return GroupedOccurrences(conflicting, _find_leaks(placed, first))


def _find_leaks(placed: Mapping[tuple[str, str | None], list[int]], first: Mapping[int, int]) -> tuple[Leak, ...]:
    """Leaks per source, from the samples in each of its splits and the first member of every sample's group."""
    leaks = []
    for source in sorted({source for source, _ in placed}):
        train = set(placed.get((source, "train"), ()))
        tested = [sample for split in _TEST_LIKE for sample in placed.get((source, split), ())]
        if train and tested:
            photographs = {first.get(sample, sample) for sample in train}
            identical = sum(sample in train for sample in tested)
            near = sum(first.get(sample, sample) in photographs for sample in tested)
            leaks.append(Leak(source, len(tested), identical, near))
    return tuple(leaks)
