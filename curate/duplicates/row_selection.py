"""Rows of an array that a task reads: threads share the array, another process is sent just these rows."""

from typing import Any

import numpy as np

__all__ = ["RowSelection", "cut"]


def cut(count: int, size: int) -> list[slice]:
    """`count` rows in tasks of at most `size`."""
    return [slice(start, start + size) for start in range(0, count, size)]


class RowSelection:
    """Some rows of an array, in some order, gathered where they are read."""

    def __init__(self, array: np.ndarray, rows: np.ndarray) -> None:
        """Select (N,) int64 `rows`, which may repeat."""
        self._array, self._rows = array, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> np.ndarray:
        """The rows at these places of the selection: any index of one dimension."""
        return np.asarray(self._array[self._rows[index]])

    def take(self, index: np.ndarray | slice) -> "RowSelection":
        """A selection of the selection."""
        return RowSelection(self._array, self._rows[index])

    def __reduce__(self) -> tuple[type["RowSelection"], tuple[np.ndarray, np.ndarray]]:
        wanted, rows = np.unique(self._rows, return_inverse=True)
        return RowSelection, (self._array[wanted], rows)
