"""Where work runs: any `concurrent.futures.Executor`. Results never depend on which."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["local_threads", "map_ordered"]

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def local_threads(workers: int | None = None) -> ThreadPoolExecutor:
    """Threads for this machine, one for each core that this process may use.

    Threads are enough: decoding, digests and array arithmetic all release Python's global lock.
    """
    return ThreadPoolExecutor(workers or len(os.sched_getaffinity(0)), thread_name_prefix="curate")


def map_ordered(
    executor: Executor, function: Callable[[Argument], Result], arguments: Iterable[Argument], *, ahead: int = 4
) -> Iterator[Result]:
    """Like `map`, but with at most `ahead` calls under way, so that memory does not grow with the input."""
    waiting: deque[Future[Result]] = deque()
    try:
        for argument in arguments:
            waiting.append(executor.submit(function, argument))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
