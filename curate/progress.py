"""How long work tells how far it is. The visible bar lives in the command line; the library is silent."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["Advance", "Progress", "silent"]

Advance = Callable[[int], None]


class Progress(Protocol):
    """Opens a task; the task's value is a function that takes how many more units are done."""

    def __call__(self, task: str, total: int | None, *, unit: str) -> AbstractContextManager[Advance]:
        """Begin `task` of `total` units (None = not known beforehand)."""


@contextmanager
def silent(task: str, total: int | None, *, unit: str) -> Iterator[Advance]:  # noqa: ARG001
    """The default: shows nothing."""
    yield lambda _done: None
