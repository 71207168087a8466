"""Score a version: train a recipe once per seed, and write what it scores beside the manifest."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np

from curate.benchmark.course import Epoch
from curate.benchmark.figures import draw_confusion, draw_curves
from curate.benchmark.keras_backend import Device, describe_environment, find_device
from curate.benchmark.metrics import measure
from curate.benchmark.network import TrainingSet
from curate.benchmark.protocols import make_task
from curate.benchmark.recipe import ClassicalRecipe, Classifier, NetworkRecipe, Recipe
from curate.benchmark.recipes import find_recipe
from curate.benchmark.run_folder import Predictions, RunFolder
from curate.benchmark.task import Part, Task, content_digest, near_copies, read_part
from curate.benchmark.training import silent_epochs, train_network
from curate.errors import TrainingUnavailable
from curate.manifest import Version
from curate.progress import Progress, silent
from curate.scores import read_scores, score_name, scores_folder, write_score
from curate.seeding import derive_seed
from curate.transforms import transform
from curate.workspace import Workspace

__all__ = ["benchmark_version", "default_recipe", "run_folder"]

ON_GPU, ON_CPU, WITHOUT_KERAS = "rice-c", "compact", "hog-ridge"


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A classifier, and how it came about."""

    classify: Classifier
    history: tuple[Epoch, ...]
    best_epoch: int
    pictures_per_s: float


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
    told: Callable[[Epoch, int], None] = silent_epochs,
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
    task = make_task(version, protocol, source=source, hold_out=chosen.needs_stopping_set)
    return list(_run_all(task, chosen, seeds, place, created, progress, told))


def default_recipe(device: str, *, quick: bool = False) -> str:
    """What suits the machine: rice-c on a GPU, compact without one.

    Raises:
        NoSuchDevice: gpu, but there is none.
        TrainingUnavailable: Keras or its backend is not installed.
    """
    return ON_GPU if find_device(device).kind == "gpu" and not quick else ON_CPU


def run_folder(task_version: Version, name: str, fingerprint: str) -> RunFolder:
    """Where the large files of a run are, by the name of its score."""
    return RunFolder(task_version.state / "runs" / task_version.name / name, fingerprint)


def _run_all(
    task: Task,
    recipe: Recipe,
    seeds: Sequence[int],
    device: Device | None,
    created: datetime,
    progress: Progress,
    told: Callable[[Epoch, int], None],
) -> Iterator[dict[str, Any]]:
    content = content_digest(task.train, task.stopping)
    known = {_key(score): score for score in read_scores(task.version.folder.parent, task.version.name)}
    data: tuple[TrainingSet, TrainingSet | None] | None = None
    for seed in seeds:
        fingerprint = _fingerprint(recipe, content, seed)
        name = score_name(recipe.name, task.protocol, task.source, seed)
        folder = run_folder(task.version, name, fingerprint)
        done = known.get((recipe.name, task.protocol, task.source, seed))
        if done and done["fingerprint"] == fingerprint and folder.read_predictions("test"):
            yield done
            continue
        data = data or _read(task, recipe, progress)
        started, cpu = time.perf_counter(), time.process_time()
        training_seed = derive_seed(seed, "training", recipe.name, content)
        fitted = _fit(recipe, *data, seed=training_seed, device=device, folder=folder, progress=progress, told=told)
        spent = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}
        scored = _score_parts(task, recipe, fitted, folder, progress)
        score = {
            **_describe(task, recipe, seed, content),
            "fingerprint": fingerprint,
            "created": created.isoformat(timespec="seconds"),
            "epochs": len(fitted.history),
            "best_epoch": fitted.best_epoch,
            **{name: round(value, 2) for name, value in spent.items()},
            "pictures_per_s": round(fitted.pictures_per_s, 1),
            "environment": describe_environment(device),
            "scored": scored,
        }
        _draw(task, recipe, fitted, folder, name, scored)
        write_score(task.version.folder.parent, score)
        folder.forget_state()
        yield score


def _read(task: Task, recipe: Recipe, progress: Progress) -> tuple[TrainingSet, TrainingSet | None]:
    def read(part: Part) -> TrainingSet:
        pictures = read_part(part, size_px=recipe.size_px, mode=recipe.mode, progress=progress)
        weights = _class_weights(part.labels) if recipe.imbalance == "weights" else None
        return TrainingSet(pictures, _targets(part, len(task.classes), soft=recipe.soft_labels), weights)

    return read(task.train), read(task.stopping) if task.stopping and recipe.needs_stopping_set else None


def _targets(part: Part, classes: int, *, soft: bool) -> np.ndarray:
    targets = np.asarray(np.eye(classes, dtype=np.float32)[part.labels])
    if soft:
        total = part.votes.sum(axis=1)
        targets[total > 0] = part.votes[total > 0] / total[total > 0, None]
    return targets


