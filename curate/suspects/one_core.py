"""Tasks that compute the same bits in every process, however many cores its linear algebra would use."""

from collections.abc import Callable
from functools import cache, wraps
from multiprocessing import parent_process
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

__all__ = ["on_one_core"]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def on_one_core(task: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The task, with one thread of linear algebra where it runs in a worker process, from its first call on.

    Sums in another order would differ in the last bits. In the main process the stage sets the limit: threads share it.
    """

    @wraps(task)
    def limited(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        _limit_worker()
        return task(*args, **kwargs)

    return limited


@cache
def _limit_worker() -> None:
    if parent_process() is not None:
        threadpool_limits(1, user_api="blas")
