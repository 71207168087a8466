"""Score a version: train a recipe once per seed, and write what it scores beside the manifest."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from curate.benchmark.experiment import Experiment, content_digest
from curate.benchmark.figures import draw_confusion, draw_curves
from curate.benchmark.fitting import Fitted, fit, read_training_sets
from curate.benchmark.gold import gold_labels
from curate.benchmark.network import TrainingSet
from curate.benchmark.protocols import make_experiment
from curate.benchmark.recipe import ClassicalRecipe, NetworkRecipe, Recipe
from curate.benchmark.recipe_digest import current_digest, recipe_digest
from curate.benchmark.recipes import find_recipe
from curate.benchmark.scoring import score_parts
from curate.benchmark.training import ignore_epochs
from curate.benchmark.weights import describe_weights, find_weights, weights_of
from curate.lock import waiting_lock
from curate.manifest import Version
from curate.progress import Progress, silent
from curate.runs.folder import RunFolder, folder_of, predictions_digest, run_folder
from curate.runs.history import Epoch
from curate.runs.keras_backend import Device, describe_environment, find_device
from curate.runs.model import TrainedModel, load_run, save_arrays
from curate.scores import Score, find_scores, read_score, score_name, scores_folder, write_score
from curate.seeding import derive_seed
from curate.storage import check_writable
from curate.workspace import Workspace

__all__ = ["benchmark_version", "default_recipe", "load_model"]

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
    on_epoch: Callable[[Epoch, int], None] = ignore_epochs,
) -> list[Score]:
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
        progress: progress callback, in pictures.
        on_epoch: called after each epoch with it and with how many there may be.

    Returns:
        The scores, as they are stored, in the order of `seeds`.

    Raises:
        VersionNotFound, PicturesMissing: the version or its pictures are not here.
        UnknownRecipe, Untrainable, NoSuchDevice, TrainingUnavailable: before any time is spent.
        TrainingDiverged: the loss is no number any more.
    """
    version = workspace.version(name)
    chosen = find_recipe(recipe or default_recipe(device, quick=quick), quick=quick)
    where = find_device(device) if isinstance(chosen, NetworkRecipe) else None
    if weights := weights_of(chosen):
        find_weights(weights)
    task = make_experiment(version, protocol, source=source, hold_out=chosen.needs_stopping_set)
    return list(_Job(task, chosen, where, created, progress, on_epoch).run(seeds))


def load_model(version: Version, score: Score) -> TrainedModel:
    """The model of a run, see `load_run`, with what its recipe needs to classify.

    Raises:
        UnknownRecipe: it is not known any more; a network can be loaded by `load_run` all the same.
        RunNotFound, ScoreDamaged, TrainingUnavailable: see `load_run`.
    """
    recipe = find_recipe(score.recipe)
    return load_run(version, score, classify=recipe.classify if isinstance(recipe, ClassicalRecipe) else None)


def default_recipe(device: str, *, quick: bool = False) -> str:
    """What suits the machine: rice-c on a GPU, compact without one.

    Raises:
        NoSuchDevice: gpu, but there is none.
        TrainingUnavailable: Keras or its backend is not installed.
    """
    return _ON_GPU if find_device(device).kind == "gpu" and not quick else _ON_CPU


@dataclass(frozen=True)
class _Job:
    """One recipe on one task; its pictures are read when the first run needs them."""

    task: Experiment
    recipe: Recipe
    device: Device | None
    created: datetime
    progress: Progress
    on_epoch: Callable[[Epoch, int], None]

    def run(self, seeds: Sequence[int]) -> Iterator[Score]:
        """The scores, one after the other; runs that are done are only read.

        Who does the same in another process is waited for, and what it made is read.
        """
        for seed in seeds:
            name = score_name(self.recipe.name, self.task.protocol, self.task.source, seed)
            folder = run_folder(self.task.version, name, self._fingerprint(recipe_digest(self.recipe), seed))
            score = self._done(name, seed)
            if score is None:
                check_writable(folder.path, self.manifests)
                with waiting_lock(folder.path.with_name(f".{name}.lock"), progress=self.progress):
                    score = self._done(name, seed) or self._run_one(seed, folder)
            yield score

    def _done(self, name: str, seed: int) -> Score | None:
        """The score of this very run, if it and its predictions are here and intact."""
        for score in find_scores(self.manifests, self.task.version.name).sound:
            same_recipe = current_digest(score.recipe_digest) == recipe_digest(self.recipe)
            same_run = score.name == name and score.fingerprint == self._fingerprint(score.recipe_digest, seed)
            if same_recipe and same_run and folder_of(self.task.version, score).holds(_digests(score)):
                return score
        return None

    def _fingerprint(self, digest: str, seed: int) -> str:
        """What is trained on what, by the digest of the recipe."""
        return hashlib.sha256("\n".join([self.recipe.name, digest, self.content, str(seed)]).encode()).hexdigest()

    def _run_one(self, seed: int, folder: RunFolder) -> Score:
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
            on_epoch=self.on_epoch,
        )
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
        scored, predictions = score_parts(self.task, self.recipe, fitted.classify, progress=self.progress)
        if fitted.learned is not None:
            save_arrays(fitted.learned, folder, size_px=self.recipe.size_px, mode=self.recipe.mode)
        folder.write_predictions(predictions)
        header = self.task.version.header
        score = Score(
            version=self.task.version.name,
            version_digest=header.digest,
            line=header.line,
            gold=header.gold.digest,
            recipe=self.recipe.name,
            recipe_digest=recipe_digest(self.recipe),
            recipe_revision=self.recipe.revision,
            protocol=self.task.protocol,
            leaks=self.task.leaks,
            source=self.task.source,
            seed=seed,
            classes=self.task.classes,
            trained_on=len(self.task.train),
            stopping_set=self.task.stopping_is if self.recipe.needs_stopping_set else "none",
            gold_labels_of=gold_labels(self.task.version).version,
            training_content=self.content,
            fingerprint=folder.fingerprint,
            created=self.created.isoformat(timespec="seconds"),
            epochs=len(fitted.history),
            best_epoch=fitted.best_epoch,
            seconds=round(seconds, 2),
            cpu_seconds=round(cpu_seconds, 2),
            pictures_per_s=round(fitted.pictures_per_s, 1),
            environment=describe_environment(self.device),
            scored=scored,
            predictions={part: predictions_digest(each) for part, each in predictions.items()},
            more=describe_weights(weights_of(self.recipe)),
        )
        self._draw(fitted, folder, score)
        path = write_score(self.manifests, score)
        folder.forget_state()
        return read_score(path)

    def _draw(self, fitted: Fitted, folder: RunFolder, score: Score) -> None:
        title = f"{score.recipe} on {score.version}, {score.protocol}{' (leaks)' if score.leaks else ''}"
        if fitted.history:
            draw_curves(folder.path / "curves.png", fitted.history, title=title, best_epoch=fitted.best_epoch)
        part = score.main_part
        path = scores_folder(self.manifests, score.version) / f"{score.name}.png"
        draw_confusion(path, score.scored[part].confusion, score.classes, title=f"{title}: {part}")

    @property
    def manifests(self) -> Path:
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


def _digests(score: Score) -> dict[str, str | None]:
    """Of the predictions of each part; None = the score is of an older release, which kept none."""
    return {part: score.predictions_digest(part) for part in score.scored}
