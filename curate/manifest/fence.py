"""The fence: what the gold and test pictures of a line are known to belong with, whether they are delivered or not.

A picture that was ever tested on must never have a copy, its person or its film in training. So what a line's versions
hold in their tests, and all that belongs with it, goes on being searched and grouped when its source is forgotten.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from curate.components import connect
from curate.manifest.version import Version

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GONE", "Fence", "read_fence"]

GONE = {
    "gold": "of the gold test, but no source delivers it any more",
    "test": "of the test split, but no source delivers it any more",
    "": "belongs with the test, but no source delivers it any more",
}
"""By the side on which a picture stands: why it is left out, although the fence knows it."""

_FROM_KEYS = ("subject", "sequence")
_Edge = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Fence:
    """What versions know of their gold and test pictures.

    Attributes:
        side: sample_id -> `gold` or `test`, of every picture that was ever in the tests.
        members: sample_ids of these and of all that belongs with them: copies, pictures of one person or film.
        edges: (sample_a, sample_b, kind, detail) by which they belong together, without subjects and sequences.
        occurrences: of the members, as the newest version that has them says; columns of `Version.occurrences`.
    """

    side: dict[str, str]
    members: frozenset[str]
    edges: tuple[_Edge, ...]
    occurrences: "pd.DataFrame | None"


def read_fence(versions: Iterable[Version]) -> Fence:
    """The fence of several versions together.

    Args:
        versions: oldest first; derived ones are passed over, as they hold the tests of those they were made from.

    Raises:
        VersionDamaged: a table of a version cannot be read.
    """
    parts = [
        _fence_of(version.folder.parent, version.name, version.header.digest)
        for version in versions
        if version.header.derived is None
    ]
    side: dict[str, str] = {}
    for part in parts:
        side.update({name: where for name, where in part.side.items() if side.get(name) != "gold"})
    edges = {edge for part in parts for edge in part.edges}
    return Fence(
        side,
        frozenset().union(*(part.members for part in parts)),
        tuple(sorted(edges, key=_edge_order)),
        _newest([part.occurrences for part in parts if part.occurrences is not None]),
    )


@functools.lru_cache(maxsize=16)
def _fence_of(manifests: Path, name: str, _digest: str) -> Fence:
    """The fence of one version; kept by its digest, as versions never change."""
    version = Version(manifests, name, state=manifests)  # no picture is read
    occurrences = version.occurrences()
    side = _sides(version, occurrences)
    members, edges = _belongings(list(side), version.edges())
    return Fence(side, members, edges, occurrences[occurrences["sample_id"].isin(members)])


def _sides(version: Version, occurrences: "pd.DataFrame") -> dict[str, str]:
    """A version's gold and test pictures, and those that it left out because no source delivers them."""
    rows = version.table("rows", columns=["sample_id", "split", "gold"])
    names, splits, gold = (rows.column(name).to_pylist() for name in ("sample_id", "split", "gold"))
    side = {name: "test" for name, split in zip(names, splits, strict=True) if split == "test"}
    reasons = occurrences["left_out"].to_numpy(object)
    gone = occurrences["sample_id"].to_numpy(object)
    for where in ("test", "gold"):
        side |= dict.fromkeys(gone[reasons == GONE[where]].tolist(), where)
    return side | {name: "gold" for name, held in zip(names, gold, strict=True) if held}


def _belongings(start: list[str], evidence: "pd.DataFrame") -> tuple[frozenset[str], tuple[_Edge, ...]]:
    """All samples of the lineage groups of some, and the edges between them that are no subjects and sequences."""
    import pandas as pd

    columns = [evidence[name].to_numpy(object) for name in ("sample_a", "sample_b", "kind", "detail")]
    names = pd.Index(np.unique(np.concatenate([*columns[:2], np.array(start, object)])))
    ends = np.stack([names.get_indexer(column) for column in columns[:2]], axis=1)
    lineage = connect(len(names), ends)
    inside = np.isin(lineage, lineage[names.get_indexer(np.array(start, object))])
    rows = np.flatnonzero(inside[ends[:, 0]] & ~np.isin(columns[2].astype(str), _FROM_KEYS)).tolist()
    linked = [(columns[0][row], columns[1][row], columns[2][row], _text(columns[3][row])) for row in rows]
    return frozenset(names[inside]), tuple(linked)


def _newest(parts: "list[pd.DataFrame]") -> "pd.DataFrame | None":
    import pandas as pd

    if not parts:
        return None
    return pd.concat(parts).drop_duplicates(["sample_id", "source", "key"], keep="last").reset_index(drop=True)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _edge_order(edge: _Edge) -> tuple[str, str, str, str]:
    return edge[0], edge[1], edge[2], edge[3] or ""
