"""Locks: one writer to a workspace at a time. The system frees a lock when its holder dies, however it dies.

The first byte of a lock file is what is locked, and says nothing: on Windows nobody else can read a locked byte. Who
holds the lock stands behind it.
"""

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

_TRIES, _LOOKS, _PAUSE_S = 50, 4, 0.01
"""`lock_holder` holds the lock itself while it looks, for some microseconds; that must turn no writer away, and nobody
else who looks must take it for a writer."""


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
        if not _acquire(file, tries=_TRIES):
            holder = _read_holder(path) or "another process"
            raise WorkspaceLocked(f"{path.parent.parent} is in use by {holder}; wait for it, or stop it")
        try:
            with space_needed(path):
                file.truncate(0)
                rest = b" " + json.dumps(asdict(Holder(task, os.getpid(), socket.gethostname()))).encode()
                while rest:  # a limit on size first cuts a write short, and refuses the next
                    rest = rest[file.write(rest) :]
            yield
        finally:
            file.truncate(0)
            _release(file)


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
        if not _acquire(file):
            with progress("waiting for another process that does the same", None, unit="runs"):
                while not _acquire(file):
                    time.sleep(_PAUSE_S)
        try:
            yield
        finally:
            _release(file)


def lock_holder(path: Path) -> Holder | None:
    """Who holds the lock right now; None when nobody does."""
    if not path.exists():
        return None
    with path.open("rb", buffering=0) as file:
        if _acquire(file, tries=_LOOKS):
            _release(file)
            return None
    return _read_holder(path)


def _acquire(file: FileIO, *, tries: int = 1) -> bool:
    """Lock the file's first byte, or say after some tries that somebody else holds it."""
    from filelock import lock_descriptor  # slow to import, and many commands take no lock

    for attempt in range(tries):
        if attempt:
            time.sleep(_PAUSE_S)
        if lock_descriptor(file.fileno(), blocking=False):
            return True
    return False


def _release(file: FileIO) -> None:
    from filelock import unlock_descriptor

    unlock_descriptor(file.fileno())


def _read_holder(path: Path) -> Holder | None:
    with path.open("rb", buffering=0) as file:
        file.seek(1)
        text = file.read()
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):  # between taking the lock and writing the name
        return None
