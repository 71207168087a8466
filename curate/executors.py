"""Where work runs: any `concurrent.futures.Executor`. Results never depend on which."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TypeVar

__all__ = ["local_processes", "local_threads", "map_ordered"]

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def local_threads(workers: int | None = None) -> ThreadPoolExecutor:
    """Threads for this machine, one for each core that this process may use.

    Threads are enough: decoding, digests and array arithmetic all release Python's global lock.
    """
    return ThreadPoolExecutor(workers or len(os.sched_getaffinity(0)), thread_name_prefix="curate")


def local_processes(workers: int | None = None) -> ProcessPoolExecutor:
    """Processes for this machine: one core less than there are, which is left to the caller.

    For work that holds Python's global lock too often for threads. The caller's main module must be importable without
    side effects (`if __name__ == "__main__":`). The processes end with their parent, however it ends.
    """
    count = workers or max(1, len(os.sched_getaffinity(0)) - 1)
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_follow_parent)


def _follow_parent() -> None:
    """Leave interrupts to the parent, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()


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
