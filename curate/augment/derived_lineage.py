"""Lineage of derived pictures: the edges to their parents, the groups, and what would join two splits."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.components import connect
from curate.lineage import AUGMENTED_FROM
from curate.manifest.schema import EDGES, table_of
from curate.sample import OFFICIAL_SPLITS

__all__ = ["add_edges", "cross_split_duplicates"]


def cross_split_duplicates(rows: pa.Table, edges: pa.Table, origin: np.ndarray, made: pa.ChunkedArray) -> np.ndarray:
    """Derived pictures that are pixel-identical to a picture of a lineage group in another split.

    Between two derived pictures the one in the higher split stays. Pictures that were left out of the parent version
    count, too: they connect groups.

    Args:
        rows: of the parent; columns sample_id and split.
        edges: of the parent.
        origin: (M,) int64, row of the parent that each derived picture was made from.
        made: sample_id of the M derived pictures.

    Returns:
        (M,) bool: which to leave out, so that no edge crosses a split.
    """
    universe = _universe([rows.column("sample_id"), made], edges)
    group = connect(len(universe), _ends(edges, universe))
    split = _indices(rows.column("split"), pa.array(OFFICIAL_SPLITS, pa.large_string()))
    held = np.full(len(universe), -1)
    np.maximum.at(held, group[_indices(rows.column("sample_id"), universe)], split)
    joined = group[_indices(made, universe)]
    free = held[joined] < 0
    best = held.copy()
    np.maximum.at(best, joined[free], split[origin[free]])
    return np.asarray(best[joined] != split[origin])


def add_edges(edges: pa.Table, parents: pa.Array, made: pa.Array, transforms: pa.Array) -> pa.Table:
    """The parent's edges and those to derived pictures, each once, in canonical order.

    Args:
        edges: of the parent version.
        parents: sample_id of each derived picture's parent.
        made: sample_id of each derived picture; one that looks like its parent needs no edge.
        transforms: what makes it of its parent.
    """
    first = pc.less(parents, made)
    new = {
        "sample_a": pc.if_else(first, parents, made),
        "sample_b": pc.if_else(first, made, parents),
        "kind": pa.array([AUGMENTED_FROM] * len(made), pa.large_string()),
        "detail": transforms,
    }
    table = pa.concat_tables([edges, table_of(EDGES, new).filter(pc.not_equal(parents, made))])
    plain = table.set_column(3, "detail", pc.fill_null(table.column("detail"), ""))
    return table.take(pc.sort_indices(plain, sort_keys=[(name, "ascending") for name in EDGES.names]))


def _universe(sample_ids: list[pa.ChunkedArray], edges: pa.Table) -> pa.Array:
    columns = [*sample_ids, edges.column("sample_a"), edges.column("sample_b")]
    chunks = [chunk for column in columns for chunk in column.chunks]
    return pa.chunked_array(chunks, pa.large_string()).unique().sort()


def _ends(edges: pa.Table, universe: pa.Array) -> np.ndarray:
    return np.stack([_indices(edges.column(name), universe) for name in ("sample_a", "sample_b")], axis=1)


def _indices(values: pa.ChunkedArray | pa.Array, universe: pa.Array) -> np.ndarray:
    found = pc.index_in(values, value_set=universe)
    return np.asarray(
        found.to_numpy(zero_copy_only=False) if isinstance(found, pa.Array) else found.to_numpy(), np.int64
    )
