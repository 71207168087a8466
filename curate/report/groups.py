"""Groups of copies as a version recorded them, and the few of them that are worth a look."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from curate.components import connect
from curate.lineage import NOT_COPIES
from curate.report.album import Wanted
from curate.report.plots import short

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DrawnGroup", "draw_groups", "group_pictures"]

_OF_EACH, _PICTURES, _LINES = 3, 9, 3


class DrawnGroup(NamedTuple):
    """One group to show."""

    title: str
    pictures: list[Wanted]


def group_pictures(edges: "pd.DataFrame") -> list[list[str]]:
    """sample_ids of every group of copies, ordered; groups by their first sample_id.

    Args:
        edges: of `Version.edges`.
    """
    copies = edges[~edges["kind"].isin(NOT_COPIES)]
    ends = copies[["sample_a", "sample_b"]].to_numpy(object)
    names, place = np.unique(ends.astype(str), return_inverse=True)
    component = connect(len(names), place.reshape(-1, 2).astype(np.int64))
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
        for number in islice((each for each in chosen if each not in taken), _OF_EACH):
            taken.add(number)
            drawn.append(_drawn(reason, groups[number], occurrences))
    return drawn


def _values(occurrences: "pd.DataFrame", column: str) -> dict[str, set[str]]:
    """sample_id -> what its occurrences say; nothing where they say nothing."""
    told = occurrences[["sample_id", column]].dropna()
    found: dict[str, set[str]] = {}
    for name, value in zip(told["sample_id"].to_numpy(object), told[column].to_numpy(object), strict=True):
        found.setdefault(name, set()).add(value)
    return found


def _choose(
    groups: list[list[str]], labels: dict[str, set[str]], splits: dict[str, set[str]]
) -> Iterator[tuple[str, list[int]]]:
    def together(group: list[str], of: dict[str, set[str]]) -> set[str]:
        return set().union(*(of.get(name, set()) for name in group))

    numbers = range(len(groups))
    yield "given labels contradict each other", [n for n in numbers if len(together(groups[n], labels)) > 1]
    yield "in several official splits", [n for n in numbers if len(together(groups[n], splits)) > 1]
    yield "among the largest groups", sorted(numbers, key=lambda number: -len(groups[number]))


def _drawn(reason: str, group: list[str], occurrences: "pd.DataFrame") -> DrawnGroup:
    shown = group[:_PICTURES]
    own = occurrences[occurrences["sample_id"].isin(shown)]
    lines: dict[str, dict[str, None]] = {name: {} for name in shown}
    columns = (own[name].fillna("") for name in ("sample_id", "given_label", "source", "official_split"))
    for name, label, source, split in sorted(zip(*columns, strict=True), key=lambda place: not place[1]):
        if label or not lines[name]:
            lines[name][" ".join(filter(None, (label or "no label", short(source), split)))] = None
    held = set(own.loc[own["left_out"].isna(), "sample_id"])
    pictures = [Wanted(name, (name[:8], *list(lines[name])[:_LINES], "kept" * (name in held))) for name in shown]
    more = f", {_PICTURES} of them shown" if len(group) > _PICTURES else ""
    return DrawnGroup(f"{len(group)} pictures{more}: {reason}", pictures)
