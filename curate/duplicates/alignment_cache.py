"""Alignments measured in earlier searches, so that a collection that grew is not compared all over again."""

import io
from concurrent.futures import Executor

import numpy as np

from curate.duplicates.alignment import Alignment, align
from curate.duplicates.pairs import CandidatePairs
from curate.duplicates.searchable import SearchablePictures
from curate.duplicates.thresholds import needed_score
from curate.duplicates.verify import recheck_by_warp
from curate.transforms import FLIPS_AND_ROTATIONS, flip_pictures

__all__ = ["METHOD", "AlignmentCache"]

METHOD = "align-2"
"""Raised whenever the same two pictures would be measured differently."""

_ROW = np.dtype(
    [
        ("key", "u8"),
        ("a", "u8"),
        ("b", "u8"),
        ("flip", "u1"),
        ("needed", "f4"),
        ("coarse", "f4"),
        ("refined", "f4"),
        ("weakest", "f4"),
        ("scale", "u1"),
        ("down", "i1"),
        ("right", "i1"),
    ]
)
_PAIRS_AT_A_TIME = 1 << 18
_MOST_ROWS = 20_000_000
"""880 MB; SQLite stores up to 1 GB in one place. What is beyond is measured again."""
_FLIPS = tuple(FLIPS_AND_ROTATIONS)


class AlignmentCache:
    """Alignments by pair of pictures, flip and needed score; the rows that one search used are kept for the next.

    Pictures are distinguished by the first 64 bits of their sample_ids: two of a million samples agree in them with a
    chance of one in 37 million.
    """

    def __init__(self, data: bytes | None = None) -> None:
        """Take up what an earlier search saved; None = nothing."""
        self._known = np.zeros(0, _ROW)
        if data is not None:
            loaded = np.load(io.BytesIO(data), allow_pickle=False)
            if [field[1:] for field in loaded.dtype.descr] == [field[1:] for field in _ROW.descr]:
                self._known = loaded.view(_ROW)  # its fields once had other names
        self._used: list[np.ndarray] = []

    def save(self) -> bytes:
        """What this search used, for `AlignmentCache` of the next one."""
        rows = np.concatenate([np.zeros(0, _ROW), *self._used])
        _, first = np.unique(rows["key"], return_index=True)
        rows = rows[first[:_MOST_ROWS]]
        file = io.BytesIO()
        np.save(file, rows)
        return file.getvalue()

    def align(self, collection: SearchablePictures, candidates: CandidatePairs, *, executor: Executor) -> Alignment:
        """`alignment.align` of pairs whose second picture is flipped; known pairs are not measured."""
        pairs, needed = candidates.ends, needed_score(candidates.gate)
        prefixes = np.array([int(sample_id[:16], 16) for sample_id in collection.sample_ids], np.uint64)
        rows = np.zeros(len(pairs), _ROW)
        rows["a"], rows["b"] = prefixes[pairs].T
        rows["flip"], rows["needed"] = _FLIPS.index(candidates.flip), needed
        rows["key"] = _mixed(rows)
        known = self._look_up(rows)
        unknown = np.flatnonzero(~known)
        for start in range(0, len(unknown), _PAIRS_AT_A_TIME):
            new = unknown[start : start + _PAIRS_AT_A_TIME]
            measured = _measure(collection.pictures, pairs[new], candidates.flip, needed=needed[new], executor=executor)
            for name in ("coarse", "refined", "weakest", "scale"):
                rows[name][new] = getattr(measured, name)
            rows["down"][new], rows["right"][new] = measured.shift.T
        self._used.append(rows)
        shift = np.stack([rows["down"], rows["right"]], axis=1).astype(np.int64)
        return Alignment(rows["coarse"], rows["refined"], rows["weakest"], rows["scale"].astype(np.int64), shift)

    def _look_up(self, rows: np.ndarray) -> np.ndarray:
        """Fill in what is known of the rows; which of them are, (M,) bool."""
        if not len(self._known):
            return np.zeros(len(rows), bool)
        nearest = np.minimum(np.searchsorted(self._known["key"], rows["key"]), len(self._known) - 1)
        stored = self._known[nearest]
        known = np.ones(len(rows), bool)
        for name in ("key", "a", "b", "flip", "needed"):
            known &= stored[name] == rows[name]
        rows[known] = stored[known]
        return known


def _measure(
    pictures: np.ndarray, pairs: np.ndarray, flip: str, *, needed: np.ndarray, executor: Executor
) -> Alignment:
    """Only the second pictures of these pairs are flipped, so that memory grows with the pairs alone."""
    second, slot = np.unique(pairs[:, 1], return_inverse=True)
    others = flip_pictures(pictures[second], flip)
    local = np.stack([pairs[:, 0], slot], axis=1)
    alignment = align(pictures, others, local, wanted=needed, executor=executor)
    return recheck_by_warp(pictures, others, local, alignment, needed=needed, executor=executor)


def _mixed(rows: np.ndarray) -> np.ndarray:
    """(M,) uint64 by which rows are sorted and found; all fields are compared afterwards."""
    mixed = rows["a"] * np.uint64(0x9E3779B97F4A7C15) ^ rows["b"] * np.uint64(0xC2B2AE3D27D4EB4F)
    needed = np.ascontiguousarray(rows["needed"]).view(np.uint32).astype(np.uint64)
    mixed ^= (rows["flip"].astype(np.uint64) << np.uint64(32)) | needed
    return np.asarray(mixed)
