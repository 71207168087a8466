"""Where work runs: any `concurrent.futures.Executor`. Results never depend on which."""

import functools
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.queues import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

__all__ = ["local_processes", "local_threads", "map_ordered", "one_core_processes", "usable_cores"]

_HAS_AFFINITY = hasattr(os, "sched_getaffinity")
"""Only Linux ties processes to cores."""

_MOST_PROCESSES = 61
"""That a pool can wait for on Windows. Source: `max_workers` in the documentation of `concurrent.futures`."""

Result = TypeVar("Result")


def local_threads(workers: int | None = None) -> ThreadPoolExecutor:
    """Threads for this machine, one for each core that this process may use.

    For work on whole arrays, which releases Python's global lock and shares the pictures.
    """
    return ThreadPoolExecutor(workers or usable_cores(), thread_name_prefix="curate")


def local_processes(workers: int | None = None) -> ProcessPoolExecutor:
    """Processes for this machine: one core less than there are, which is left to the caller.

    For work that holds Python's global lock too often for threads. The caller's main module must be importable without
    side effects (`if __name__ == "__main__":`). The processes end with their parent, however it ends.
    """
    count = min(workers or max(1, usable_cores() - 1), _MOST_PROCESSES)
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_follow_parent)


def one_core_processes() -> ProcessPoolExecutor:
    """One process for each core, which on Linux it alone uses; the caller, who shares these cores, should only wait.

    For long work that uses several cores badly, such as training small networks. Else as `local_processes`, but for
    interrupts, which reach all of them.
    """
    context = get_context("spawn")
    cores = context.SimpleQueue()
    if _HAS_AFFINITY:
        for core in sorted(os.sched_getaffinity(0)):
            cores.put(core)
    count = min(usable_cores(), _MOST_PROCESSES)
    return ProcessPoolExecutor(count, mp_context=context, initializer=_take_core, initargs=(cores,))


def usable_cores() -> int:
    """How many cores this process may use, as far as the system says; at least 1."""
    if sys.version_info >= (3, 13):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if _HAS_AFFINITY else os.cpu_count() or 1


def _take_core(cores: "SimpleQueue[int]") -> None:
    """Stay on a core that no other process has taken, where the system allows it, and end when the parent does."""
    if _HAS_AFFINITY:
        os.sched_setaffinity(0, {cores.get()})
    _end_with_parent()


def _follow_parent() -> None:
    """Leave interrupts to the parent, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()


def map_ordered(
    executor: Executor,
    function: Callable[..., Result],
    *arguments: Iterable[Any],
    ahead: int | None = None,
) -> Iterator[Result]:
    """Like `map`, but with at most `ahead` calls under way, so that memory does not grow with the input.

    None = two for each core of this machine. In another process, a call has one thread for linear algebra: the rounding
    of sums does not depend on where it runs.
    """
    waiting: deque[Future[Result]] = deque()
    most = ahead or 2 * usable_cores()
    try:
        for values in zip(*arguments, strict=False):  # some may repeat for ever
            waiting.append(executor.submit(_call, function, *values))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _call(function: Callable[..., Result], *values: Any) -> Result:
    if parent_process() is not None:
        _stay_on_one_thread()
    return function(*values)


@functools.cache
def _stay_on_one_thread() -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
