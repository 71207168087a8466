"""Connected components of numbered and of named things.

With numpy alone: scipy finds them as well, but importing its graphs takes a fifth of the time that `Workspace.samples`
takes for a collection of 35,000.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["connect", "connect_names", "star_edges"]


def connect(count: int, edges: np.ndarray) -> np.ndarray:
    """The component of each of `count` nodes.

    Args:
        count: nodes are 0 to count - 1.
        edges: (M, 2) int64.

    Returns:
        (count,) int64: the smallest node of its component; a node without edges is its own.

    Example:
        >>> connect(5, np.array([[0, 1], [1, 4]])).tolist()
        [0, 0, 2, 3, 0]
    """
    label = np.arange(count)
    while True:
        low = label[edges].min(axis=1, initial=count)
        lower = label.copy()
        for end in (0, 1):
            np.minimum.at(lower, edges[:, end], low)
            np.minimum.at(lower, label[edges[:, end]], low)
        lower = lower[lower]
        if np.array_equal(lower, label):
            return label
        label = lower


def connect_names(names: "pa.ChunkedArray", edges: "pa.Table") -> "pa.Array":
    """The smallest name that edges connect each name with.

    Args:
        names: (N,) large_string.
        edges: columns sample_a and sample_b; they may lead over other names.

    Returns:
        (N,) large_string.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [names, edges.column("sample_a"), edges.column("sample_b")]
    chunks = [chunk for column in columns for chunk in column.chunks]
    universe = pa.chunked_array(chunks, pa.large_string()).unique().sort()
    node, *ends = (pc.index_in(column, value_set=universe).to_numpy().astype(np.int64) for column in columns)
    return universe.take(pa.array(connect(len(universe), np.stack(ends, axis=1))[node]))


def star_edges(node: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Edges that connect all nodes of one key.

    Args:
        node: (N,) int64.
        key: (N,) int64; negative = none.

    Returns:
        (M, 2) int64: each node with the first of its key.
    """
    node, key = node[key >= 0], key[key >= 0]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    return np.stack([node, node[first[which]]], axis=1)
