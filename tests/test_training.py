import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_versions import random_pictures, stopping_tiny, tiny

from curate.benchmark.network import TrainingSet
from curate.benchmark.recipe import Augmentation, NetworkRecipe
from curate.benchmark.training import Trained, train_network
from curate.benchmark.warping import Draws, draw, warp_on_device, warp_on_host
from curate.errors import NoSuchDevice, ScoreDamaged, TrainingDiverged, TrainingUnavailable
from curate.progress import Advance
from curate.runs.folder import Predictions, RunFolder
from curate.runs.history import Epoch
from curate.runs.keras_backend import Device, _multiplies_bfloat16, feed, find_device

TESTS = Path(__file__).parent


def training_set(count: int = 70, seed: int = 0) -> TrainingSet:
    pictures, labels = random_pictures(count, seed=seed)
    return TrainingSet(pictures, np.eye(3, dtype=np.float32)[labels], None)


def train(
    folder: Path,
    recipe: NetworkRecipe | None = None,
    *,
    data: TrainingSet | None = None,
    seed: int = 1,
    device: Device | None = None,
    stopping: TrainingSet | None = None,
    on_epoch: object = None,
) -> Trained:
    return train_network(
        recipe or tiny(),
        data or training_set(),
        stopping,
        seed=seed,
        device=device or find_device("cpu"),
        folder=RunFolder(folder, "test"),
        save_every_s=0,
        **({"on_epoch": on_epoch} if on_epoch else {}),  # type: ignore[arg-type]
    )


OTHERS, TRUTH = random_pictures(60, seed=9)


def test_an_epoch_can_be_shorter_than_the_pictures(tmp_path: Path) -> None:
    seen: list[int] = []

    @contextmanager
    def counting(_what: str, total: int, *, unit: str) -> Iterator[Advance]:
        assert (total, unit) == (3 * 32, "pictures")
        yield seen.append

    data = training_set()._replace(per_epoch=35)
    trained = train_network(
        tiny(batch=8, epochs=3), data, None, seed=1, device=find_device("cpu"), folder=RunFolder(tmp_path, "test"),
        progress=counting,
    )  # fmt: skip
    assert len(trained.history) == 3
    assert sum(seen) == 3 * 4 * 8


def test_a_network_learns(tmp_path: Path) -> None:
    trained = train(tmp_path, tiny(epochs=8))
    assert (trained.classify(OTHERS).argmax(axis=1) == TRUTH).mean() > 0.8
    assert trained.classify(OTHERS).sum(axis=1) == pytest.approx(np.ones(60), abs=1e-5)


def test_the_same_seed_gives_the_same_network_and_another_seed_another(tmp_path: Path) -> None:
    one, again, other = (train(tmp_path / str(n), seed=seed).classify(OTHERS) for n, seed in enumerate((1, 1, 2)))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


class Killed(BaseException):
    """Stands for the end of the process in the middle of a training."""


@pytest.mark.parametrize("recipe", [tiny(epochs=4, average=0.5), stopping_tiny(epochs=4)], ids=["average", "stopping"])
def test_a_training_that_was_cut_off_goes_on_from_its_last_epoch_to_the_same_end(
    tmp_path: Path, recipe: NetworkRecipe
) -> None:
    def cut(epoch: Epoch, _epochs: int) -> None:
        if epoch.number == 2:
            raise Killed

    stopping = training_set(30, seed=4)
    whole = train(tmp_path / "whole", recipe, stopping=stopping)
    with pytest.raises(Killed):
        train(tmp_path / "cut", recipe, stopping=stopping, on_epoch=cut)
    seen: list[int] = []
    rest = train(tmp_path / "cut", recipe, stopping=stopping, on_epoch=lambda epoch, _: seen.append(epoch.number))
    assert seen[0] == 3
    assert [epoch[:5] for epoch in rest.history] == [epoch[:5] for epoch in whole.history]
    assert np.array_equal(rest.classify(OTHERS), whole.classify(OTHERS))


def train_slowly(folder: str) -> None:
    train(Path(folder), tiny(epochs=500))


def test_a_killed_process_leaves_a_state_to_go_on_from(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=train_slowly, args=(str(tmp_path),))
    process.start()
    while process.is_alive() and not (state := RunFolder(tmp_path, "test").read_state()):
        process.join(0.05)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    state = RunFolder(tmp_path, "test").read_state()
    assert state is not None
    seen: list[int] = []
    train(tmp_path, tiny(epochs=len(state.history) + 1), on_epoch=lambda epoch, _: seen.append(epoch.number))
    assert seen == [len(state.history) + 1]


