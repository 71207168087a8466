"""Every run of the study: version, recipe, protocol and seeds; the cheap ones first."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from curate.benchmark import benchmark_version
from curate.benchmark.keras_backend import find_device
from curate.progress import Progress
from curate.workspace import Workspace
from study.collection import SOURCE

__all__ = ["CLASSICAL", "FULL", "QUICK", "QUICK_SAME_STEPS", "Runs", "planned_runs", "train_all"]

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
    """What is trained, in this order."""
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
    """Train and score what is missing."""
    gpu = find_device("auto").kind == "gpu"
    for runs in planned_runs(gpu=gpu):
        if runs.recipe not in without:
            benchmark_version(
                workspace,
                runs.version,
                created=now(),
                recipe=runs.recipe,
                seeds=seeds,
                protocol=runs.protocol,
                source=runs.source,
                progress=progress,
            )
