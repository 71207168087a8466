"""Connected components of numbered things, with numpy alone."""

import numpy as np

__all__ = ["connect", "star_edges"]


def connect(count: int, edges: np.ndarray) -> np.ndarray:
    """The component of each of `count` nodes.

    Args:
        count: nodes are 0 to count - 1.
        edges: (M, 2) int64.

    Returns:
        (count,) int64: the smallest node of its component; a node without edges is its own.
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
