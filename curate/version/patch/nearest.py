"""The nearest picture of another collection, and the nearest that would bring something else. Exact, memory bounded."""

from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np

from curate.executors import map_ordered
from curate.progress import Progress, silent
from curate.version.patch.prints import Prints

__all__ = ["CLOSE_BITS", "FAR", "NONE", "Assignment", "Nearest", "find_nearest"]

CLOSE_BITS = 12
"""Pictures whose 64-bit hashes differ in more bits do not look alike; they are not ranked against each other."""

NONE = -1
FAR = 64 + 256 + 1
"""Distance where there is nothing; more than any in bits."""

_PAIRS_PER_TASK = 1 << 21
_ROWS_PER_TASK = 256
_BLOCK = 1 << 16


class Assignment(NamedTuple):
    """What each picture brings to the one that it is matched with; parallel (N,) int64 arrays.

    Attributes:
        label: code of its label, or `NONE`.
        split: code of its split, or `NONE`.
    """

    label: np.ndarray
    split: np.ndarray

    def take(self, index: np.ndarray) -> "Assignment":
        """Some of them, in that order."""
        return Assignment(self.label[index], self.split[index])

    def differ(self, one: np.ndarray, two: np.ndarray) -> np.ndarray:
        """Whether pictures `one` and `two` bring another label, or are in two splits."""
        splits = self.split[one], self.split[two]
        known = (splits[0] != NONE) & (splits[1] != NONE)
        return np.asarray((self.label[one] != self.label[two]) | (known & (splits[0] != splits[1])))


class Nearest(NamedTuple):
    """For each of N pictures; parallel (N,) int64 arrays.

    Attributes:
        other: the nearest one; of equally near ones the first; `NONE` where none is within `CLOSE_BITS`.
        coarse: bits of 64 in which they differ.
        fine: bits of 256 in which they differ.
        rival: the nearest other with another label or split than `other`; `NONE` where there is none.
        rival_bits: bits of all 320 in which that one differs, or `FAR`.
    """

    other: np.ndarray
    coarse: np.ndarray
    fine: np.ndarray
    rival: np.ndarray
    rival_bits: np.ndarray

    @property
    def bits(self) -> np.ndarray:
        """Bits of all 320 in which the nearest differs."""
        return np.asarray(self.coarse + self.fine)


def find_nearest(
    pictures: Prints,
    rows: np.ndarray,
    others: Prints,
    columns: np.ndarray,
    assignment: Assignment,
    *,
    executor: Executor,
    progress: Progress = silent,
) -> Nearest:
    """Compare some pictures with some of another collection, by the bits of both hashes in which they differ.

    Takes time in proportion to `len(rows) x len(columns)`, about 1 ns a pair and core.

    Args:
        pictures: one collection.
        rows: (N,) which of them.
        others: the other collection.
        columns: (M,) which of them, ascending.
        assignment: of all the others.
        executor: threads or processes.
        progress: progress callback.

    Returns:
        Of each of `rows`; others are named by their index in the whole collection.
    """
    step = max(1, min(_ROWS_PER_TASK, _PAIRS_PER_TASK // max(1, len(columns))))
    chunks = (pictures.take(rows[start : start + step]) for start in range(0, len(rows), step))
    search = partial(_nearest_of, others=others.take(columns), assignment=assignment.take(columns))
    parts = [Nearest(*(np.zeros(0, np.int64) for _ in Nearest._fields))]
    with progress("comparing hashes", len(rows), unit="pictures") as advance:
        for part in map_ordered(executor, search, chunks):
            parts.append(part)
            advance(len(part.other))
    nearest = Nearest(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
    names = np.append(columns, NONE)  # the last entry is that of `NONE`, which is -1
    return nearest._replace(other=names[nearest.other], rival=names[nearest.rival])


def _nearest_of(pictures: Prints, *, others: Prints, assignment: Assignment) -> Nearest:
    row, column = _close_pairs(pictures.coarse, others.coarse)
    coarse = _differing(pictures.coarse[row, None], others.coarse[column, None])
    fine = _differing(pictures.fine[row], others.fine[column])
    order = np.lexsort((column, coarse + fine, row))
    row, column, coarse, fine = row[order], column[order], coarse[order], fine[order]
    nearest = Nearest(*(np.full(len(pictures.coarse), value) for value in (NONE, FAR, FAR, NONE, FAR)))
    matched, first = np.unique(row, return_index=True)
    for target, values in ((nearest.other, column), (nearest.coarse, coarse), (nearest.fine, fine)):
        target[matched] = values[first]
    rivals = np.flatnonzero(assignment.differ(column, nearest.other[row]))
    matched, first = np.unique(row[rivals], return_index=True)
    nearest.rival[matched] = column[rivals[first]]
    nearest.rival_bits[matched] = (coarse + fine)[rivals[first]]
    return nearest


def _differing(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return np.asarray(np.bitwise_count(one ^ two).sum(axis=1, dtype=np.int64))


def _close_pairs(hashes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(2, P) row and column of every pair within `CLOSE_BITS`; compared in blocks that fit into a core's cache."""
    width = max(1, _BLOCK // len(hashes))
    pairs = [np.zeros((2, 0), np.int64)]
    for start in range(0, len(others), width):
        block = others[start : start + width]
        close = np.flatnonzero(np.bitwise_count(hashes[:, None] ^ block) <= CLOSE_BITS)
        if len(close):
            row, column = np.divmod(close, len(block))
            pairs.append(np.stack([row, column + start]))
    return np.concatenate(pairs, axis=1)
