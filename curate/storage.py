"""Writing where a disk may be full or nothing may be written, and replacing a file so that it is never half-written."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from curate.errors import NotWritable, StorageFull

__all__ = [
    "RESERVED_NAMES",
    "bytes_on_disk",
    "check_writable",
    "is_writable",
    "move",
    "not_writable",
    "replace_file",
    "space_needed",
    "sync_file",
    "sync_folder",
]

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_RIGHT = (errno.EACCES, errno.EPERM)
RESERVED_NAMES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789"))
)
"""In lower case; names of devices on Windows, where no file can have them, whatever follows after a dot.

Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
"""

_TRIES, _PAUSE_S = 10, 0.05
"""Windows replaces no file that somebody has open, such as a virus scanner, which looks into every new file."""


def is_writable(path: Path) -> bool:
    """May this process write the file, and beside it? Of a file or folder that is not there: may it be made?"""
    if path.exists() and not os.access(path, os.W_OK):
        return False
    folder = path if path.is_dir() else path.parent
    while not folder.exists():
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


def check_writable(*places: Path) -> None:
    """Look whether files or folders can be written, before work is done whose outcome belongs there.

    Raises:
        NotWritable: one of them cannot.
    """
    for place in places:
        if not is_writable(place):
            raise NotWritable(not_writable(place))


def not_writable(place: Path | str) -> str:
    """What to say of a place that cannot be written to."""
    return (
        f"{place} cannot be written to: it is read-only, or belongs to somebody else; use another place, such as a copy"
    )


@contextmanager
def space_needed(path: Path | None = None) -> Iterator[None]:
    """Turn the system's ways to say that there is no space into this package's.

    Args:
        path: what is written; None = the file that the system names, or standard output.

    Raises:
        StorageFull: the disk is full, or a quota or size limit is reached.
        NotWritable: the file system is read-only; or nothing may be written at the path, where one is given, or another
            program has it open where the system does not replace open files.
    """
    try:
        yield
    except OSError as error:
        place = path or error.filename or "standard output"
        refused = error.errno in _NO_RIGHT and path is not None
        if error.errno == errno.EROFS or (refused and not is_writable(Path(place))):
            raise NotWritable(not_writable(place)) from error
        if refused:
            raise NotWritable(
                f"{place} cannot be replaced: another program has it open; close it there and run the command again"
            ) from error
        if error.errno not in _NO_SPACE:
            raise
        raise StorageFull(
            f"{place} could not be written ({error.strerror}); free some space and run the command again"
        ) from error


def bytes_on_disk(path: Path) -> int:
    """The size of a file, or of all files below a folder; 0 = there is nothing. Links are not followed."""
    if not path.is_dir():
        return path.lstat().st_size if path.exists() else 0
    size = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(FileNotFoundError):  # another process may be at work
                size += (Path(folder) / name).lstat().st_size
    return size


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; what stood there before stays until then.

    Raises:
        StorageFull: there is no space for it.
        NotWritable: nothing may be written there, or another program has the file open.
    """
    draft = path.with_name(f".{path.name}.draft")
    with space_needed(path):
        try:
            with draft.open("wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            move(draft, path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise


def move(draft: Path, target: Path) -> None:
    """Give a finished file or folder its name, at once; a file that has the name is replaced.

    Where the system refuses because something is open, it is tried again for half a second.
    """
    if draft.is_dir() and target.is_dir():
        target.rmdir()  # an empty one, which Windows would not replace
    for _ in range(_TRIES - 1):
        try:
            draft.replace(target)
        except PermissionError:
            time.sleep(_PAUSE_S)
        else:
            return
    draft.replace(target)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; nothing on Windows, where no folder can be opened."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk."""
    with path.open("r+b") as file:  # Windows flushes only what may be written
        os.fsync(file.fileno())
