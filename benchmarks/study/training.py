"""Every run of the study: version, recipe, protocol and seeds."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from curate.benchmark import benchmark_version
from curate.executors import map_ordered, one_core_processes
from curate.progress import Progress
from curate.runs.keras_backend import find_device
from curate.terminal import without_decoder_noise
from curate.workspace import Workspace
from study.collection import SOURCE

__all__ = ["CLASSICAL", "FULL", "QUICK", "QUICK_SAME_STEPS", "Runs", "planned_runs", "train_all", "train_on_one_core"]

CLASSICAL, QUICK, FULL, LARGE = "hog-ridge", "compact-quick", "compact", "rice-c"
QUICK_SAME_STEPS = f"{QUICK}+same-steps"
_LINE = ("fer-v1", "fer-v2", "fer-b5", "fer-v3", "fer-b20", "fer-plus")


class Runs(NamedTuple):
    """One version with one recipe under one protocol."""

    version: str
    recipe: str
    protocol: str = "leak-free"
    source: str | None = None


def planned_runs(*, gpu: bool) -> Iterator[Runs]:
    """What is trained, the short runs first."""
    for recipe in (CLASSICAL, QUICK):
        yield Runs("fer-published", recipe, "official", SOURCE)
        for version in _LINE:
            yield Runs(version, recipe)
    for version in ("fer-v3", "fer-v3-x4"):
        yield Runs(version, QUICK_SAME_STEPS)
    yield Runs("fer-published", QUICK_SAME_STEPS, "augment-then-split")
    for recipe in (FULL, LARGE) if gpu else (FULL,):
        yield Runs("fer-published", recipe, "official", SOURCE)
        for version in ("fer-v1", "fer-v2"):
            yield Runs(version, recipe)
    if gpu:
        for version in ("fer-b5", "fer-v3", "fer-b20", "fer-plus", "fer-v3-x4"):
            yield Runs(version, LARGE)


def train_all(
    workspace: Workspace,
    *,
    now: Callable[[], datetime],
    seeds: Sequence[int],
    without: Collection[str],
    progress: Progress,
) -> None:
    """Train and score what is missing: on a GPU one run after the other, else one on each core, the long ones first."""
    gpu = find_device("auto").kind == "gpu"
    runs = [each for each in planned_runs(gpu=gpu) if each.recipe not in without]
    jobs = [(workspace.folder, each, seed, now()) for each in reversed(runs) for seed in seeds]
    with nullcontext() if gpu else one_core_processes() as pool, progress("runs", len(jobs), unit="runs") as advance:
        for _ in map(_train, jobs) if pool is None else map_ordered(pool, _train, jobs):
            advance(1)


def train_on_one_core(folder: Path, runs: Runs, seed: int, created: datetime) -> str:
    """Train and score one run as `train_all` does without a GPU, where it matters to the last bit.

    Returns:
        Its fingerprint.
    """
    with one_core_processes() as pool:
        return pool.submit(_train, (folder, runs, seed, created)).result()


def _train(job: tuple[Path, Runs, int, datetime]) -> str:
    folder, runs, seed, created = job
    with without_decoder_noise():
        (score,) = benchmark_version(
            Workspace(folder),
            runs.version,
            created=created,
            recipe=runs.recipe,
            seeds=(seed,),
            protocol=runs.protocol,
            source=runs.source,
        )
    return score.fingerprint
