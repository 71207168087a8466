"""Rows of numbers that were computed from single pictures, kept from one search to the next. They may be lost."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from curate.checksums import CHECKSUM_BYTES, checksums
from curate.storage import space_needed

__all__ = ["CacheFolder", "RowCache"]

_ROWS_PER_WRITE = 4096


class RowCache:
    """Rows of one shape by sample_id, in a file to which new ones are appended.

    A row must follow from the sample alone (and from what the file's name says). What a killed process left unfinished
    at the end of the file is dropped. Rows that do not fit their checksums are made again. The file is written anew
    when there are such rows, or once most of its rows are of samples that are gone.

    Attributes:
        damaged: whether a row did not fit its checksum.
    """

    def __init__(self, path: Path, dtype: str, shape: tuple[int, ...]) -> None:
        """The file need not exist."""
        self.damaged = False
        self._path = path
        self._dtype, self._shape = np.dtype(dtype), shape
        self._content = np.dtype([("sample", "V32"), ("row", dtype, shape)])
        self._record = np.dtype([("content", self._content), ("checksum", f"V{CHECKSUM_BYTES}")])

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
        position = np.array([row_of.get(sample, -1) for sample in wanted], np.int64)
        rows = np.empty((len(wanted), *self._shape), self._dtype)
        present, missing = np.flatnonzero(position >= 0), np.flatnonzero(position < 0)
        rows[present] = stored["row"][position[present]]
        if len(missing):
            rows[missing] = make(missing)
        if self.damaged or len(stored) > 2 * len(wanted):
            stored = stored[:0]
            missing = np.arange(len(wanted))
        if len(missing):
            self._append(len(stored), wanted, rows, missing)
        return rows

    def _read(self) -> np.ndarray:
        """Samples and rows that are as they were written."""
        if not self._path.exists():
            return np.zeros(0, self._content)
        count = self._path.stat().st_size // self._record.itemsize
        records = np.fromfile(self._path, self._record, count)
        content = np.ascontiguousarray(records["content"])
        whole = self._checksums(content) == records["checksum"]
        self.damaged = not whole.all()
        return np.asarray(content[whole])

    def _append(self, after: int, samples: list[bytes], rows: np.ndarray, chosen: np.ndarray) -> None:
        with space_needed(self._path):
            self._path.parent.mkdir(exist_ok=True)
        with space_needed(self._path), self._path.open("ab") as file:
            file.truncate(after * self._record.itemsize)
            for start in range(0, len(chosen), _ROWS_PER_WRITE):
                part = chosen[start : start + _ROWS_PER_WRITE]
                content = np.empty(len(part), self._content)
                content["sample"] = np.array([samples[index] for index in part], "V32")
                content["row"] = rows[part]
                records = np.empty(len(part), self._record)
                records["content"], records["checksum"] = content, self._checksums(content)
                file.write(records.data)

    def _checksums(self, content: np.ndarray) -> np.ndarray:
        """(N,) of each row with its sample."""
        whole, size = content.view(np.uint8).data, self._content.itemsize
        records = (whole[start : start + size] for start in range(0, len(whole), size))
        made = checksums(records, purpose=self._path.name)
        return np.array(made, f"V{CHECKSUM_BYTES}")


class CacheFolder:
    """The files of rows that one search uses, and which of them were damaged."""

    def __init__(self, path: Path) -> None:
        """The folder need not exist."""
        self._path = path
        self._used: dict[str, RowCache] = {}

    def rows(self, name: str, dtype: str, shape: tuple[int, ...], *, what: str) -> RowCache:
        """Rows that are kept here.

        Args:
            name: of the file, without `.rows`.
            dtype: of the rows.
            shape: of one row.
            what: the rows are, in the words of `damaged`.
        """
        self._used[what] = RowCache(self._path / f"{name}.rows", dtype, shape)
        return self._used[what]

    @property
    def damaged(self) -> tuple[str, ...]:
        """What was damaged and has been made again, in order of use."""
        return tuple(what for what, rows in self._used.items() if rows.damaged)
