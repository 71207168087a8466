"""The workspace lock: one writer at a time. The system frees it when its holder dies, however it dies."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from curate.errors import WorkspaceLocked

__all__ = ["Holder", "lock_holder", "locked"]


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
    """
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read_holder(path) or "another process"
            raise WorkspaceLocked(f"{path.parent.parent} is in use by {holder}; wait for it, or stop it") from None
        file.truncate(0)
        file.write(json.dumps(asdict(Holder(task, os.getpid(), socket.gethostname()))))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


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


def _read_holder(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):  # between taking the lock and writing the name
        return None
