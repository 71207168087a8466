"""Are a version's pictures what their ids say? Every picture is read, hashed, decoded, and derived again."""

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.catalog import Catalog, pictures
from curate.derive import ORIGINAL, derive_picture
from curate.errors import PictureError
from curate.executors import local_threads, map_ordered
from curate.images import decode, sample_digest
from curate.manifest.pictures import PictureSource, in_chunks
from curate.progress import Progress, silent

__all__ = ["PictureCheck", "check_pictures"]


@dataclass(frozen=True, slots=True)
class PictureCheck:
    """How many stored pictures were compared (None = there is no catalog), and what is wrong, one line each."""

    compared: int | None
    damaged: tuple[str, ...]


class _Stored(NamedTuple):
    """One stored picture: its sample_id, the recorded sha256 of its file, the file, and what is derived from it."""

    sample_id: str
    sha256: bytes
    data: bytes
    derived: Mapping[str, str]


def check_pictures(
    source: PictureSource, rows: pa.Table, *, executor: Executor | None = None, progress: Progress = silent
) -> PictureCheck:
    """Compare pictures with the digests that name them.

    Args:
        source: where they are.
        rows: columns sample_id, parent and transform.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.
    """
    path = source.state / "catalog.sqlite"
    if not path.is_file():
        return PictureCheck(None, ())
    wanted = _wanted(rows)
    compare = partial(_compare, recipe=source.recipe or {}, where=str(path))
    damaged: list[str] = []
    compared: set[str] = set()
    with ExitStack() as stack:
        pool = stack.enter_context(nullcontext(executor) if executor else local_threads())
        catalog = stack.enter_context(Catalog(path))
        advance = stack.enter_context(progress("checking pictures", len(wanted), unit="pictures"))
        stored = (
            _Stored(*file, wanted[file.sample_id]) for file in pictures.read(catalog, sorted(wanted), strict=False)
        )
        for faults, names in map_ordered(pool, compare, in_chunks(stored)):
            damaged += faults
            compared.update(names)
            advance(len(names))
    damaged += [f"{name} is not in {path}; ingest its source" for name in wanted if name not in compared]
    return PictureCheck(len(compared), tuple(damaged))


def _wanted(rows: pa.Table) -> dict[str, dict[str, str]]:
    """Stored picture -> transform -> the sample_id that it must give."""
    wanted: dict[str, dict[str, str]] = {}
    columns = (rows.column(name).to_pylist() for name in ("sample_id", "parent", "transform"))
    for sample_id, parent, transform in zip(*columns, strict=True):
        wanted.setdefault(parent or sample_id, {})[transform or ORIGINAL] = sample_id
    return wanted


def _compare(stored: list[_Stored], *, recipe: Mapping[str, Any], where: str) -> tuple[list[str], list[str]]:
    """What is wrong with stored pictures, and their names."""
    faults = [text for picture in stored for text in _faults(picture, recipe, where)]
    return faults, [picture.sample_id for picture in stored]


def _faults(picture: _Stored, recipe: Mapping[str, Any], where: str) -> Iterator[str]:
    way_out = "restore the catalog from a backup, or ingest its source into a new workspace"
    if hashlib.sha256(picture.data).digest() != picture.sha256:
        yield f"the file of {picture.sample_id} in {where} is not as it was stored; {way_out}"
        return
    try:
        pixels = decode(picture.data, max_megapixels=np.inf).pixels
    except PictureError as error:
        yield f"the file of {picture.sample_id} in {where} cannot be decoded ({error}); {way_out}"
        return
    if sample_digest(pixels).hex() != picture.sample_id:
        yield f"the file of {picture.sample_id} in {where} shows another picture; {way_out}"
        return
    for transform, sample_id in picture.derived.items():
        if not recipe and transform == ORIGINAL:
            continue
        made = derive_picture(pixels, recipe, transform, sample_id=picture.sample_id)
        if sample_digest(made).hex() != sample_id:
            yield f"{transform} of {picture.sample_id} no longer gives {sample_id}"
