"""A page that shows groups of duplicates side by side, for a person to look through."""

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from curate.gallery import Section, Tile, write_gallery
from curate.images import decode, encode_png
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_sheet"]


def write_sheet(workspace: Workspace, path: Path, *, most_groups: int = 1_000, most_doubtful: int = 200) -> int:
    """Write the groups that the last search found, the largest first, and its doubtful pairs, as one HTML file.

    Each picture carries its given labels, sources and official splits, and its nearest relative in the group with kind
    and similarity; the keeper is marked. Doubtful pairs follow, the most similar first, with the reason for the doubt.

    Args:
        workspace: whose groups.
        path: the file; one that is there is replaced.
        most_groups: how many groups at the most.
        most_doubtful: how many doubtful pairs at the most.

    Returns:
        How many groups are shown.

    Raises:
        StorageFull: there is no space for it.
    """
    groups, pairs = workspace.groups(), workspace.pairs()
    sizes = groups.groupby("group_id").size().sort_values(ascending=False, kind="stable")
    shown = sizes.index[:most_groups]
    doubtful = pairs[pairs["verdict"] == "review"].sort_values("similarity", ascending=False, kind="stable")
    looked_at = doubtful[:most_doubtful]
    places = _places(workspace)
    kin = _nearest_kin(pairs)

    def tile(sample_id: str, *, relative: str = "", mark: str = "") -> Tile:
        """One picture of the sheet."""
        picture = encode_png(decode(workspace.picture_bytes(sample_id)).pixels)
        return Tile(picture, (sample_id[:12], *places.get(sample_id, ("retired",)), relative), mark)

    sections = []
    members = groups[groups["group_id"].isin(shown)].groupby("group_id")
    for group_id in shown:
        rows = members.get_group(group_id)
        tiles = tuple(
            tile(sample_id, relative=kin.get(sample_id, ""), mark="kept" if keeper else "")
            for sample_id, keeper in zip(rows["sample_id"], rows["keeper"], strict=True)
        )
        sections.append(Section(f"{group_id[:12]}: {len(tiles)} pictures", tiles))
    for one, two, reason in looked_at[["sample_a", "sample_b", "reason"]].itertuples(index=False):
        sections.append(Section(f"doubtful: {reason}", (tile(one), tile(two))))
    note = (
        f"{len(shown):,} of {len(sizes):,} groups, the largest first, then {len(looked_at):,} of {len(doubtful):,} "
        "doubtful pairs. The pictures are those of your own datasets."
    )
    write_gallery(path, "Duplicates", sections, note=note)
    return len(shown)


def _places(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """Where each sample was found, with label and split, one line a place."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    table = workspace.occurrences()
    columns = (table[name].fillna("") for name in ("sample_id", "given_label", "source", "official_split", "key"))
    for sample_id, label, source, split, key in zip(*columns, strict=True):
        lines[sample_id].append(" ".join(filter(None, (label or "no label", source, split, key))))
    return {sample_id: tuple(found) for sample_id, found in lines.items()}


def _nearest_kin(pairs: "pd.DataFrame") -> dict[str, str]:
    """For each sample its most similar duplicate, in words, from `Workspace.pairs`."""
    verified = pairs[pairs["verdict"] == "duplicate"].sort_values("similarity", kind="stable")
    kin: dict[str, str] = {}
    for one, two, kind, similarity in verified[["sample_a", "sample_b", "kind", "similarity"]].itertuples(index=False):
        kin[one] = f"{kind} of {two[:12]}, {similarity:.3f}"
        kin[two] = f"{kind} of {one[:12]}, {similarity:.3f}"
    return kin
