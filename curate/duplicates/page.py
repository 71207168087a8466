"""A page that shows groups of duplicates side by side, for a person to look through."""

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from curate.catalog.duplicates import doubt_of
from curate.gallery import Section, Tile, write_gallery
from curate.images import decode, encode_png
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_duplicates_gallery"]


def write_duplicates_gallery(
    workspace: Workspace, path: Path, *, most_groups: int = 1_000, most_doubtful: int = 200
) -> int:
    """Write the groups that the last search found, the largest first, and its doubtful pairs, as one HTML file.

    Where there are more groups than fit, those with conflicting labels or across official splits come before others.

    Each picture carries its given labels, sources and official splits, and its nearest relative in the group with kind
    and similarity; the keeper is marked. Doubtful pairs follow, the most similar first, with the reason for the doubt.
    The file has pages, and filters for conflicting labels, official splits that are crossed, and reasons for doubt.

    Args:
        workspace: whose groups.
        path: the file; one that is there is replaced.
        most_groups: how many groups at the most.
        most_doubtful: how many doubtful pairs at the most of each reason.

    Returns:
        How many groups are shown.

    Raises:
        StorageFull: there is no space for it.
    """
    with workspace.snapshot() as view:
        sections, note, displayed = _lay_out(view, most_groups, most_doubtful)
    write_gallery(path, "Duplicates", sections, note=note)
    return displayed


def _lay_out(view: Workspace, most_groups: int, most_doubtful: int) -> tuple[list[Section], str, int]:
    """The sections of the sheet, what it holds in words, and how many groups."""
    groups, pairs = view.groups(), view.pairs()
    deliveries, nearest = _Deliveries(view.occurrences()), _nearest_duplicates(pairs)
    groups = groups[groups["sample_id"].isin(deliveries.lines)]  # forgotten sources leave members behind
    table = groups.groupby("group_id")["sample_id"].agg(list).rename("members").to_frame()
    table = table[table["members"].map(len) > 1]
    table["tags"] = [deliveries.tags(names) for names in table["members"]]
    table = table.assign(size=table["members"].map(len), tagged=table["tags"].map(bool))
    first = table.sort_values(["tagged", "size"], ascending=False, kind="stable")[:most_groups]
    displayed = first.sort_values("size", ascending=False, kind="stable")
    doubtful = pairs[pairs["verdict"] == "review"].sort_values("similarity", ascending=False, kind="stable")
    looked_at = doubtful[doubtful.groupby(doubtful["reason"].map(doubt_of)).cumcount() < most_doubtful]
    keepers = set(groups["sample_id"][groups["keeper"].astype(bool)])

    def tile(sample_id: str, relative: str = "", mark: str = "") -> Tile:
        """One picture of the sheet."""
        picture = encode_png(decode(view.picture_bytes(sample_id)).pixels)
        lines = (sample_id[:12], *deliveries.lines[sample_id], relative)
        return Tile(picture, lines, mark)

    sections = [
        Section(
            f"{group_id[:12]}: {len(names)} pictures",
            tuple(tile(name, nearest.get(name, ""), "kept" if name in keepers else "") for name in names),
            tags,
        )
        for group_id, names, tags in displayed[["members", "tags"]].itertuples(name=None)
    ]
    for one, two, reason in looked_at[["sample_a", "sample_b", "reason"]].itertuples(index=False):
        tags = (f"doubtful: {doubt_of(reason)}",)
        sections.append(Section(f"doubtful: {reason}", (tile(one), tile(two)), tags))
    note = (
        f"{len(displayed):,} of {len(table):,} groups, the largest first, then {len(looked_at):,} of {len(doubtful):,} "
        "doubtful pairs. The pictures are those of your own datasets."
    )
    return sections, note, len(displayed)


class _Deliveries:
    """Where samples were found.

    Attributes:
        lines: sample_id -> label, source, split and key of each delivery, one line each.
        labels: sample_id -> labels that it was given.
        splits: sample_id -> official splits that it was delivered in.
    """

    def __init__(self, occurrences: "pd.DataFrame") -> None:
        self.lines: defaultdict[str, list[str]] = defaultdict(list)
        self.labels: defaultdict[str, set[str]] = defaultdict(set)
        self.splits: defaultdict[str, set[str]] = defaultdict(set)
        names = ("sample_id", "given_label", "source", "official_split", "key")
        columns = (occurrences[name].fillna("").tolist() for name in names)
        for sample_id, label, source, split, key in zip(*columns, strict=True):
            self.lines[sample_id].append(" ".join(filter(None, (label or "no label", source, split, key))))
            self.labels[sample_id] |= {label} - {""}
            self.splits[sample_id] |= {split} - {""}

    def tags(self, sample_ids: list[str]) -> tuple[str, ...]:
        """What is the matter with pictures of one photograph."""
        facts = {"conflicting labels": self.labels, "across official splits": self.splits}
        return tuple(tag for tag, of in facts.items() if len(set().union(*(of[name] for name in sample_ids))) > 1)


def _nearest_duplicates(pairs: "pd.DataFrame") -> dict[str, str]:
    """For each sample its most similar duplicate, in words, from `Workspace.pairs`."""
    verified = pairs[pairs["verdict"] == "duplicate"].sort_values("similarity", kind="stable")
    nearest: dict[str, str] = {}
    for one, two, kind, similarity in verified[["sample_a", "sample_b", "kind", "similarity"]].itertuples(index=False):
        nearest[one] = f"{kind} of {two[:12]}, {similarity:.3f}"
        nearest[two] = f"{kind} of {one[:12]}, {similarity:.3f}"
    return nearest
