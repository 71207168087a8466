"""Lineage groups: samples that must stay on one side of a split, and the evidence for it. Pure."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from curate.components import connect

__all__ = [
    "AUGMENTED_FROM",
    "LINEAGE",
    "NOT_COPIES",
    "Edges",
    "find_lineages",
    "join_edges",
    "key_edges",
    "reaching_edges",
]

AUGMENTED_FROM = "augmented-from"
"""Kind of the edge between an augmented picture and the one that it was made from."""

LINEAGE = "lineage"
"""Kind of the edge between pictures that were in one lineage group of a version, by evidence that is not here."""

NOT_COPIES = ("subject", "sequence", AUGMENTED_FROM, LINEAGE)
"""Kinds of edges that are no duplicate pairs; all other kinds are those of pairs."""


class Edges(NamedTuple):
    """Why two samples belong together; parallel (M,) arrays.

    Attributes:
        ends: (M, 2) int64, index of the samples.
        kind: object, text.
        detail: object, the subject, sequence or transform; None where the kind says all.
    """

    ends: np.ndarray
    kind: np.ndarray
    detail: np.ndarray


def key_edges(kind: str, sample: np.ndarray, keys: Sequence[str | None]) -> Edges:
    """Edges between samples that share a key, as few as connect them.

    Args:
        kind: `subject` or `sequence`.
        sample: (N,) int64, one entry per occurrence.
        keys: the N keys; None = none.
    """
    keyed = sorted({(key, index) for key, index in zip(keys, sample.tolist(), strict=True) if key is not None})
    first: dict[str, int] = {}
    for key, index in keyed:
        first.setdefault(key, index)
    linked = [(first[key], index, key) for key, index in keyed if first[key] != index]
    ends = np.array([row[:2] for row in linked], np.int64).reshape(-1, 2)
    return Edges(ends, np.full(len(linked), kind, object), np.array([row[2] for row in linked], object))


def join_edges(parts: Iterable[Edges]) -> Edges:
    """All edges of several kinds."""
    ends, kind, detail = zip(*parts, strict=True)
    return Edges(np.concatenate(ends), np.concatenate(kind), np.concatenate(detail))


def find_lineages(samples: int, edges: Edges) -> np.ndarray:
    """(samples,) int64: the smallest sample of each one's lineage group; a sample without edges is its own."""
    return connect(samples, edges.ends)


def reaching_edges(edges: Edges, start: np.ndarray, wanted: np.ndarray) -> dict[int, int]:
    """The last edge on a shortest way from any of the samples `start` to each of the samples `wanted`.

    Args:
        edges: the evidence.
        start: (K,) int64 samples.
        wanted: (L,) int64 samples.

    Returns:
        Sample -> index of the edge; samples that cannot be reached, or are in `start`, are missing.
    """
    lineage = connect(
        int(max(edges.ends.max(initial=-1), start.max(initial=-1), wanted.max(initial=-1))) + 1, edges.ends
    )
    touched = np.flatnonzero(np.isin(lineage[edges.ends[:, 0]], lineage[wanted]))
    neighbours: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for edge, (one, two) in zip(touched.tolist(), edges.ends[touched].tolist(), strict=True):
        neighbours[one].append((two, edge))
        neighbours[two].append((one, edge))
    came_by: dict[int, int] = dict.fromkeys(start.tolist(), -1)
    waiting = deque(came_by)
    while waiting:
        for other, edge in neighbours.get(waiting.popleft(), ()):
            if other not in came_by:
                came_by[other] = edge
                waiting.append(other)
    return {sample: came_by[sample] for sample in wanted.tolist() if came_by.get(sample, -1) >= 0}
