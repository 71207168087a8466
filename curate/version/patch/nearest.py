"""The nearest picture of another collection, and the nearest that would bring something else. Exact, memory bounded."""

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np

from curate.executors import map_ordered
from curate.progress import Progress, silent
from curate.version.patch.prints import Prints

__all__ = ["FAR", "NONE", "SEEN_BITS", "Assignment", "Nearest", "find_nearest"]

SEEN_BITS = 12
"""Pictures whose 64-bit hashes differ in more bits do not look alike; they are no rivals, however alone a match is."""

NONE = -1
FAR = 64 + 256 + 1
"""Distance where there is nothing; more than any in bits."""

_PAIRS_PER_TASK = 1 << 21
_ROWS_PER_TASK = 256
_TILE = 1 << 16


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
        other: the nearest one; of equally near ones the first; `NONE` where none is within `SEEN_BITS`.
        coarse: bits of 64 in which they differ.
        fine: bits of 256 in which they differ.
        rival: the nearest other with another fate than `other`; `NONE` where there is none.
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
    own: Prints, others: Prints, fates: Assignment, *, executor: Executor, progress: Progress = silent
) -> Nearest:
    """Compare every picture with every other one, by the bits of both hashes in which they differ.

    Takes time in proportion to `len(own) x len(others)`, about 1 ns a pair and core.

    Args:
        own: N pictures.
        others: the other collection.
        fates: of the others.
        executor: threads.
        progress: told how many of the N are done.
    """
    rows = max(1, min(_ROWS_PER_TASK, _PAIRS_PER_TASK // max(1, len(others.coarse))))

    def search(start: int) -> Nearest:
        return _nearest_of(own.take(np.arange(start, min(start + rows, len(own.coarse)))), others, fates)

    parts = []
    with progress("comparing hashes", len(own.coarse), unit="pictures") as advance:
        for part in map_ordered(executor, search, range(0, len(own.coarse), rows)):
            parts.append(part)
            advance(len(part.other))
    if not parts:
        return Nearest(*(np.zeros(0, np.int64) for _ in Nearest._fields))
    return Nearest(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _nearest_of(own: Prints, others: Prints, fates: Assignment) -> Nearest:
    row, column = _seen_pairs(own.coarse, others.coarse)
    coarse = _differing(own.coarse[row, None], others.coarse[column, None])
    fine = _differing(own.fine[row], others.fine[column])
    order = np.lexsort((column, coarse + fine, row))
    row, column, coarse, fine = row[order], column[order], coarse[order], fine[order]
    found = Nearest(*(np.full(len(own.coarse), value) for value in (NONE, FAR, FAR, NONE, FAR)))
    seen, first = np.unique(row, return_index=True)
    for target, values in ((found.other, column), (found.coarse, coarse), (found.fine, fine)):
        target[seen] = values[first]
    rivals = np.flatnonzero(fates.differ(column, found.other[row]))
    seen, first = np.unique(row[rivals], return_index=True)
    found.rival[seen] = column[rivals[first]]
    found.rival_bits[seen] = (coarse + fine)[rivals[first]]
    return found


def _differing(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return np.asarray(np.bitwise_count(one ^ two).sum(axis=1, dtype=np.int64))


def _seen_pairs(own: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of every pair within `SEEN_BITS`."""
    found = [*_tiles(own, others)] or [(np.zeros(0, np.int64),) * 2]
    return np.concatenate([row for row, _ in found]), np.concatenate([column for _, column in found])


def _tiles(own: np.ndarray, others: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    width = max(1, _TILE // len(own))
    bits, counts = np.empty(len(own) * width, np.uint64), np.empty(len(own) * width, np.uint8)
    for start in range(0, len(others), width):
        columns = others[start : start + width]
        size = len(own) * len(columns)
        np.bitwise_xor(own[:, None], columns, out=bits[:size].reshape(len(own), -1))
        np.bitwise_count(bits[:size], out=counts[:size])
        close = np.flatnonzero(counts[:size] <= SEEN_BITS)
        if len(close):
            row, column = np.divmod(close, len(columns))
            yield row, column + start
