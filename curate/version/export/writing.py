"""What an export format gets and gives back, and pictures in the order of the rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.manifest import Version
from curate.manifest.pictures import read_files_in_order, read_in_order
from curate.progress import Progress

__all__ = ["ORIGINS", "Export", "Work", "Written", "files_in_order", "pictures_in_order", "rows_with_origins"]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be written, and with what.

    Attributes:
        version: whose rows and pictures.
        folder: an empty folder to write into.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.
    """

    version: Version
    folder: Path
    executor: Executor | None
    progress: Progress


class Written(NamedTuple):
    """How many rows and files were written, and what a person should know about them."""

    rows: int
    files: int
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """One format: its name for `--to`, what it is, and the function that fills a folder."""

    name: str
    summary: str
    write: Callable[[Work], Written]


ORIGINS = ("original_source", "original_file")
"""Columns that say where the picture of a row was delivered."""


def rows_with_origins(version: Version) -> pa.Table:
    """The rows of a version and two more columns: the source and the key (path in it, or `row:N`) of each picture.

    Of several places the one whose file is kept, lowest by (file_digest, key); of an augmented picture, that of its
    parent. Missing where the version knows no place.
    """
    rows = version.table("rows")
    places = version.table("occurrences", columns=["sample_id", "source", "key", "file_digest"])
    order = [(name, "ascending") for name in ("sample_id", "file_digest", "key", "source")]
    places = places.take(pc.sort_indices(places, sort_keys=order))
    shown = pc.coalesce(rows.column("parent"), rows.column("sample_id"))
    first = pc.index_in(shown, value_set=places.column("sample_id").combine_chunks())
    for name, column in zip(ORIGINS, ("source", "key"), strict=True):
        rows = rows.append_column(name, places.column(column).take(first))
    return rows


def pictures_in_order(work: Work, rows: pa.Table, *, then: Callable[[np.ndarray], Result]) -> Iterator[Result]:
    """What `then` makes of the picture of every row, in row order.

    Args:
        work: which version, and with what.
        rows: some of its rows; columns sample_id, parent and transform.
        then: called in a worker with (H, W) or (H, W, 3) uint8, the picture's own size and mode.

    Raises:
        PicturesMissing: some are not in this workspace.
    """
    return read_in_order(work.version.source, rows, then=then, executor=work.executor, progress=work.progress)


def files_in_order(work: Work, rows: pa.Table) -> Iterator[bytes]:
    """A picture file for every row, in row order; as delivered, where that shows the sample to everybody, else PNG.

    Args:
        work: which version, and with what.
        rows: some of its rows; columns sample_id, parent, transform and mode.

    Raises:
        PicturesMissing: some are not in this workspace, or not as they were stored.
    """
    return read_files_in_order(work.version.source, rows, executor=work.executor, progress=work.progress)
