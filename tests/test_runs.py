"""What the Versions page knows of a scored run, and how it explains what it does not know."""

from typing import Any

import numpy as np
import pytest
from released import fer2013_workspace, freeze

from curate.benchmark.metrics import measure
from curate.manifest import Version
from curate.runs.browse import ScoredRun, read_curves, scored_runs
from curate.runs.history import Epoch
from curate.scores import Score, write_score

HISTORY = [Epoch(1, 1.5, 0.4, 1.75, 0.25, 0.1, 10.0), Epoch(2, 1.0, 0.5, 1.25, 0.5, 0.1, 10.0)]


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return freeze(fer2013_workspace(tmp_path_factory.mktemp("scored")))


def score(version: Version, **more: Any) -> ScoredRun:
    """A run that is scored, as the page lists it."""
    scored = {
        "version": version.name, "recipe": "tiny", "recipe_digest": "", "protocol": "leak-free", "source": None,
        "seed": 0, "epochs": 2, "scored": {"gold": measure(np.array([0]), np.eye(1), ["happy"]).to_json()},
        "environment": {"device": "none"}, "version_digest": "", "line": "v1", "gold": "", "leaks": False,
        "classes": ["happy"], "fingerprint": "", "gold_labels_of": "v1", "trained_on": 1, "seconds": 1.0,
        "pictures_per_s": 1.0,
    }  # fmt: skip
    path = write_score(version.folder.parent, Score.from_json(scored | more))
    (run,) = (each for each in scored_runs(version) if each.name == path.stem)
    return run


def test_curves_are_those_of_the_history(version: Version) -> None:
    run = score(version)
    run.folder.write_history(HISTORY)
    curves = read_curves(run)
    assert curves.missing == ""
    assert curves.loss.reset_index().to_dict("list") == {
        "epoch": [1, 2],
        "training": [1.5, 1.0],
        "stopping set": [1.75, 1.25],
    }
    assert curves.accuracy.to_dict("list") == {"training": [0.4, 0.5], "stopping set": [0.25, 0.5]}


def test_without_a_stopping_set_there_is_one_curve(version: Version) -> None:
    run = score(version, seed=1)
    run.folder.write_history([each._replace(val_loss=None, val_accuracy=None) for each in HISTORY])
    assert read_curves(run).loss.to_dict("list") == {"training": [1.5, 1.0]}


@pytest.mark.parametrize(
    ("seed", "epochs", "history", "said"),
    [
        (2, 2, None, "not on this machine"),
        (3, 0, None, "not trained in epochs"),
        (4, 3, HISTORY, "2 epochs and the score was reached after 3"),
        (5, 1, [("<script>", *HISTORY[0][1:])], "cannot be read"),
    ],
)
def test_curves_that_are_not_known_say_why(version: Version, seed: int, epochs: int, history: Any, said: str) -> None:
    run = score(version, seed=seed, epochs=epochs)
    if history:
        run.folder.write_history(history)
    curves = read_curves(run)
    assert said in curves.missing
    assert (len(curves.loss), len(curves.accuracy)) == (0, 0)


def test_a_score_from_elsewhere_names_no_file_outside_its_folder(version: Version) -> None:
    score(version, seed=6)
    path = version.folder / "scores" / "hostile.json"
    written = (version.folder / "scores" / "tiny--leak-free--seed6.json").read_text(encoding="utf-8")
    path.write_text(written.replace('"tiny"', '"../../../tiny"'), encoding="utf-8")
    folders = {run.folder.path.parent for run in scored_runs(version)}
    path.unlink()
    assert folders == {version.state / "runs" / version.name}
