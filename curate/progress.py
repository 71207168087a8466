"""Progress callbacks. The visible bar lives in the command line; the library is silent."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["Advance", "Progress", "part_of", "silent"]

Advance = Callable[[int], None]


class Progress(Protocol):
    """Opens a task; the task's value is a function that takes how many more units are done."""

    def __call__(self, task: str, total: int | None, *, unit: str) -> AbstractContextManager[Advance]:
        """Begin `task` of `total` units (None = not known beforehand)."""


@contextmanager
def silent(task: str, total: int | None, *, unit: str) -> Iterator[Advance]:  # noqa: ARG001
    """The default: shows nothing."""
    yield lambda _done: None


@contextmanager
def part_of(advance: Advance, units: int) -> Iterator[Progress]:
    """A progress for work that is a part of a larger task, whose bar it moves instead of opening one of its own.

    Args:
        advance: of the larger task.
        units: what this part is worth there; all are done when the context is left.
    """
    done = 0

    def reach(target: int) -> None:
        nonlocal done
        if target > done:
            advance(target - done)
            done = target

    @contextmanager
    def open_task(task: str, total: int | None, *, unit: str) -> Iterator[Advance]:  # noqa: ARG001
        seen = 0

        def step(count: int) -> None:
            nonlocal seen
            seen += count
            if total:
                reach(min(units, units * seen // total))

        yield step

    yield open_task
    reach(units)
