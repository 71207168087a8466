"""Score a version: train a recipe once per seed, and write what it scores beside the manifest."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from curate.benchmark.events import write_events
from curate.benchmark.experiment import Experiment, content_digest
from curate.benchmark.figures import draw_confusion, draw_curves
from curate.benchmark.fitting import Fitted, fit, read_training_sets
from curate.benchmark.gold import gold_labels
from curate.benchmark.keras_backend import Device, describe_environment, find_device
from curate.benchmark.network import TrainingSet
from curate.benchmark.protocols import make_experiment
from curate.benchmark.recipe import NetworkRecipe, Recipe, recipe_digest
from curate.benchmark.recipes import find_recipe
from curate.benchmark.scoring import score_parts
from curate.benchmark.training import ignore_epochs
from curate.lock import waiting_lock
from curate.manifest import Version
from curate.progress import Progress, silent
from curate.runs.folder import RunFolder, predictions_digest
from curate.runs.history import Epoch
from curate.scores import find_scores, read_score, run_files, score_name, scores_folder, write_score
from curate.seeding import derive_seed
from curate.storage import check_writable
from curate.workspace import Workspace

__all__ = ["benchmark_version", "default_recipe", "run_folder"]

_ON_GPU, _ON_CPU = "rice-c", "compact"


def benchmark_version(
    workspace: Workspace,
    name: str,
    *,
    created: datetime,
    recipe: str | None = None,
    quick: bool = False,
    seeds: Sequence[int] = (0, 1, 2),
    protocol: str = "leak-free",
    source: str | None = None,
    device: str = "auto",
    progress: Progress = silent,
    told: Callable[[Epoch, int], None] = ignore_epochs,
) -> list[dict[str, Any]]:
    """Train and score, once per seed; runs that are done already are not done again.

    Args:
        workspace: where.
        name: of the version.
        created: now; kept with the scores.
        recipe: its name, with options; None = the default of the device.
        quick: the recipe's quick form.
        seeds: one run each.
        protocol: a key of `PROTOCOLS`.
        source: for the protocol `official`.
        device: auto, cpu or gpu.
        progress: told how many pictures are done.
        told: called after each epoch with it and with how many there may be.

    Returns:
        The scores, as they are stored, in the order of `seeds`.

    Raises:
        VersionNotFound, PicturesMissing: the version or its pictures are not here.
        UnknownRecipe, Untrainable, NoSuchDevice, TrainingUnavailable: before any time is spent.
        TrainingDiverged: the loss is no number any more.
    """
    version = workspace.version(name)
    chosen = find_recipe(recipe or default_recipe(device, quick=quick), quick=quick)
    place = find_device(device) if isinstance(chosen, NetworkRecipe) else None
    task = make_experiment(version, protocol, source=source, hold_out=chosen.needs_stopping_set)
    return list(_Job(task, chosen, place, created, progress, told).run(seeds))


def default_recipe(device: str, *, quick: bool = False) -> str:
    """What suits the machine: rice-c on a GPU, compact without one.

    Raises:
        NoSuchDevice: gpu, but there is none.
        TrainingUnavailable: Keras or its backend is not installed.
    """
    return _ON_GPU if find_device(device).kind == "gpu" and not quick else _ON_CPU


def run_folder(version: Version, name: str, fingerprint: str) -> RunFolder:
    """Where the large files of a run are, by the name of its score."""
    return RunFolder(run_files(version.state, version.name, name), fingerprint)


@dataclass(frozen=True)
class _Job:
    """One recipe on one task; its pictures are read when the first run needs them."""

    task: Experiment
    recipe: Recipe
    device: Device | None
    created: datetime
    progress: Progress
    told: Callable[[Epoch, int], None]

    def run(self, seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
        """The scores, one after the other; runs that are done are only read.

        Who does the same in another process is waited for, and what it made is read.
        """
        for seed in seeds:
            name = score_name(self.recipe.name, self.task.protocol, self.task.source, seed)
            folder = run_folder(self.task.version, name, _fingerprint(self.recipe, self.content, seed))
            score = self._done(seed, folder)
            if score is None:
                check_writable(folder.path, self.manifests)
                with waiting_lock(folder.path.with_name(f".{name}.lock"), progress=self.progress):
                    score = self._done(seed, folder) or self._run_one(seed, name, folder)
            yield score

    def _done(self, seed: int, folder: RunFolder) -> dict[str, Any] | None:
        """The score of a run of this fingerprint, if it and its predictions are here and intact."""
        wanted = (self.recipe.name, self.task.protocol, self.task.source, seed)
        for score in find_scores(self.manifests, self.task.version.name).sound:
            if _key(score) == wanted and score["fingerprint"] == folder.fingerprint and folder.holds(_digests(score)):
                return score
        return None

    def _run_one(self, seed: int, name: str, folder: RunFolder) -> dict[str, Any]:
        sets = self.sets
        started, cpu = time.perf_counter(), time.process_time()
        training_seed = derive_seed(seed, "training", self.recipe.name, self.content)
        fitted = fit(
            self.recipe,
            sets,
            seed=training_seed,
            device=self.device,
            folder=folder,
            progress=self.progress,
            told=self.told,
        )
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
        scored, said = score_parts(self.task, self.recipe, fitted.classify, progress=self.progress)
        folder.write_predictions(said)
        score = {
            **_describe(self.task, self.recipe, seed),
            "gold_labels_of": gold_labels(self.task.version).version,
            "training_content": self.content,
            "fingerprint": folder.fingerprint,
            "created": self.created.isoformat(timespec="seconds"),
            "epochs": len(fitted.history),
            "best_epoch": fitted.best_epoch,
            "seconds": round(seconds, 2),
            "cpu_seconds": round(cpu_seconds, 2),
            "pictures_per_s": round(fitted.pictures_per_s, 1),
            "environment": describe_environment(self.device),
            "scored": scored,
            "predictions": {part: predictions_digest(each) for part, each in said.items()},
        }
        self._draw(fitted, folder, name, scored)
        path = write_score(self.manifests, score)
        folder.forget_state()
        return read_score(path)

    def _draw(self, fitted: Fitted, folder: RunFolder, name: str, scored: Mapping[str, dict[str, Any]]) -> None:
        task, version = self.task, self.task.version.name
        title = f"{self.recipe.name} on {version}, {task.protocol}{' (leaks)' if task.leaks else ''}"
        if fitted.history:
            draw_curves(folder.path / "curves.png", fitted.history, title=title, best_epoch=fitted.best_epoch)
            log = folder.path / "events.out.tfevents.curate"
            write_events(log, fitted.history, wall_time=self.created.timestamp())
        part = next(each for each in ("gold", "test", "val") if each in scored)
        path = scores_folder(self.manifests, version) / f"{name}.png"
        draw_confusion(path, scored[part]["confusion"], task.classes, title=f"{title}: {part}")

    @property
    def manifests(self) -> Any:
        """The folder of all versions."""
        return self.task.version.folder.parent

    @cached_property
    def content(self) -> str:
        """Digest of what is trained on, and of what training is stopped by."""
        return content_digest(self.task.train, self.task.stopping)

    @cached_property
    def sets(self) -> tuple[TrainingSet, TrainingSet | None]:
        """Their pictures and targets."""
        return read_training_sets(self.task, self.recipe, progress=self.progress)


def _describe(task: Experiment, recipe: Recipe, seed: int) -> dict[str, Any]:
    header = task.version.header
    return {
        "version": task.version.name,
        "version_digest": header.digest,
        "line": header.line,
        "gold": header.gold.digest,
        "recipe": recipe.name,
        "recipe_digest": recipe_digest(recipe),
        "protocol": task.protocol,
        "leaks": task.leaks,
        "source": task.source,
        "seed": seed,
        "classes": list(task.classes),
        "trained_on": len(task.train),
        "stopping_set": task.stopping_is if recipe.needs_stopping_set else "none",
    }


def _key(score: Mapping[str, Any]) -> tuple[str, str, str | None, int]:
    return score["recipe"], score["protocol"], score["source"], score["seed"]


def _digests(score: Mapping[str, Any]) -> dict[str, str | None]:
    """Of the predictions of each part; None = the score is of an older release, which kept none."""
    return {part: score.get("predictions", {}).get(part) for part in score["scored"]}


def _fingerprint(recipe: Recipe, content: str, seed: int) -> str:
    """What is trained on what."""
    return hashlib.sha256("\n".join([recipe.name, recipe_digest(recipe), content, str(seed)]).encode()).hexdigest()