def _class_weights(labels: np.ndarray) -> np.ndarray:
    """(N,) float32 of mean 1, inversely proportional to the size of the class."""
    counts = np.bincount(labels)
    return np.asarray(len(labels) / (counts[labels] * np.count_nonzero(counts)), np.float32)


def _fit(
    recipe: Recipe,
    data: TrainingSet,
    stopping: TrainingSet | None,
    *,
    seed: int,
    device: Device | None,
    folder: RunFolder,
    progress: Progress,
    told: Callable[[Epoch, int], None],
) -> _Fitted:
    if isinstance(recipe, ClassicalRecipe):
        return _fit_classical(recipe, data, seed)
    if device is None:
        raise TrainingUnavailable(f"{recipe.name} trains a network and needs a device; see find_device")
    trained = train_network(
        recipe, data, stopping, seed=seed, device=device, folder=folder, progress=progress, told=told
    )
    speed = float(np.median([epoch.pictures_per_s for epoch in trained.history]))
    return _Fitted(trained.classify, trained.history, trained.conclusion.best_epoch, speed)


def _fit_classical(recipe: ClassicalRecipe, data: TrainingSet, seed: int) -> _Fitted:
    weights = np.ones(len(data.targets), np.float32) if data.weights is None else data.weights
    if recipe.imbalance == "balanced":
        weights = _class_weights(data.targets.argmax(axis=1))
    started = time.perf_counter()
    classify = recipe.fit(data.pictures, data.targets, weights, seed)
    return _Fitted(classify, (), 0, len(weights) / (time.perf_counter() - started))


def _score_parts(
    task: Task, recipe: Recipe, fitted: _Fitted, folder: RunFolder, progress: Progress
) -> dict[str, dict[str, Any]]:
    """Measure every scored part, and keep what was said of each picture."""
    found, said = {}, {}
    for name, part in task.read_scored().items():
        pictures = read_part(part, size_px=recipe.size_px, mode=recipe.mode, progress=progress)
        pred_probs = fitted.classify(pictures)
        both = (pred_probs + fitted.classify(_mirrored(pictures))) / 2
        found[name] = {
            **measure(part.labels, pred_probs, list(task.classes)).as_json(),
            "accuracy_mirrored": _accuracy(part.labels, both),
            **(_by_nearness(task.train, part, pred_probs) if task.leaks else {}),
        }
        said[name] = Predictions(part.keys, part.labels, part.groups, pred_probs)
    folder.write_predictions(said)
    return found


def _by_nearness(train: Part, part: Part, pred_probs: np.ndarray) -> dict[str, Any]:
    near = near_copies(train, part)
    return {
        "pictures_near_copy": int(near.sum()),
        "accuracy_near_copy": _accuracy(part.labels[near], pred_probs[near]),
        "accuracy_no_near_copy": _accuracy(part.labels[~near], pred_probs[~near]),
    }


def _accuracy(labels: np.ndarray, pred_probs: np.ndarray) -> float | None:
    return float((pred_probs.argmax(axis=1) == labels).mean()) if len(labels) else None


def _mirrored(pictures: np.ndarray) -> np.ndarray:
    return transform(pictures, "mirrored") if pictures.ndim == 3 else np.ascontiguousarray(pictures[:, :, ::-1])


def _describe(task: Task, recipe: Recipe, seed: int, content: str) -> dict[str, Any]:
    header = task.version.header
    return {
        "version": task.version.name,
        "version_digest": header["digest"],
        "line": header["line"],
        "gold": header["gold"]["digest"],
        "recipe": recipe.name,
        "protocol": task.protocol,
        "leaks": task.leaks,
        "source": task.source,
        "seed": seed,
        "classes": list(task.classes),
        "trained_on": len(task.train),
        "training_content": content,
        "stopping_set": task.stopping_is if recipe.needs_stopping_set else "none",
    }


def _draw(
    task: Task, recipe: Recipe, fitted: _Fitted, folder: RunFolder, name: str, scored: Mapping[str, dict[str, Any]]
) -> None:
    title = f"{recipe.name} on {task.version.name}, {task.protocol}{' (leaks)' if task.leaks else ''}"
    if fitted.history:
        draw_curves(folder.path / "curves.png", fitted.history, title=title, best_epoch=fitted.best_epoch)
    part = next(each for each in ("gold", "test", "val") if each in scored)
    path = scores_folder(task.version.folder.parent, task.version.name) / f"{name}.png"
    draw_confusion(path, scored[part]["confusion"], task.classes, title=f"{title}: {part}")


def _key(score: Mapping[str, Any]) -> tuple[str, str, str | None, int]:
    return score["recipe"], score["protocol"], score["source"], score["seed"]


def _fingerprint(recipe: Recipe, content: str, seed: int) -> str:
    """What is trained on what; functions of a recipe count by their names."""
    settings = {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.name != "summary"}
    plain = {name: repr(value) for name, value in settings.items() if not callable(value)}
    return hashlib.sha256(json.dumps([plain, content, seed], sort_keys=True).encode()).hexdigest()
