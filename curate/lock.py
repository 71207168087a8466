"""Locks: one writer to a workspace at a time. The system frees a lock when its holder dies, however it dies."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from curate.errors import WorkspaceLocked
from curate.progress import Progress
from curate.storage import space_needed

__all__ = ["Holder", "lock_holder", "locked", "waiting_lock"]

_TRIES, _PAUSE_S = 50, 0.01
"""`lock_holder` holds the lock itself while it looks, for some microseconds; that must not turn a writer away."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a workspace."""

    task: str
    process: int
    host: str

    def __str__(self) -> str:
        return f"`{self.task}` (process {self.process} on {self.host})"


@contextmanager
def locked(path: Path, task: str) -> Iterator[None]:
    """Hold the lock file at `path` for `task`.

    Raises:
        WorkspaceLocked: somebody else holds it; the message says who.
        StorageFull: the disk is full.
    """
    with space_needed(path):
        file = path.open("ab", buffering=0)
    with file:
        _acquire(file, path)
        try:
            with space_needed(path):
                file.truncate(0)
                rest = json.dumps(asdict(Holder(task, os.getpid(), socket.gethostname()))).encode()
                while rest:  # a limit on size first cuts a write short, and refuses the next
                    rest = rest[file.write(rest) :]
            yield
        finally:
            file.truncate(0)


@contextmanager
def waiting_lock(path: Path, *, progress: Progress) -> Iterator[None]:
    """Hold the lock file at `path`; while somebody else holds it, wait, and say so.

    Raises:
        StorageFull: the disk is full.
    """
    with space_needed(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab", buffering=0)
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with progress("waiting for another process that does the same", None, unit="runs"):
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def lock_holder(path: Path) -> Holder | None:
    """Who holds the lock right now; None when nobody does."""
    if not path.exists():
        return None
    with path.open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_holder(path)
        return None


def _acquire(file: FileIO, path: Path) -> None:
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_S)
        else:
            return
    holder = _read_holder(path) or "another process"
    raise WorkspaceLocked(f"{path.parent.parent} is in use by {holder}; wait for it, or stop it")


def _read_holder(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):  # between taking the lock and writing the name
        return None
