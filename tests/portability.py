"""A pytest plugin that takes away what only Linux, or only Unix, has: `pytest -p portability`, as `make portability`.

Gone are the modules `fcntl`, `resource`, `pwd`, `grp` and `termios`, `os.fork`, `os.sched_getaffinity` and
`os.sched_setaffinity`, the start methods `fork` and `forkserver`, opening a folder, as `os.fsync` needs it, and
flushing a file that was opened for reading only. Processes that tests start lose the same, through the `sitecustomize`
that this plugin puts on their path. What is installed or part of Python keeps what it loaded: it has other ways there.

Left out are `LEFT_OUT`: tests whose own means only Linux has.
"""

import fcntl
import os
import shutil
import sys
from multiprocessing import context
from pathlib import Path
from typing import Any

__all__ = ["LEFT_OUT"]

LEFT_OUT = {
    "test_full_disk.py": "limits the size of files with `resource`, and writes to /dev/full",
    "test_read_only.py": "mounts a file system, and becomes another user",
    "test_terminal.py": "opens a terminal with `pty`",
    "test_reviewer_browser.py": "reads /proc to measure the server",
}

_MODULES = ("fcntl", "resource", "pwd", "grp", "termios")
_FUNCTIONS = ("fork", "forkpty", "sched_getaffinity", "sched_setaffinity")
_LOADED_FIRST = ("asyncio", "subprocess", "tarfile", "tempfile")

_open, _fsync, _status = os.open, os.fsync, fcntl.fcntl
_STATUS_FLAGS = fcntl.F_GETFL


def _remove_what_only_linux_has() -> None:
    import filelock

    for name in _LOADED_FIRST:
        __import__(name)
    filelock.lock_descriptor  # noqa: B018 - loaded when it is first used
    os.open, os.fsync = _open_as_on_windows, _fsync_as_on_windows
    shutil._use_fd_functions = False  # type: ignore[attr-defined]
    for name in _FUNCTIONS:
        os.__dict__.pop(name, None)
    for name in _MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for name in ("fork", "forkserver"):
        context._concrete_contexts.pop(name, None)
    context._default_context._default_context = context._concrete_contexts["spawn"]


def pytest_configure() -> None:
    """Change the processes that tests start, too."""
    folder = str(Path(__file__).parent / "portable_start")
    os.environ["PYTHONPATH"] = os.pathsep.join([folder, *filter(None, [os.environ.get("PYTHONPATH")])])


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what is left out."""
    return True if collection_path.name in LEFT_OUT else None


def pytest_report_header() -> list[str]:
    """Say what is left out, and why."""
    return [f"portability: {name} is left out, as it {reason}" for name, reason in LEFT_OUT.items()]


def _open_as_on_windows(path: Any, flags: int, *more: Any, **named: Any) -> int:
    if os.path.isdir(path) and not flags & os.O_DIRECTORY:  # noqa: PTH112 - takes numbers, too
        raise PermissionError(13, "Permission denied", path)
    return _open(path, flags, *more, **named)


def _fsync_as_on_windows(handle: Any) -> None:
    number = handle if isinstance(handle, int) else handle.fileno()
    if _status(number, _STATUS_FLAGS) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(9, "Bad file descriptor")
    _fsync(number)


_remove_what_only_linux_has()  # at once: this plugin is imported before conftest.py, which imports the package
