"""The model of a run, loaded back: it predicts the very probabilities that were stored."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from small_versions import CREATED, random_pictures, small_version, tiny

from curate.benchmark import benchmark_version, load_model, recipes
from curate.benchmark.experiment import read_eval_set
from curate.benchmark.protocols import make_experiment
from curate.errors import RunNotFound, ScoreDamaged
from curate.runs.folder import Predictions, RunFolder, State, folder_of
from curate.runs.history import Epoch
from curate.runs.model import load_run
from curate.scores import Score
from curate.workspace import Workspace


@pytest.fixture(autouse=True)
def _tiny_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "RECIPES", {**recipes.RECIPES, "tiny": tiny()})


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Score]]:
    """A workspace, and a score of a network and of a classical recipe."""
    workspace, _ = small_version(tmp_path_factory.mktemp("models"), people=16)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recipes, "RECIPES", {**recipes.RECIPES, "tiny": tiny()})
        scores = {
            name: benchmark_version(workspace, "v1", created=CREATED, recipe=name, seeds=(0,), device="cpu")[0]
            for name in ("tiny", "hog-ridge")
        }
    return workspace.folder, scores


@pytest.mark.parametrize("recipe", ["tiny", "hog-ridge"])
def test_a_loaded_run_predicts_what_is_stored(scored: tuple[Path, dict[str, Score]], recipe: str) -> None:
    folder, scores = scored
    version = Workspace(folder).version("v1")
    model = load_model(version, scores[recipe])
    assert (model.size_px, model.mode, model.classes) == (48, "L", scores[recipe].classes)
    part = make_experiment(version, "leak-free").read_scored()["gold"]
    stored = folder_of(version, scores[recipe]).read_predictions("gold")
    assert stored is not None
    assert stored.keys.tolist() == part.keys.tolist()
    predicted = model.predict(read_eval_set(part, size_px=model.size_px, mode=model.mode))
    assert predicted.dtype == np.float32
    assert np.array_equal(predicted, stored.pred_probs)
    assert not list(folder_of(version, scores[recipe]).path.glob("*.pkl"))


def test_a_run_that_is_not_here_or_kept_no_model_is_one_line(
    scored: tuple[Path, dict[str, Score]], tmp_path: Path
) -> None:
    folder, scores = scored
    version = Workspace(shutil.copytree(folder, tmp_path / "copy")).version("v1")
    run = folder_of(version, scores["hog-ridge"])
    with pytest.raises(RunNotFound, match=r"kept no model; remove .* and run `curate benchmark v1 --recipe hog-ridge`"):
        load_run(version, scores["hog-ridge"])
    run.arrays.write_bytes(run.arrays.read_bytes()[:1_000])
    with pytest.raises(ScoreDamaged, match=r"model\.npz cannot be read"):
        load_model(version, scores["hog-ridge"])
    shutil.rmtree(run.path)
    with pytest.raises(RunNotFound, match="is not in this workspace"):
        load_model(version, scores["hog-ridge"])
    network = folder_of(version, scores["tiny"])
    network.model.write_bytes(b"PK\x03\x04 no model")
    with pytest.raises(ScoreDamaged, match=r"model\.keras cannot be read"):
        load_model(version, scores["tiny"])


def test_state_and_predictions_of_an_older_release_are_read(tmp_path: Path) -> None:
    """Their npz files describe themselves under another key, and their epochs know no stage."""
    run = RunFolder(tmp_path, "abc")
    old = json.dumps({"fingerprint": "abc", "history": [[1, 1.5, 0.4, None, None, 0.1, 10.0]]})
    np.savez(tmp_path / "state.npz", weights=np.arange(3), told=np.array(old))
    assert run.read_state() is not None
    history, arrays = run.read_state() or State([], {})
    assert (history, list(arrays)) == ([Epoch(1, 1.5, 0.4, None, None, 0.1, 10.0, stage=1)], ["weights"])
    pictures, labels = random_pictures(2)
    said = Predictions(np.array(["a", "b"]), labels, np.array(["g", "g"]), np.full((2, 3), 1 / 3, np.float32))
    arrays = {f"gold.{name}": getattr(said, name) for name in said._fields}
    np.savez_compressed(tmp_path / "predictions.npz", told=np.array("abc"), **arrays)
    read = run.read_predictions("gold")
    assert read is not None
    assert read.keys.tolist() == ["a", "b"]
    assert len(pictures) == 2
    (tmp_path / "history.csv").write_text(
        "number,loss,accuracy,val_loss,val_accuracy,rate,pictures_per_s\n1,1.5,0.4,,,0.1,10.0\n", encoding="utf-8"
    )
    assert run.read_history() == history
