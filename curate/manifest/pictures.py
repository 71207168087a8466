"""The pictures of a version: stored ones from the catalog, derived ones made of their parents."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import cv2
import numpy as np
import pyarrow as pa

from curate.catalog import Catalog, pictures
from curate.derive import ORIGINAL, derive_picture
from curate.errors import PicturesMissing
from curate.executors import local_threads, map_ordered
from curate.hashing import to_gray
from curate.images import decode, encode_png, is_plain_file
from curate.progress import Progress, silent

__all__ = [
    "PictureSource",
    "centred_square",
    "in_chunks",
    "read_files_in_order",
    "read_in_order",
    "read_pictures",
    "read_squares",
]

_PER_TASK = 256

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PictureSource:
    """Where the pictures of a version are.

    Attributes:
        version: its name.
        state: the workspace's `.curate`.
        recipe: of a derived version; None = its pictures are stored ones.
    """

    version: str
    state: Path
    recipe: Mapping[str, Any] | None


class _Task(NamedTuple):
    """One stored picture, the recorded sha256 of its file, and the rows and transforms in which it is wanted."""

    sample_id: str
    sha256: bytes
    data: bytes
    wanted: list[tuple[int, str]]


def read_squares(
    source: PictureSource,
    rows: pa.Table,
    *,
    size_px: int,
    mode: str,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> np.ndarray:
    """Pictures as equal squares.

    Args:
        source: where they are.
        rows: columns sample_id, parent and transform.
        size_px: side of the squares.
        mode: `L` or `RGB`.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Returns:
        (N, size_px, size_px) uint8 or (N, size_px, size_px, 3), in the order of `rows`.

    Raises:
        PicturesMissing: some are not in this workspace.
    """
    shape = (size_px, size_px) if mode == "L" else (size_px, size_px, 3)
    squares = np.empty((rows.num_rows, *shape), np.uint8)
    make = partial(centred_square, size_px=size_px, mode=mode)
    for row, square in read_pictures(source, rows, then=make, executor=executor, progress=progress):
        squares[row] = square
    return squares


def centred_square(pixels: np.ndarray, *, size_px: int, mode: str) -> np.ndarray:
    """The largest square in the middle of a picture, resized; gray from colour by ITU-R 601-2 luma.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
        size_px: side of the result; made smaller by averaging areas, larger by cubic interpolation.
        mode: `L` or `RGB`.
    """
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = pixels[top : top + side, left : left + side]
    if mode == "L":
        square = to_gray(square[None])[0]
    elif square.ndim == 2:
        square = np.repeat(square[..., None], 3, axis=2)
    if side == size_px:
        return np.ascontiguousarray(square)
    how = cv2.INTER_AREA if side > size_px else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (size_px, size_px), interpolation=how))


def read_pictures(
    source: PictureSource,
    rows: pa.Table,
    *,
    then: Callable[[np.ndarray], Result],
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Iterator[tuple[int, Result]]:
    """Canonical pixels of every row, or what `then` makes of them.

    Args:
        source: where they are.
        rows: columns sample_id, parent and transform.
        then: called in a worker with the pixels of one picture, (H, W) or (H, W, 3) uint8; a module-level function
            (or a `partial` of one) where the workers are processes.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Yields:
        Row number and what `then` returned; each row once, in no particular order.

    Raises:
        PicturesMissing: some are not in this workspace.
    """
    yield from _read(source, rows, partial(_make, then=then), executor=executor, progress=progress)


def read_in_order(
    source: PictureSource,
    rows: pa.Table,
    *,
    then: Callable[[np.ndarray], Result],
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Iterator[Result]:
    """Like `read_pictures`, but in row order.

    Only pictures that arrive before their turn are kept in memory; as rows are stored in the order in which pictures
    are read, these are few.
    """
    return _in_order(read_pictures(source, rows, then=then, executor=executor, progress=progress))


def read_files_in_order(
    source: PictureSource, rows: pa.Table, *, executor: Executor | None = None, progress: Progress = silent
) -> Iterator[bytes]:
    """A picture file for every row, in row order: as it was delivered, where every program gets the sample from it.

    Others (see `images.is_plain_file`), and pictures that are derived on the way, are PNG.

    Args:
        source: where they are.
        rows: columns sample_id, parent, transform and mode.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Raises:
        PicturesMissing: some are not in this workspace, or not as they were stored.
    """
    make = partial(_make_files, modes=rows.column("mode").to_pylist())
    return _in_order(_read(source, rows, make, executor=executor, progress=progress))


def _read(
    source: PictureSource,
    rows: pa.Table,
    make: Callable[..., list[tuple[int, Result]]],
    *,
    executor: Executor | None,
    progress: Progress,
) -> Iterator[tuple[int, Result]]:
    """What `make` makes of tasks and the recipe by which they are derived."""
    tasks = _from_catalog(source, _by_picture(rows))
    pools = nullcontext(executor) if executor else local_threads()
    with pools as pool, progress("reading pictures", rows.num_rows, unit="pictures") as advance:
        for done in map_ordered(pool, partial(make, recipe=source.recipe), in_chunks(tasks)):
            yield from done
            advance(len(done))


def _in_order(results: Iterable[tuple[int, Result]]) -> Iterator[Result]:
    early: dict[int, Result] = {}
    turn = 0
    for row, result in results:
        early[row] = result
        while turn in early:
            yield early.pop(turn)
            turn += 1


def _by_picture(rows: pa.Table) -> dict[str, list[tuple[int, str]]]:
    """Stored picture -> the rows that show it or what is derived of it, and by which transform."""
    wanted: dict[str, list[tuple[int, str]]] = {}
    columns = (rows.column(name).to_pylist() for name in ("sample_id", "parent", "transform"))
    for row, (sample_id, parent, transform) in enumerate(zip(*columns, strict=True)):
        wanted.setdefault(parent or sample_id, []).append((row, transform or ORIGINAL))
    return wanted


def _from_catalog(source: PictureSource, wanted: Mapping[str, list[tuple[int, str]]]) -> Iterator[_Task]:
    path = source.state / "catalog.sqlite"
    if not path.is_file():
        raise PicturesMissing(f"the pictures of {source.version} are not here: there is no {path}; ingest its sources")
    count = 0
    with Catalog(path) as catalog:
        for sample_id, sha256, data in pictures.read(catalog, sorted(wanted), strict=False):
            count += 1
            yield _Task(sample_id, sha256, data, wanted[sample_id])
    if count < len(wanted):
        raise PicturesMissing(
            f"{len(wanted) - count:,} of {len(wanted):,} pictures of {source.version} are not in this workspace; "
            "ingest its sources (see `sources` in its manifest.json)"
        )


def in_chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Lists of as many pictures as one task of a worker takes."""
    iterator = iter(items)
    while chunk := list(islice(iterator, _PER_TASK)):
        yield chunk


def _make(
    tasks: list[_Task], *, recipe: Mapping[str, Any] | None, then: Callable[[np.ndarray], Result]
) -> list[tuple[int, Result]]:
    results = []
    for task in tasks:
        _check(task)
        pixels = decode(task.data, max_megapixels=np.inf).pixels
        for row, transform in task.wanted:
            shown = pixels if recipe is None else derive_picture(pixels, recipe, transform, sample_id=task.sample_id)
            results.append((row, then(shown)))
    return results


def _make_files(
    tasks: list[_Task], *, recipe: Mapping[str, Any] | None, modes: Sequence[str]
) -> list[tuple[int, bytes]]:
    results = []
    for task in tasks:
        if recipe is None and is_plain_file(task.data, modes[task.wanted[0][0]]):
            _check(task)
            results += [(row, task.data) for row, _ in task.wanted]
        else:
            results += _make([task], recipe=recipe, then=encode_png)
    return results


def _check(task: _Task) -> None:
    if hashlib.sha256(task.data).digest() != task.sha256:
        raise PicturesMissing(
            f"the file of {task.sample_id} is not as it was stored; restore the catalog from a backup, or ingest its "
            "source into a new workspace"
        )
