"""Trainings in stages, and weights that somebody else trained."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_versions import CREATED, small_version, tiny
from test_training import OTHERS, Killed, train, training_set

from curate.benchmark import benchmark_version, recipes
from curate.benchmark.early_stopping import apply_stopping_rules
from curate.benchmark.recipe import NetworkRecipe, Plateau, Seeds, Stopping, TrainingStage, Weights
from curate.benchmark.weights import find_weights
from curate.errors import TrainingUnavailable, Untrainable
from curate.runs.folder import RunFolder
from curate.runs.history import Epoch


def build(classes: int, seeds: Seeds) -> Any:
    import keras

    layers = keras.layers
    pictures = keras.Input((48, 48, 1))
    maps = layers.AveragePooling2D(8)(layers.Rescaling(1 / 64, offset=-2.0)(pictures))
    initial = keras.initializers.GlorotUniform
    body = layers.Dense(8, activation="relu", name="body-1", kernel_initializer=initial(seed=seeds.take()))
    maps = layers.BatchNormalization(momentum=0.5, name="body-2")(body(layers.Flatten()(maps)))
    return keras.Model(
        pictures, layers.Dense(classes, name="head", kernel_initializer=initial(seed=seeds.take()))(maps)
    )


STAGES = (TrainingStage(2, lambda _done: 3e-2, frozen=("body-*",)), TrainingStage(3, lambda done: 1e-2 * (1 - done)))


def staged(**changes: Any) -> NetworkRecipe:
    """The head first, then all layers."""
    return tiny(**{"build": build, "rate": None, "epochs": 0, "stages": STAGES, **changes})


def weights_after(folder: Path, epochs: int) -> dict[str, np.ndarray]:
    """Weights of the dense layers after the first epochs, by layer."""

    def cut(epoch: Epoch, _epochs: int) -> None:
        if epoch.number == epochs:
            raise Killed

    with pytest.raises(Killed):
        train(folder, staged(), on_epoch=cut)
    state = RunFolder(folder, "test").read_state()
    assert state is not None
    kernels = [array for name, array in state.arrays.items() if name.startswith("network-") and array.ndim == 2]
    return {"body": kernels[0], "head": kernels[1]}


def test_what_a_stage_freezes_does_not_move_and_everything_else_does(tmp_path: Path) -> None:
    first, second, third = (weights_after(tmp_path / str(n), n) for n in (1, 2, 3))
    assert np.array_equal(first["body"], second["body"])
    assert not np.array_equal(first["head"], second["head"])
    assert not np.array_equal(second["body"], third["body"])


@pytest.mark.parametrize("cut_after", [2, 3, 4], ids=["between the stages", "in stage 2", "later in stage 2"])
@pytest.mark.parametrize("changes", [{"average": 0.5}, {"stopping": Stopping(patience=1)}], ids=["average", "stopping"])
def test_a_training_goes_on_in_the_middle_of_a_stage_to_the_same_end(
    tmp_path: Path, changes: dict[str, Any], cut_after: int
) -> None:
    def cut(epoch: Epoch, _epochs: int) -> None:
        if epoch.number == cut_after:
            raise Killed

    recipe, stopping = staged(**changes), training_set(30, seed=4)
    whole = train(tmp_path / "whole", recipe, stopping=stopping)
    with pytest.raises(Killed):
        train(tmp_path / "cut", recipe, stopping=stopping, on_epoch=cut)
    rest = train(tmp_path / "cut", recipe, stopping=stopping)
    assert [epoch[:6] for epoch in rest.history] == [epoch[:6] for epoch in whole.history]
    assert [epoch.stage for epoch in rest.history] == [epoch.stage for epoch in whole.history]
    assert np.array_equal(rest.classify(OTHERS), whole.classify(OTHERS))


def test_epochs_say_their_stage_and_rates_follow_it(tmp_path: Path) -> None:
    trained = train(tmp_path, staged())
    assert [epoch.stage for epoch in trained.history] == [1, 1, 2, 2, 2]
    assert trained.history[1].rate == 3e-2
    assert trained.history[2].rate == 1e-2
    assert trained.history[4].rate < 1e-2
    header, *rows = (tmp_path / "history.csv").read_text(encoding="utf-8").splitlines()
    assert header.split(",")[-1] == "stage"
    assert [row.split(",")[-1] for row in rows] == ["1", "1", "2", "2", "2"]


def test_an_interrupt_in_a_new_stage_keeps_the_weights_of_the_last_stored_epoch(tmp_path: Path) -> None:
    def interrupt(epoch: Epoch, _epochs: int) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, staged(), on_epoch=interrupt)
    assert (tmp_path / "model.keras").is_file()


def test_each_stage_stops_and_slows_down_by_its_own_epochs() -> None:
    recipe = staged(stopping=Stopping(patience=2), plateau=Plateau(factor=0.5, patience=1, min_delta=0.0))
    stages = (replace(STAGES[0], epochs=5), replace(STAGES[1], epochs=5))
    recipe = replace(recipe, stages=stages)
    history: list[Epoch] = []
    seen = []
    for loss in (1.0, 1.1, 1.2, 0.9, 1.0, 1.1):
        state = apply_stopping_rules(recipe, history)
        seen.append((state.stage, state.rate_factor, state.best_epoch, state.finished))
        history.append(Epoch(len(history) + 1, 1.0, 0.5, loss, 0.5, 0.1, 1.0, state.stage))
    end = apply_stopping_rules(recipe, history)
    assert seen == [
        (1, 1.0, 0, False), (1, 1.0, 1, False), (1, 0.5, 1, False),
        (2, 1.0, 1, False), (2, 1.0, 4, False), (2, 0.5, 4, False),
    ]  # fmt: skip
    assert (end.best_epoch, end.finished) == (4, True)


def test_a_stage_that_freezes_what_is_not_there_or_everything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Untrainable, match=r"freezes `base`, but has no such layer; its layers are .*body-1"):
        train(tmp_path, staged(stages=(replace(STAGES[0], frozen=("base",)),)))
    with pytest.raises(Untrainable, match=r"stage 1 of tiny freezes all layers"):
        train(tmp_path, staged(stages=(replace(STAGES[0], frozen=("*",)),)))
    with pytest.raises(ValueError, match="give either rate and epochs, or stages"):
        staged(epochs=3)


def test_a_network_begins_with_the_weights_that_a_user_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    trained = build(3, Seeds(99))
    path = tmp_path / "body.weights.h5"
    trained.save_weights(path)
    weights = Weights(path.name, "https://example.org/w", hashlib.sha256(path.read_bytes()).hexdigest(), "CC BY 4.0")
    frozen = (TrainingStage(1, lambda _done: 1e-3, frozen=("body-*",)),)
    train(tmp_path / "run", staged(weights=weights, stages=frozen))
    state = RunFolder(tmp_path / "run", "test").read_state()
    assert state is not None
    kernel = trained.get_layer("body-1").get_weights()[0]
    assert any(np.array_equal(array, kernel) for array in state.arrays.values())


def test_weights_that_are_not_here_or_another_file_are_one_line_before_any_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = Weights("body.weights.h5", "https://example.org/w", "a" * 64, "CC BY-NC 4.0")
    monkeypatch.setenv("CURATE_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(recipes, "RECIPES", {"pretrained": staged(name="pretrained", weights=weights)})
    workspace, _ = small_version(tmp_path, people=8)
    said = r"weights body\.weights\.h5 \(licence: CC BY-NC 4\.0\), which are not here; download them from https://"
    with pytest.raises(TrainingUnavailable, match=said):
        benchmark_version(workspace, "v1", created=CREATED, recipe="pretrained", device="cpu")
    assert not (workspace.state / "runs").exists()
    (tmp_path / weights.name).write_bytes(b"something else")
    with pytest.raises(TrainingUnavailable, match=r"another file than the recipe's weights \(sha256 \w{12}, not aaa"):
        find_weights(weights, tmp_path)
