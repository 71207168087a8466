"""Does any history of a workspace put a photograph, a person or a film on two sides?

Usage: python benchmarks/leak_histories.py [--count 5000] [--seed 0] [--workers 2]

Random histories of deliveries in several encodings, forgotten sources, relabelling, judged pairs, patches,
augmentation, exports that come back in, and releases, on a planted world. After every release an oracle that knows who
is on every picture looks for two sides. Prints each history that leaks or fails, and exits with 1 if there is one.
"""

import argparse
import sys
import time
import traceback
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from histories import history, pool, random_steps

from curate.errors import CurateError

_FAULTS = (
    CurateError, ArithmeticError, AssertionError, LookupError, OSError, RuntimeError, TypeError, ValueError, Warning,
)  # fmt: skip


def main() -> None:
    """Run them all, and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    started, kinds, releases, wrong = time.perf_counter(), Counter[str](), 0, 0
    numbers = range(options.seed, options.seed + options.count)
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn"), initializer=pool) as workers:
        for number, (names, versions, found) in zip(numbers, workers.map(look, numbers, chunksize=4), strict=True):
            kinds.update(names)
            releases += versions
            if found:
                wrong += 1
                print(f"history {number}: {found}", flush=True)
    seconds = time.perf_counter() - started
    print(f"{options.count:,} histories, {releases:,} versions, {wrong} wrong; {seconds:,.0f} s")
    print(", ".join(f"{name} {count:,}" for name, count in kinds.most_common()))
    sys.exit(wrong > 0)


def look(number: int) -> tuple[list[str], int, str]:
    """The steps of one history by name, how many versions it made, and what is wrong with it."""
    warnings.simplefilter("error")
    steps = random_steps(np.random.default_rng(number))
    with history() as world:
        try:
            found = "; ".join(world.run(steps))
        except _FAULTS:
            found = traceback.format_exc()
        versions = len(world.workspace.version_names())
    return [type(step).__name__.lower() for step in steps], versions, found


if __name__ == "__main__":
    main()