def test_the_state_of_another_training_is_not_taken(tmp_path: Path) -> None:
    train(tmp_path)
    assert RunFolder(tmp_path, "test").read_state() is not None
    assert RunFolder(tmp_path, "other").read_state() is None


def test_a_state_that_was_cut_short_is_not_taken(tmp_path: Path) -> None:
    train(tmp_path)
    state = tmp_path / "state.npz"
    state.write_bytes(state.read_bytes()[:-200])
    assert RunFolder(tmp_path, "test").read_state() is None


def test_an_interrupt_keeps_the_best_weights(tmp_path: Path) -> None:
    import keras

    def interrupt(epoch: Epoch, _epochs: int) -> None:
        if epoch.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, tiny(epochs=9), on_epoch=interrupt)
    said = keras.models.load_model(tmp_path / "model.keras").predict(OTHERS[..., None], verbose=0)
    assert said.sum(axis=1) == pytest.approx(np.ones(60), abs=1e-5)
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 3


def test_the_saved_model_says_what_the_trained_one_says(tmp_path: Path) -> None:
    import keras

    trained = train(tmp_path)
    said = keras.models.load_model(tmp_path / "model.keras").predict(OTHERS[..., None], verbose=0)
    assert np.allclose(said, trained.classify(OTHERS), atol=1e-6)


def test_the_best_epoch_by_the_stopping_set_is_the_one_that_counts(tmp_path: Path) -> None:
    flipped = training_set(30, seed=4)
    flipped = flipped._replace(targets=flipped.targets[:, [1, 2, 0]])  # the better it learns, the worse it looks
    trained = train(tmp_path, stopping_tiny(), stopping=flipped)
    best = trained.conclusion.best_epoch
    assert best == 1 + int(np.argmin([epoch.val_loss for epoch in trained.history if epoch.val_loss]))
    assert len(trained.history) == best + 2
    first = train(tmp_path / "first", stopping_tiny(epochs=6), stopping=flipped).classify(OTHERS)
    assert np.array_equal(first, trained.classify(OTHERS))


def test_a_loss_that_is_no_number_ends_the_training_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(TrainingDiverged, match=r"the loss of tiny is nan .* lower its learning rate"):
        train(tmp_path, tiny(rate=lambda _done: float("inf")))


def test_classes_can_be_drawn_equally_often(tmp_path: Path) -> None:
    from curate.benchmark.training import _order

    targets = np.eye(2, dtype=np.float32)[[0] * 900 + [1] * 100]
    order = _order(replace(tiny(), imbalance="balanced"), targets, np.random.default_rng(0))
    assert 450 < (order >= 900).sum() < 550


def test_weights_change_what_is_learned(tmp_path: Path) -> None:
    plain = training_set()._replace(targets=np.eye(3, dtype=np.float32)[np.arange(70) % 3])  # nothing to see
    weighted = plain._replace(weights=np.where(plain.targets[:, 0] == 1, 2.5, 0.25).astype(np.float32))
    said = [
        train(tmp_path / str(n), data=data).classify(OTHERS)[:, 0].mean() for n, data in enumerate((plain, weighted))
    ]
    assert said[1] > said[0] + 0.05


def test_pictures_on_the_device_train_the_same_network(tmp_path: Path) -> None:
    cpu = find_device("cpu")
    recipe = tiny(augmentation=Augmentation(mirror=True, shift_px=3))  # whole pixels: no interpolation
    host, device = (
        train(tmp_path / str(inside), recipe, device=replace(cpu, holds_pictures=inside)) for inside in (False, True)
    )
    assert device.classify(OTHERS) == pytest.approx(host.classify(OTHERS), abs=1e-3)
    assert [epoch.loss for epoch in device.history] == pytest.approx([epoch.loss for epoch in host.history], abs=1e-3)


@pytest.mark.parametrize(
    "augmentation",
    [
        Augmentation(),
        Augmentation(mirror=True, shift_px=3, rotation_deg=10, log_zoom=0.12),
        Augmentation(mirror=True, rotation_deg=40, log_zoom=0.2, shear=0.2, brightness=(0.2, 1.5)),
    ],
)
def test_host_and_device_make_the_same_pictures(augmentation: Augmentation) -> None:
    import cv2
    import keras

    pictures = np.stack([cv2.GaussianBlur(each, (0, 0), 2) for each in random_pictures(40)[0]])
    draws = draw(augmentation, 40, size_px=48, rng=np.random.default_rng(3))
    host = warp_on_host(pictures, draws).astype(float)
    tensors = [keras.ops.convert_to_tensor(each) for each in (pictures[..., None].astype(np.float32), *draws)]
    device = keras.ops.convert_to_numpy(warp_on_device(*tensors))[..., 0]
    assert np.abs(host - device).mean() < 0.5
    assert np.percentile(np.abs(host - device), 99.9) < 3


