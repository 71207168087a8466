import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.executors import local_processes, local_threads, map_ordered, one_core_processes, usable_cores

FOREVER = """
import os, sys, time
from curate.executors import local_processes
if __name__ == "__main__":
    pool = local_processes(1)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def test_results_come_in_order_and_never_more_than_wanted_are_under_way() -> None:
    taken: list[int] = []

    def arguments() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    with local_threads(4) as pool:
        results = map_ordered(pool, lambda number: number * number, arguments(), ahead=3)
        first = next(results)
        assert (first, len(taken)) == (0, 3)
        assert list(results) == [number * number for number in range(1, 20)]


def test_processes_work_elsewhere() -> None:
    with local_processes(1) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()


def cores_once_all_are_here(folder: Path, processes: int) -> tuple[int, ...]:
    """The cores of this process, when so many processes have come here."""
    (folder / str(os.getpid())).touch()
    deadline = time.monotonic() + 60
    while len(list(folder.iterdir())) < processes and time.monotonic() < deadline:
        time.sleep(0.01)
    return tuple(os.sched_getaffinity(0))


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="only Linux ties processes to cores")
def test_one_core_processes_have_a_core_each(tmp_path: Path) -> None:
    cores = sorted(os.sched_getaffinity(0))
    with one_core_processes() as pool:
        taken = [pool.submit(cores_once_all_are_here, tmp_path, len(cores)) for _ in cores]
        assert sorted(each.result() for each in taken) == [(core,) for core in cores]


def test_one_core_processes_are_as_many_as_cores_on_every_system() -> None:
    with one_core_processes() as pool:
        assert pool._max_workers == usable_cores() >= 1
        assert pool.submit(os.getpid).result() != os.getpid()


def test_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "forever.py"
    script.write_text(FOREVER, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("the worker outlived its parent")
