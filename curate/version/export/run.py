"""Write a version into a folder in some format, whole or not at all."""

import shutil
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from curate.errors import ExportError
from curate.manifest import Version
from curate.progress import Progress, silent
from curate.storage import move, space_needed, sync_folder
from curate.version.export.registry import find_export
from curate.version.export.writing import Work

__all__ = ["ExportReport", "export_version"]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        version, format: which, and as what.
        folder: where.
        rows: how many rows of the version are in it.
        files: how many files.
        remarks: what a person should know, such as rows that the format cannot hold; one sentence each.
    """

    version: str
    format: str
    folder: Path
    rows: int
    files: int
    remarks: tuple[str, ...]


def export_version(
    version: Version, folder: Path, *, to: str, executor: Executor | None = None, progress: Progress = silent
) -> ExportReport:
    """Write a version for others to read. The same version gives the same bytes.

    Everything is written into a draft beside `folder`, which takes its name when it is whole.

    Args:
        version: what to write.
        folder: made; may exist if it is empty.
        to: a name of `EXPORTS`.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Raises:
        ExportError: there is no such format, or something is in the folder.
        PicturesMissing: this workspace does not hold the version's pictures.
        VersionDamaged: a table of the version cannot be read.
        StorageFull: there is no space; nothing is left behind.
    """
    form = find_export(to)
    target = folder.absolute()
    _check_free(target)
    draft = target.with_name(f".{target.name}.draft")
    with space_needed(draft):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            written = form.write(Work(version, draft, executor, progress))
            move(draft, target)
            sync_folder(target.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return ExportReport(version.name, form.name, target, *written)


def _check_free(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"{folder} is a file; name a new folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise ExportError(f"{folder} is not empty; name a new folder, or empty it first")
