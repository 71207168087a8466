"""Train a network by its recipe: epoch by epoch, with state to go on from after each."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from curate.benchmark.early_stopping import StoppingState, apply_stopping_rules
from curate.benchmark.network import Network, TrainingSet
from curate.benchmark.recipe import Classifier, NetworkRecipe
from curate.benchmark.warping import draw
from curate.errors import TrainingDiverged
from curate.progress import Advance, Progress, silent
from curate.runs.folder import RunFolder, State
from curate.runs.history import Epoch
from curate.runs.keras_backend import Device, load_keras, on_device
from curate.runs.model import network_classifier, save_network
from curate.seeding import derive_seed

__all__ = ["Trained", "ignore_epochs", "train_network"]

_SAVED_EVERY_S = 5.0
"""At least so long between two states on disk: on a fast device, writing would take longer than training."""

_AVERAGED_FROM = 0.3


@dataclass(frozen=True, slots=True)
class Trained:
    """A network that has been trained.

    Attributes:
        classify: it, as a function.
        history: all epochs, those before an interruption too.
        conclusion: which epoch's weights it has.
    """

    classify: Classifier
    history: tuple[Epoch, ...]
    conclusion: StoppingState


def ignore_epochs(_epoch: Epoch, _epochs: int) -> None:
    """Say nothing of an epoch."""


def train_network(
    recipe: NetworkRecipe,
    data: TrainingSet,
    stopping: TrainingSet | None,
    *,
    seed: int,
    device: Device,
    folder: RunFolder,
    save_every_s: float = _SAVED_EVERY_S,
    progress: Progress = silent,
    on_epoch: Callable[[Epoch, int], None] = ignore_epochs,
) -> Trained:
    """Train, or go on where a run of the same folder was cut off.

    Args:
        recipe: what and how.
        data: to train on.
        stopping: to choose the epoch and the rate by; None = nothing is chosen.
        seed: of weights, order, augmentation and dropout.
        device: where.
        folder: takes the state after each epoch, and the model in the end.
        save_every_s: no state is written within so many seconds of the last.
        progress: progress callback, in pictures.
        on_epoch: called after each epoch with it and with how many there may be.

    Raises:
        TrainingDiverged: the loss is infinite or no number.
        KeyboardInterrupt: as it came; the best weights so far are in `folder.model`.
    """
    with on_device(device):
        run = _Training(recipe, data, stopping, seed, device, folder, save_every_s)
        total = recipe.most_epochs * run.pictures
        with progress(f"training {recipe.name}", total, unit="pictures") as advance:
            advance(len(run.history) * run.pictures)
            try:
                while not apply_stopping_rules(recipe, run.history).finished:
                    on_epoch(run.train_epoch(advance), recipe.most_epochs)
            except KeyboardInterrupt:
                run.keep_best()
                raise
        run.finish()
        return Trained(run.classify, tuple(run.history), apply_stopping_rules(recipe, run.history))


class _Training:
    """One training: the network, its history, and the best weights so far."""

    def __init__(
        self,
        recipe: NetworkRecipe,
        data: TrainingSet,
        stopping: TrainingSet | None,
        seed: int,
        device: Device,
        folder: RunFolder,
        save_every_s: float,
    ) -> None:
        self.recipe, self.data, self.stopping, self.seed, self.folder = recipe, data, stopping, seed, folder
        batch = min(recipe.batch, len(data.targets))
        self.steps = max(1, (data.per_epoch or len(data.targets)) // batch)
        self.pictures = self.steps * batch
        self.network = Network(recipe, data, batch=batch, seed=derive_seed(seed, "network"), device=device)
        self.classify = network_classifier(self.network.inner)
        self.history: list[Epoch] = []
        self.stage = 1
        self.best: list[np.ndarray] | None = None
        self.save_every_s, self.saved_at = save_every_s, -np.inf
        self.stored: dict[str, np.ndarray] | None = None
        self._go_on(folder.read_state())

    def train_epoch(self, advance: Advance) -> Epoch:
        """One pass over the training pictures, one look at the stopping set, one state on disk."""
        number = len(self.history) + 1
        position = apply_stopping_rules(self.recipe, self.history)
        if position.stage != self.stage:
            self._begin_stage(position.stage)
        rng = np.random.default_rng(derive_seed(self.seed, "epoch", number))
        order = _order(self.recipe, self.data.targets, rng)[: self.pictures]
        draws = draw(self.recipe.augmentation, len(order), size_px=self.recipe.size_px, rng=rng)
        done = sum(epoch.stage == self.stage for epoch in self.history)
        steps = _watch_steps(self, done * self.steps, position.rate_factor, advance)
        started = time.perf_counter()
        loss, accuracy = self.network.train_on(order, draws, steps)
        speed = len(order) / (time.perf_counter() - started)
        val_loss, val_accuracy = _measure(self.classify, self.stopping) if self.stopping else (None, None)
        self.history.append(Epoch(number, loss, accuracy, val_loss, val_accuracy, steps.rate, speed, self.stage))
        if self.recipe.stopping is not None and apply_stopping_rules(self.recipe, self.history).best_epoch == number:
            self.best = self.network.weights()
        self._save()
        return self.history[-1]

    def finish(self) -> None:
        """Take the weights that count, and write the model."""
        weights = self.best or self.network.average
        if weights is not None:
            self.network.set_weights(weights)
        save_network(self.network.inner, self.folder)
        self.folder.write_history(self.history)

    def keep_best(self) -> None:
        """Write the model as it was after the last stored epoch, if there was one: in an epoch nothing is certain."""
        if self.stored is not None:
            self.network.restore(self.stored, to_train=False)
            self.finish()

    def check(self, loss: float, step: int) -> None:
        """End the training if the loss is no number."""
        if not np.isfinite(loss):
            raise TrainingDiverged(
                f"the loss of {self.recipe.name} is {loss} at step {step} of epoch {len(self.history) + 1}, in "
                f"{self.folder.path}; lower its learning rate, or look for pictures with broken labels"
            )

    def _go_on(self, state: State | None) -> None:
        if state is None:
            return
        self.history = state.history
        if self.history[-1].stage != self.stage:
            self.stage = self.history[-1].stage
            self.network.begin_stage(self.stage)
        self.network.restore(state.arrays)
        self.stored = state.arrays
        count = sum(name.startswith("best-") for name in state.arrays)
        self.best = [state.arrays[f"best-{index}"] for index in range(count)] or None

    def _begin_stage(self, stage: int) -> None:
        """Go on from the best weights so far."""
        if self.best is not None:
            self.network.set_weights(self.best)
        self.network.begin_stage(stage)
        self.stage = stage

    def _save(self) -> None:
        finished = apply_stopping_rules(self.recipe, self.history).finished
        if time.perf_counter() - self.saved_at < self.save_every_s and not finished:
            return
        self.stored = self.network.state()
        arrays = dict(self.stored)
        for index, value in enumerate(self.best or []):
            arrays[f"best-{index}"] = value
        self.folder.write_state(State(self.history, arrays))
        self.saved_at = time.perf_counter()


def _watch_steps(run: _Training, first_step: int, rate_factor: float, advance: Advance) -> Any:
    """A callback that sets the rate before each dispatch, and averages weights and checks the loss after it."""
    keras = load_keras()
    recipe, stage = run.recipe, run.recipe.plan[run.stage - 1]
    total = stage.epochs * run.steps

    class Steps(keras.callbacks.Callback):  # type: ignore[misc, name-defined]
        done = 0

        def on_train_batch_begin(self, _batch: int, logs: Any = None) -> None:  # noqa: ARG002
            """Set the rate."""
            self.rate = stage.rate((first_step + self.done) / total) * rate_factor
            self.model.optimizer.learning_rate = self.rate

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            """Check the loss, and average the weights."""
            steps = min(batch + 1 - self.begun, run.steps - self.done)  # the last dispatch may be called a whole one
            self.begun += steps
            self.done += steps
            advance(steps * run.network.batch)
            run.check(float(logs["loss"]), self.done)
            averages = recipe.average and (first_step + self.done) / total >= _AVERAGED_FROM
            if averages and self.model is not None:  # to read `model` hands the weights back where JAX holds them
                run.network.update_average(steps)

        def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
            """A pass may be handed over in several pieces; steps are counted from the first of each."""
            self.begun = 0

    return Steps()


def _order(recipe: NetworkRecipe, targets: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(N,) int64 places of an epoch's pictures: each once, or all classes equally often."""
    if recipe.imbalance != "balanced":
        return rng.permutation(len(targets))
    labels = targets.argmax(axis=1)
    counts = np.bincount(labels, minlength=targets.shape[1])
    chances = 1 / (counts[labels] * np.count_nonzero(counts))
    return rng.choice(len(targets), size=len(targets), p=chances)


def _measure(classify: Classifier, stopping: TrainingSet) -> tuple[float, float]:
    """Cross-entropy and accuracy."""
    chances = classify(stopping.pictures)
    logs = np.log(np.maximum(chances, np.finfo(np.float32).tiny))
    right = chances.argmax(axis=1) == stopping.targets.argmax(axis=1)
    return float(-(stopping.targets * logs).sum(axis=1).mean()), float(right.mean())
