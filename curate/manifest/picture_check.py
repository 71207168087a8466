"""Are a version's pictures what their ids say? Every picture is read, hashed, decoded, and derived again."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.catalog import Catalog, pictures
from curate.derive import ORIGINAL, derive_picture
from curate.errors import PictureError, VersionDamaged
from curate.executors import local_threads, map_ordered
from curate.images import decode, sample_digest
from curate.manifest.files import HEADER_NAME, file_digest, read_sealed
from curate.manifest.pictures import MATERIALISED, PictureSource
from curate.progress import Progress, silent

__all__ = ["PictureCheck", "check_pictures"]

_PER_TASK = 256


@dataclass(frozen=True, slots=True)
class PictureCheck:
    """How many pictures were compared (None = there are none to compare), and what is wrong, one line each."""

    stored: int | None
    materialised: int | None
    damaged: tuple[str, ...]


class _Kept(NamedTuple):
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
        executor: threads; None = all cores.
        progress: told how many are done.
    """
    damaged: list[str] = []
    with nullcontext(executor) if executor else local_threads() as pool:
        stored = _check_stored(source, _wanted(rows), damaged, pool, progress)
        materialised = _check_materialised(source, rows, damaged, pool, progress)
    return PictureCheck(stored, materialised, tuple(damaged))


def _wanted(rows: pa.Table) -> dict[str, dict[str, str]]:
    """Stored picture -> transform -> the sample_id that it must give."""
    wanted: dict[str, dict[str, str]] = {}
    columns = (rows.column(name).to_pylist() for name in ("sample_id", "parent", "transform"))
    for sample_id, parent, transform in zip(*columns, strict=True):
        wanted.setdefault(parent or sample_id, {})[transform or ORIGINAL] = sample_id
    return wanted


def _check_stored(
    source: PictureSource, wanted: dict[str, dict[str, str]], damaged: list[str], pool: Executor, progress: Progress
) -> int | None:
    path = source.state / "catalog.sqlite"
    if not path.is_file():
        return None
    work = partial(_compare, recipe=source.recipe or {}, where=str(path))
    seen: set[str] = set()
    with ExitStack() as stack:
        catalog = stack.enter_context(Catalog(path))
        advance = stack.enter_context(progress("checking pictures", len(wanted), unit="pictures"))
        rows = pictures.read(catalog, sorted(wanted), strict=False)
        kept = (_Kept(name, sha256, data, wanted[name]) for name, sha256, data in rows)
        for found, names in map_ordered(pool, work, _chunks(kept)):
            damaged += found
            seen.update(names)
            advance(len(names))
    damaged += [f"{name} is not in {path}; ingest its source" for name in wanted if name not in seen]
    return len(seen)


def _check_materialised(
    source: PictureSource, rows: pa.Table, damaged: list[str], pool: Executor, progress: Progress
) -> int | None:
    folder = source.materialised
    if not folder.is_dir():
        return None
    again = f"remove {folder} and run `curate augment --materialise` again"
    try:
        header = read_sealed(folder / HEADER_NAME)
    except (VersionDamaged, FileNotFoundError):
        damaged.append(f"{folder / HEADER_NAME} is not as it was written; {again}")
        return 0
    if header["digest"] != source.digest:
        damaged.append(f"{folder} holds pictures of another version that was called {source.version}; {again}")
        return 0
    path = folder / MATERIALISED
    if not path.is_file() or file_digest(path) != header["files"][MATERIALISED]:
        damaged.append(f"{path} is not as it was written; {again}")
        return 0
    names = rows.column("sample_id").to_pylist()
    with progress("checking materialised pictures", len(names), unit="pictures") as advance:
        stored = _materialised(path)
        count = 0
        for own, found in map_ordered(pool, _named, _chunks(stored)):
            expected = names[count : count + len(own)]
            damaged += [
                f"picture {count + at} of {path} is not {name}; {again}"
                for at, name in enumerate(expected)
                if found[at] != name
            ]
            count += len(own)
            advance(len(own))
    if count != len(names):
        damaged.append(f"{path} holds {count:,} pictures, not {len(names):,}; {again}")
    return count


def _materialised(path: Any) -> Iterator[bytes]:
    for batch in pq.ParquetFile(path).iter_batches(_PER_TASK, columns=["data"]):
        yield from batch.column(0).to_pylist()


def _named(files: list[bytes]) -> tuple[list[bytes], list[str]]:
    return files, [_digest_of(data) for data in files]


def _digest_of(data: bytes) -> str:
    try:
        return sample_digest(decode(data, max_megapixels=np.inf).pixels).hex()
    except PictureError:
        return ""


def _compare(kept: list[_Kept], *, recipe: Mapping[str, Any], where: str) -> tuple[list[str], list[str]]:
    """What is wrong with stored pictures, and their names."""
    return [text for each in kept for text in _faults(each, recipe, where)], [each.sample_id for each in kept]


def _faults(each: _Kept, recipe: Mapping[str, Any], where: str) -> Iterator[str]:
    way_out = "restore the catalog from a backup, or ingest its source into a new workspace"
    if hashlib.sha256(each.data).digest() != each.sha256:
        yield f"the file of {each.sample_id} in {where} is not as it was stored; {way_out}"
        return
    try:
        pixels = decode(each.data, max_megapixels=np.inf).pixels
    except PictureError as error:
        yield f"the file of {each.sample_id} in {where} cannot be decoded ({error}); {way_out}"
        return
    if sample_digest(pixels).hex() != each.sample_id:
        yield f"the file of {each.sample_id} in {where} shows another picture; {way_out}"
        return
    for transform, sample_id in each.derived.items():
        if not recipe and transform == ORIGINAL:
            continue
        made = derive_picture(pixels, recipe, transform, sample_id=each.sample_id)
        if sample_digest(made).hex() != sample_id:
            yield f"{transform} of {each.sample_id} no longer gives {sample_id}"


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _PER_TASK)):
        yield chunk
