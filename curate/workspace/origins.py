"""Pictures that were made of others, in an augmented version or an export, and came in like delivered ones.

Their parents need not be here. What is not here still connects what is: siblings through their parent, and a picture
with the copies of its parent through the edges of released versions.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from curate.catalog import Catalog, tables
from curate.components import connect
from curate.errors import VersionDamaged
from curate.lineage import AUGMENTED_FROM, LINEAGE, key_edges
from curate.manifest import Version, version_names

if TYPE_CHECKING:
    import pandas as pd

    from curate.workspace.workspace import Workspace

__all__ = ["origin_edges"]

_ORIGIN = ("sample_id", "lineage", "parent", "transform")
_EDGE = ["sample_a", "sample_b", "kind", "detail"]


def origin_edges(workspace: "Workspace", sample_ids: Iterable[str]) -> "pd.DataFrame":
    """Edges between those of these samples that were made of others, or came in from an export; ordered.

    Columns as in `Workspace.edges`. The kind is `augmented-from` (detail: the transform) where the parent is among
    them, as an export or an augmented version in `manifests/` says; and `lineage` (detail: the group) between samples
    that were in one lineage group of an exported version, or are connected through pictures that are not among them.

    Raises:
        VersionDamaged: the rows or edges of a version cannot be read.
    """
    import pandas as pd

    known = sorted(set(sample_ids))
    versions = list(_readable(workspace))
    with workspace.catalog() as catalog:
        origins = _origins(catalog, versions, known)
    if origins.empty:
        return pd.DataFrame(columns=_EDGE, dtype="str")
    made = origins[(origins["parent"] != "") & (origins["parent"] != origins["sample_id"])]
    grouped = origins[(origins["lineage"] != "") & (origins["lineage"] != origins["parent"])]
    made_here, grouped_here = _among(made["parent"], known), _among(grouped["lineage"], known)
    absent = [made[["sample_id", "parent"]][~made_here], grouped[["sample_id", "lineage"]][~grouped_here]]
    keys = pd.concat([part.set_axis(["sample_id", "key"], axis=1) for part in absent])
    found = [
        _edges(made[made_here], "parent", AUGMENTED_FROM, made["transform"]),
        _edges(grouped[grouped_here], "lineage", LINEAGE, grouped["lineage"]),
    ]
    if len(keys):
        said = made[["parent", "lineage"]][made["lineage"] != ""]
        evidence = [said, *(version.edges()[["sample_a", "sample_b"]] for version in versions)]
        found.append(_through_absent(known, keys, np.concatenate([part.to_numpy(object) for part in evidence])))
    return pd.concat(found).drop_duplicates().sort_values(_EDGE, ignore_index=True)


def _readable(workspace: "Workspace") -> Iterator[Version]:
    """Versions whose header is whole; `freeze` and `verify` speak of the others."""
    for name in version_names(workspace.manifests):
        try:
            yield workspace.version(name)
        except VersionDamaged:
            continue


def _origins(catalog: Catalog, versions: Iterable[Version], known: list[str]) -> "pd.DataFrame":
    """What is said of the known samples, by exports (lineage and parent) and by augmented versions (parent)."""
    import pandas as pd
    import pyarrow.compute as pc

    parts = [pd.DataFrame(tables.origin_rows(catalog), columns=list(_ORIGIN), dtype="str")]
    for version in versions:
        if version.header.derived is not None:
            rows = version.table("rows", columns=["sample_id", "parent", "transform"])
            rows = rows.filter(pc.not_equal(rows["sample_id"], rows["parent"]))
            rows = rows.filter(_among(rows["sample_id"], known))
            parts.append(pd.DataFrame(rows.to_pydict(), columns=list(_ORIGIN), dtype="str"))
    origins = pd.concat(parts).fillna("").drop_duplicates(ignore_index=True)
    return origins[_among(origins["sample_id"], known)]


def _among(column: Any, known: list[str]) -> np.ndarray:
    """(N,) bool: which of a column's texts are known."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = column if isinstance(column, pa.ChunkedArray) else pa.array(column, pa.large_string())
    return np.asarray(pc.is_in(texts, value_set=pa.array(known, pa.large_string())))


def _edges(rows: "pd.DataFrame", other: str, kind: str, detail: "pd.Series[str]") -> "pd.DataFrame":
    """An edge between each row's sample and the one that its column `other` names."""
    import pandas as pd

    rows = rows[rows["sample_id"] != rows[other]]
    ends = np.sort(rows[["sample_id", other]].to_numpy(object), axis=1)
    columns = {"sample_a": ends[:, 0], "sample_b": ends[:, 1], "kind": kind, "detail": detail.loc[rows.index].array}
    return pd.DataFrame(columns, dtype="str")


def _through_absent(known: list[str], keys: "pd.DataFrame", evidence: np.ndarray) -> "pd.DataFrame":
    """Edges between samples that absent pictures connect.

    Args:
        known: the samples that edges may connect, ascending; what is not among them is absent.
        keys: columns sample_id and key, an absent picture that it belongs with.
        evidence: (M, 2) object; two that belong together. Of that between known samples nothing is taken over.
    """
    import pandas as pd

    names = pd.Index(known, dtype=object)
    is_known = names.get_indexer(pd.Index(evidence.ravel(), dtype=object)).reshape(-1, 2) >= 0
    across = is_known.sum(axis=1) == 1
    members = np.where(is_known[across, 0], evidence[across, 0], evidence[across, 1])
    beyond = np.where(is_known[across, 0], evidence[across, 1], evidence[across, 0])
    absent = pd.Index(sorted({*keys["key"], *evidence[~is_known]}), dtype=object)
    inside = evidence[~is_known.any(axis=1)]
    group = connect(len(absent), absent.get_indexer(pd.Index(inside.ravel(), dtype=object)).reshape(-1, 2))
    sample = names.get_indexer(pd.Index([*keys["sample_id"], *members], dtype=object))
    reached = group[absent.get_indexer(pd.Index([*keys["key"], *beyond], dtype=object))]
    asked = np.isin(reached, reached[: len(keys)])
    shared = key_edges(LINEAGE, sample[asked], absent[reached[asked]].tolist())
    one, two = (names[shared.ends[:, side]] for side in (0, 1))
    return pd.DataFrame(dict(zip(_EDGE, (one, two, shared.kind, shared.detail), strict=True)), dtype="str")