def test_no_augmentation_leaves_pictures_as_they_are() -> None:
    pictures, _ = random_pictures(10)
    draws = draw(Augmentation(), 10, size_px=48, rng=np.random.default_rng(0))
    assert np.array_equal(warp_on_host(pictures, draws), pictures)


def test_a_mirrored_and_shifted_picture_is_exactly_that() -> None:
    pictures, _ = random_pictures(200)
    draws = draw(Augmentation(mirror=True, shift_px=2), 200, size_px=48, rng=np.random.default_rng(0))
    warped = warp_on_host(pictures, draws)
    for picture, matrix, shown in zip(pictures, draws.matrix, warped, strict=True):
        source = picture[:, ::-1] if matrix[0] < 0 else picture
        across = round(float(matrix[2])) if matrix[0] > 0 else 47 - round(float(matrix[2]))
        down = round(float(matrix[5]))
        inner = np.arange(4, 44)
        assert np.array_equal(shown[np.ix_(inner, inner)], source[np.ix_(inner + down, inner + across)])
    assert {round(float(each)) for each in draws.matrix[:, 5]} == {-2, -1, 0, 1, 2}
    assert isinstance(draws, Draws)


def test_a_gpu_that_is_not_there_is_an_error_before_any_work() -> None:
    if find_device("auto").kind == "gpu":
        pytest.skip("there is a GPU")
    with pytest.raises(NoSuchDevice, match="there is no GPU that tensorflow can use; leave out --device"):
        find_device("gpu")


@pytest.mark.parametrize(
    ("flags", "multiplies"), [("fpu avx512f avx512_bf16", True), ("fpu amx_bf16 sse2", True), ("fpu avx512f", False)]
)
def test_mixed_precision_needs_a_processor_that_multiplies_bfloat16(
    tmp_path: Path, flags: str, multiplies: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert _multiplies_bfloat16(tmp_path / "cpuinfo") is multiplies
    assert not _multiplies_bfloat16(tmp_path / "no such file")


def test_tensorflow_is_fed_in_order_and_without_its_tuner() -> None:
    pytest.importorskip("tensorflow", reason="tensorflow is not installed")
    numbers = np.arange(12)
    fed = feed(((numbers, numbers[:, None]), -numbers, numbers * 2.0), batch=4)["x"]
    assert fed.options().autotune.enabled is False
    batches = list(fed.as_numpy_iterator())
    assert [inputs[0].tolist() for inputs, _, _ in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert [inputs[1].shape for inputs, _, _ in batches] == [(4, 1)] * 3
    assert all((weights == -2 * targets).all() for _, targets, weights in batches)


def test_a_backend_that_is_not_installed_is_an_error_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "no_such_backend")
    with pytest.raises(TrainingUnavailable, match=r"pip install 'curate-fer\[train\]'.*hog-ridge"):
        find_device("cpu")


def test_the_trainer_runs_on_jax_without_tensorflow(tmp_path: Path) -> None:
    pytest.importorskip("jax", reason="jax is not installed")
    code = (
        "import sys; from pathlib import Path; from test_training import *\n"
        "class NoTensorflow:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] == 'tensorflow': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, NoTensorflow())\n"
        "said = train(Path(sys.argv[1]), tiny(epochs=8, average=0.5)).classify(OTHERS)\n"
        "print((said.argmax(axis=1) == TRUTH).mean())"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(TESTS)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, env=environment
    )
    assert float(done.stdout) > 0.8


def test_a_history_is_read_back_for_the_run_that_it_belongs_to(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", "a")
    assert folder.read_history() == []
    history = [Epoch(1, 2.0, 0.25, 1.5, 0.5, 0.1, 100.0), Epoch(2, 1.0, 0.5, None, None, 0.1, 100.0)]
    folder.write_history(history)
    said = Predictions(np.array(["x"]), np.array([0]), np.array(["x"]), np.array([[1.0]]))
    folder.write_predictions({"gold": said})
    assert folder.read_history() == history
    assert RunFolder(tmp_path / "run", "b").read_history() == []
    (tmp_path / "run" / "history.csv").write_text("number,loss\n1,many\n", encoding="utf-8")
    with pytest.raises(ScoreDamaged, match=r"history\.csv cannot be read"):
        folder.read_history()
