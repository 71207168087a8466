"""What the groups mean for labels and splits: which contradict themselves, and which leak from test to train."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GroupedOccurrences", "Leak", "find_leaks", "grouped_occurrences"]

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
    """Groups seen through what was delivered.

    Attributes:
        conflicting: groups of two or more samples whose given labels differ.
        leaks: one for each source with both a train and a val or test split.
    """

    conflicting: int
    leaks: tuple[Leak, ...]


def grouped_occurrences(workspace: Workspace) -> GroupedOccurrences:
    """Count conflicts and leaks of the groups that the last search found."""
    table = workspace.occurrences()[["sample_id", "source", "given_label", "official_split"]]
    groups = workspace.groups()
    by_sample = dict(zip(groups["sample_id"], groups["group_id"], strict=True))
    table["photograph"] = [by_sample.get(sample_id, sample_id) for sample_id in table["sample_id"]]
    grouped = table[table["sample_id"].isin(groups["sample_id"])]
    labels = grouped.groupby("photograph")["given_label"].nunique()
    return GroupedOccurrences(int((labels > 1).sum()), find_leaks(table))


def find_leaks(table: "pd.DataFrame") -> tuple[Leak, ...]:
    """Leaks per source.

    Args:
        table: one row per occurrence; sample_id, source, official_split, and photograph (group_id, or sample_id where
            there is none).
    """
    leaks = []
    for source, rows in table.groupby("source"):
        train = rows[rows["official_split"] == "train"]
        tested = rows[rows["official_split"].isin(_TEST_LIKE)]
        if len(train) and len(tested):
            identical = int(tested["sample_id"].isin(train["sample_id"]).sum())
            near = int(tested["photograph"].isin(train["photograph"]).sum())
            leaks.append(Leak(str(source), len(tested), identical, near))
    return tuple(leaks)
