"""Groups of copies as a version recorded them, and the few of them that are worth a look."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from curate.components import connect
from curate.lineage import NOT_COPIES
from curate.report.images import PictureRequest
from curate.report.plots import short

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DrawnGroup", "draw_groups", "group_pictures"]

_OF_EACH, _PICTURES, _LINES = 3, 9, 3


class DrawnGroup(NamedTuple):
    """One group to show."""

    title: str
    pictures: list[PictureRequest]


def group_pictures(edges: "pd.DataFrame") -> list[list[str]]:
    """sample_ids of every group of copies, ordered; groups by their first sample_id.

    Args:
        edges: of `Version.edges`.
    """
    copies = edges[~edges["kind"].isin(NOT_COPIES)]
    ends = copies[["sample_a", "sample_b"]].to_numpy(object)
    names, index = np.unique(ends.astype(str), return_inverse=True)
    component = connect(len(names), index.reshape(-1, 2).astype(np.int64))
    groups: dict[int, list[str]] = {}
    for name, root in zip(names.tolist(), component.tolist(), strict=True):
        groups.setdefault(root, []).append(name)
    return list(groups.values())


def draw_groups(edges: "pd.DataFrame", occurrences: "pd.DataFrame") -> list[DrawnGroup]:
    """Up to three groups with contradicting given labels, three across official splits, and the three largest.

    Args:
        edges: of `Version.edges`.
        occurrences: of `Version.occurrences`.
    """
    groups = group_pictures(edges)
    labels, splits = (_values(occurrences, column) for column in ("given_label", "official_split"))
    taken: set[int] = set()
    drawn = []
    for reason, chosen in _choose(groups, labels, splits):
        for index in islice((index for index in chosen if index not in taken), _OF_EACH):
            taken.add(index)
            drawn.append(_drawn(reason, groups[index], occurrences))
    return drawn


def _values(occurrences: "pd.DataFrame", column: str) -> dict[str, set[str]]:
    """sample_id -> what its occurrences say; nothing where they say nothing."""
    known = occurrences[["sample_id", column]].dropna()
    values: dict[str, set[str]] = {}
    for name, value in zip(known["sample_id"].to_numpy(object), known[column].to_numpy(object), strict=True):
        values.setdefault(name, set()).add(value)
    return values


def _choose(
    groups: list[list[str]], labels: dict[str, set[str]], splits: dict[str, set[str]]
) -> Iterator[tuple[str, list[int]]]:
    def together(group: list[str], of: dict[str, set[str]]) -> set[str]:
        return set().union(*(of.get(name, set()) for name in group))

    indices = range(len(groups))
    yield "given labels contradict each other", [n for n in indices if len(together(groups[n], labels)) > 1]
    yield "in several official splits", [n for n in indices if len(together(groups[n], splits)) > 1]
    yield "among the largest groups", sorted(indices, key=lambda index: -len(groups[index]))


def _drawn(reason: str, group: list[str], occurrences: "pd.DataFrame") -> DrawnGroup:
    shown = group[:_PICTURES]
    of_them = occurrences[occurrences["sample_id"].isin(shown)]
    lines: dict[str, dict[str, None]] = {name: {} for name in shown}
    columns = (of_them[name].fillna("") for name in ("sample_id", "given_label", "source", "official_split"))
    for name, label, source, split in sorted(zip(*columns, strict=True), key=lambda row: not row[1]):
        if label or not lines[name]:
            lines[name][" ".join(filter(None, (label or "no label", short(source), split)))] = None
    kept = set(of_them.loc[of_them["left_out"].isna(), "sample_id"])
    captions = {name: (name[:8], *list(lines[name])[:_LINES], "kept" * (name in kept)) for name in shown}
    pictures = [PictureRequest(name, captions[name]) for name in shown]
    more = f", {_PICTURES} of them shown" if len(group) > _PICTURES else ""
    return DrawnGroup(f"{len(group)} pictures{more}: {reason}", pictures)
