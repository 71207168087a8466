"""Two ways to train several small networks on a processor: one after the other on all cores, or one on each core.

    python benchmarks/train_side_by_side.py [--recipe compact] [--pictures 12800] [--rounds 3]

Every network is trained on random pictures for one unmeasured and one measured epoch; both ways take turns. Prints
pictures per second of all networks together, and the ratio of medians.
"""

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from curate.benchmark.network import Network, TrainingSet
from curate.benchmark.recipe import NetworkRecipe
from curate.benchmark.recipes import RECIPES
from curate.benchmark.warping import draw
from curate.executors import one_core_processes
from curate.runs.keras_backend import find_device, load_keras, on_device

_WARM_UP_S = 30.0
"""In which every process imports, compiles, and trains its unmeasured epoch."""


def train_epoch(recipe_name: str, count: int, wait_until: float) -> tuple[float, float]:
    """When an epoch began and ended, on the clock of the machine; it begins at `wait_until`, or later."""
    recipe = RECIPES[recipe_name]
    if not isinstance(recipe, NetworkRecipe):
        raise TypeError(f"{recipe_name} is no network")
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (count, recipe.size_px, recipe.size_px), np.uint8)
    data = TrainingSet(pictures, np.eye(7, dtype=np.float32)[rng.integers(0, 7, count)], None)
    device = find_device("cpu")
    with on_device(device):
        network = Network(recipe, data, batch=recipe.batch, seed=0, device=device)
        for measured in (False, True):
            if measured:
                time.sleep(max(0.0, wait_until - time.monotonic()))
            draws = draw(recipe.augmentation, count, size_px=recipe.size_px, rng=rng)
            began = time.monotonic()
            network.train_on(rng.permutation(count), draws, load_keras().callbacks.Callback())
    return began, time.monotonic()


def measure(pool: ProcessPoolExecutor, networks: int, recipe: str, count: int) -> float:
    """Pictures per second of so many networks, each in a process of its own."""
    start = time.monotonic() + _WARM_UP_S
    runs = [pool.submit(train_epoch, recipe, count, start) for _ in range(networks)]
    began, ended = zip(*(run.result() for run in runs), strict=True)
    return networks * count / (max(ended) - min(began))


def main() -> None:
    """Print speeds and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="compact")
    parser.add_argument("--pictures", type=int, default=12_800)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    seen: dict[str, list[float]] = {"one after the other": [], "one on each core": []}
    for _ in range(given.rounds):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as whole:
            seen["one after the other"].append(measure(whole, 1, given.recipe, given.pictures))
        with one_core_processes() as each:
            seen["one on each core"].append(measure(each, cores, given.recipe, given.pictures))
        print("; ".join(f"{name}: {speeds[-1]:,.0f} pictures/s" for name, speeds in seen.items()), flush=True)
    one, other = (np.median(speeds) for speeds in seen.values())
    print(f"ratio of medians: {other / one:.2f}")


if __name__ == "__main__":
    main()
