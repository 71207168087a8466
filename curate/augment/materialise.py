"""Store the pictures of a derived version, so that reading them needs no augmentation."""

import shutil
from concurrent.futures import Executor
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curate.errors import VersionDamaged
from curate.images import encode_png
from curate.manifest import Version
from curate.manifest.files import HEADER_NAME, file_digest, read_sealed, seal
from curate.manifest.pictures import MATERIALISED, read_in_order
from curate.progress import Progress, silent
from curate.storage import replace_file, space_needed, sync_file, sync_folder

__all__ = ["materialise"]

_SCHEMA = pa.schema([("sample_id", pa.large_string()), ("data", pa.large_binary())])
_PER_GROUP = 1024


def materialise(version: Version, *, executor: Executor | None = None, progress: Progress = silent) -> bool:
    """Write `.curate/pictures/VERSION/`: every picture as PNG in row order, and a sealed manifest.json.

    Written into a draft that takes its name when it is whole; one that is there and is not whole is replaced.

    Args:
        version: a derived one.
        executor: threads; None = all cores.
        progress: told how many pictures are done.

    Returns:
        Whether something was written; False = it was there.

    Raises:
        PicturesMissing: this workspace does not hold the version's pictures.
        StorageFull: there is no space; nothing is left behind.
    """
    folder = version.source.materialised
    if _is_whole(folder, version):
        return False
    draft = folder.with_name(f".{folder.name}.draft")
    with space_needed(draft):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            _write_pictures(draft / MATERIALISED, version, executor, progress)
            files = {MATERIALISED: file_digest(draft / MATERIALISED)}
            content = {"version": version.name, "digest": version.header["digest"], "files": files}
            replace_file(draft / HEADER_NAME, seal(content).decode())
            sync_folder(draft)
            draft.rename(folder)
            sync_folder(folder.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return True


def _is_whole(folder: Path, version: Version) -> bool:
    try:
        header = read_sealed(folder / HEADER_NAME)
        files = {name: file_digest(folder / name) for name in header["files"]}
    except (VersionDamaged, FileNotFoundError, NotADirectoryError):
        return False
    return bool(header["digest"] == version.header["digest"] and header["files"] == files)


def _write_pictures(path: Path, version: Version, executor: Executor | None, progress: Progress) -> None:
    rows = version.table("rows", columns=["sample_id", "parent", "transform"])
    names = iter(rows.column("sample_id").to_pylist())
    pictures = read_in_order(version.source, rows, then=encode_png, executor=executor, progress=progress)
    with pq.ParquetWriter(path, _SCHEMA, compression="none", use_dictionary=False, write_statistics=False) as writer:
        while data := list(islice(pictures, _PER_GROUP)):
            writer.write_table(pa.table([list(islice(names, len(data))), data], schema=_SCHEMA))
    sync_file(path)
