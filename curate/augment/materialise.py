"""Store the pictures of a derived version, so that reading them needs no augmentation."""

import shutil
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curate.errors import VersionDamaged
from curate.images import encode_stored_png
from curate.manifest import Version
from curate.manifest.files import HEADER_NAME, file_digest, read_sealed, seal
from curate.manifest.pictures import MATERIALISED, read_in_order
from curate.progress import Progress, silent
from curate.storage import move, replace_file, sync_file, sync_folder

__all__ = ["PictureDraft", "materialise"]

_SCHEMA = pa.schema([("sample_id", pa.large_string()), ("data", pa.large_binary())])
_PER_GROUP = 1024


class PictureDraft:
    """The pictures of a derived version on their way to `.curate/pictures/VERSION/`.

    A context: what was not released when it ends is removed. A process that dies leaves the draft, which the next one
    of the same name removes.
    """

    def __init__(self, folder: Path) -> None:
        """Begin a draft beside `folder`, which takes that name when it is released."""
        self.folder = folder
        self._draft = folder.with_name(f".{folder.name}.draft")
        self._rows: list[tuple[str, bytes]] = []

    def __enter__(self) -> "PictureDraft":
        shutil.rmtree(self._draft, ignore_errors=True)
        self._draft.mkdir(parents=True)
        self._writer = _open_writer(self._draft / MATERIALISED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        shutil.rmtree(self._draft, ignore_errors=True)

    def add(self, sample_id: str, data: bytes) -> None:
        """The picture of the next row, encoded."""
        self._rows.append((sample_id, data))
        if len(self._rows) == _PER_GROUP:
            self._flush()

    def finish(self, *, without: np.ndarray) -> None:
        """After the last picture: leave out those at the places `without`, (K,) int64."""
        self._flush()
        self._writer.close()
        if len(without):
            path = self._draft / MATERIALISED
            whole = path.rename(path.with_suffix(".all"))
            with _open_writer(path) as writer:
                for batch in _without(whole, without):
                    writer.write_batch(batch)
            whole.unlink()

    def release(self, version: Version) -> None:
        """Give the finished draft its name; what had it before is replaced."""
        sync_file(self._draft / MATERIALISED)
        files = {MATERIALISED: file_digest(self._draft / MATERIALISED)}
        content = {"version": version.name, "digest": version.header["digest"], "files": files}
        replace_file(self._draft / HEADER_NAME, seal(content).decode())
        sync_folder(self._draft)
        shutil.rmtree(self.folder, ignore_errors=True)
        move(self._draft, self.folder)
        sync_folder(self.folder.parent)

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.table([list(column) for column in zip(*self._rows, strict=True)], _SCHEMA))
            self._rows.clear()


def materialise(version: Version, *, executor: Executor | None = None, progress: Progress = silent) -> bool:
    """Write `.curate/pictures/VERSION/`: every picture as PNG in row order, and a sealed manifest.json.

    Args:
        version: a derived one.
        executor: threads; None = all cores.
        progress: told how many pictures are done.

    Returns:
        Whether something was written; False = it was there, and is whole.

    Raises:
        PicturesMissing: this workspace does not hold the version's pictures.
    """
    folder = version.source.materialised
    if _is_whole(folder, version):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    rows = version.table("rows", columns=["sample_id", "parent", "transform"])
    with PictureDraft(folder) as draft:
        pictures = read_in_order(version.source, rows, then=encode_stored_png, executor=executor, progress=progress)
        for sample_id, data in zip(rows.column("sample_id").to_pylist(), pictures, strict=True):
            draft.add(sample_id, data)
        draft.finish(without=np.array([], np.int64))
        draft.release(version)
    return True


def _open_writer(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path, _SCHEMA, compression="zstd", compression_level=1, use_dictionary=False, write_statistics=False
    )


def _without(path: Path, places: np.ndarray) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in pq.ParquetFile(path).iter_batches(_PER_GROUP):
        kept = ~np.isin(np.arange(start, start + len(batch)), places)
        start += len(batch)
        yield batch.filter(pa.array(kept))


def _is_whole(folder: Path, version: Version) -> bool:
    try:
        header = read_sealed(folder / HEADER_NAME)
        files = {name: file_digest(folder / name) for name in header["files"]}
    except (VersionDamaged, FileNotFoundError, NotADirectoryError):
        return False
    return bool(header["digest"] == version.header["digest"] and header["files"] == files)
