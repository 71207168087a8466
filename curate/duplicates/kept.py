"""Rows of numbers that were computed from single pictures, kept from one search to the next. They may be lost."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from curate.storage import space_needed

__all__ = ["KeptRows"]

_ROWS_PER_WRITE = 4096


class KeptRows:
    """Rows of one shape by sample_id, in a file to which new ones are appended.

    A row must follow from the sample alone (and from what the file's name says). What a killed process left unfinished
    at the end of the file is dropped. The file is written anew once most of its rows are of samples that are gone.
    """

    def __init__(self, path: Path, dtype: str, shape: tuple[int, ...]) -> None:
        """The file need not exist."""
        self._path = path
        self._dtype, self._shape = np.dtype(dtype), shape
        self._record = np.dtype([("sample", "V32"), ("row", dtype, shape)])

    def get(self, sample_ids: Sequence[str], make: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """(N, *shape): the rows of these samples; those that are not kept are made and added.

        Args:
            sample_ids: 64 hex digits each.
            make: called with the indices of the missing samples, ascending, unless there are none.

        Raises:
            StorageFull: there is no space to keep them.
        """
        stored = self._read()
        row_of = {sample: row for row, sample in enumerate(stored["sample"].tolist())}
        wanted = [bytes.fromhex(sample_id) for sample_id in sample_ids]
        place = np.array([row_of.get(sample, -1) for sample in wanted], np.int64)
        rows = np.empty((len(wanted), *self._shape), self._dtype)
        found, missing = np.flatnonzero(place >= 0), np.flatnonzero(place < 0)
        rows[found] = stored["row"][place[found]]
        if len(missing):
            rows[missing] = make(missing)
        if len(stored) > 2 * len(wanted):
            stored = stored[:0]
            missing = np.arange(len(wanted))
        if len(missing):
            self._append(len(stored), wanted, rows, missing)
        return rows

    def _read(self) -> np.ndarray:
        if not self._path.exists():
            return np.zeros(0, self._record)
        count = self._path.stat().st_size // self._record.itemsize
        return np.fromfile(self._path, self._record, count)

    def _append(self, after: int, samples: list[bytes], rows: np.ndarray, chosen: np.ndarray) -> None:
        with space_needed(self._path):
            self._path.parent.mkdir(exist_ok=True)
        with space_needed(self._path), self._path.open("ab") as file:
            file.truncate(after * self._record.itemsize)
            for start in range(0, len(chosen), _ROWS_PER_WRITE):
                part = chosen[start : start + _ROWS_PER_WRITE]
                records = np.empty(len(part), self._record)
                records["sample"] = np.array([samples[index] for index in part], "V32")
                records["row"] = rows[part]
                file.write(records.data)
