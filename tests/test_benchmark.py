import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_versions import CREATED, face_folder, rewritten, small_version, stopping_tiny, tiny

from curate.benchmark import benchmark_version, compare_versions, plot_leaderboard, rank_scores, recipes
from curate.benchmark.experiment import content_digest, near_copies
from curate.benchmark.protocols import make_experiment
from curate.errors import ExportError, NotComparable, ScoreDamaged, Untrainable
from curate.ingest import ingest_source
from curate.scores import Score
from curate.version import freeze_version
from curate.workspace import Workspace


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one version; copied by those who change it."""
    folder = tmp_path_factory.mktemp("faces")
    small_version(folder)
    return folder / "workspace"


@pytest.fixture
def workspace(faces: Path, tmp_path: Path) -> Workspace:
    return Workspace(shutil.copytree(faces, tmp_path / "workspace"))


@pytest.fixture(autouse=True)
def _tiny_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**recipes.RECIPES, "tiny": tiny(), "tiny-stopping": stopping_tiny(name="tiny-stopping")}
    monkeypatch.setattr(recipes, "RECIPES", known)


def scored(workspace: Workspace, name: str = "v1", **how: Any) -> list[Score]:
    given: dict[str, Any] = {"recipe": "hog-ridge", "seeds": (0,), "device": "cpu", **how}
    return benchmark_version(workspace, name, created=CREATED, **given)


def test_a_run_leaves_a_score_beside_the_manifest_and_its_predictions_in_the_state(workspace: Workspace) -> None:
    (score,) = scored(workspace)
    version = workspace.version("v1")
    name = "hog-ridge--leak-free--seed0"
    assert sorted(path.name for path in (version.folder / "scores").iterdir()) == [f"{name}.json", f"{name}.png"]
    assert json.loads((version.folder / "scores" / f"{name}.json").read_text())["scored"] == score.to_json()["scored"]
    assert (workspace.state / "runs" / "v1" / name / "predictions.npz").is_file()
    assert set(score.scored) == {"val", "test", "gold"}
    assert score.environment.versions["curate-fer"]


def test_a_network_leaves_its_model_history_and_curves(workspace: Workspace) -> None:
    scored(workspace, recipe="tiny")
    left = {path.name for path in (workspace.state / "runs" / "v1" / "tiny--leak-free--seed0").iterdir()}
    assert left == {"model.keras", "history.csv", "curves.png", "predictions.npz"}


def test_scores_are_a_table_with_one_row_per_run_and_part(workspace: Workspace) -> None:
    scored(workspace, seeds=(0, 1))
    table = workspace.version("v1").scores()
    assert table[["recipe", "protocol", "seed", "scored", "leaks"]].values.tolist() == [
        ["hog-ridge", "leak-free", seed, part, False] for seed in (0, 1) for part in ("val", "test", "gold")
    ]
    assert {"accuracy", "macro_f1", "balanced_accuracy", "ece", "recall_happy", "environment"} <= set(table.columns)
    assert table["accuracy"].between(0, 1).all()


def test_a_version_without_scores_has_an_empty_table_with_the_same_columns(workspace: Workspace) -> None:
    table = workspace.version("v1").scores()
    assert len(table) == 0
    assert {"recipe", "seed", "protocol", "scored", "accuracy", "macro_f1", "environment"} <= set(table.columns)


def test_a_run_that_is_done_is_not_done_again(workspace: Workspace) -> None:
    trained: list[int] = []
    for _ in range(2):
        scored(workspace, recipe="tiny", on_epoch=lambda epoch, _: trained.append(epoch.number))
    assert trained == [1, 2, 3]


def test_a_damaged_score_is_named(workspace: Workspace) -> None:
    scored(workspace)
    path = next((workspace.manifests / "v1" / "scores").glob("*.json"))
    path.write_text(path.read_text()[:100])
    with pytest.raises(ScoreDamaged, match="is no score"):
        workspace.version("v1").scores()
    path.write_text('{"format": 1, "version": "v1", "recipe": "hog-ridge"}')
    with pytest.raises(ScoreDamaged, match="lacks recipe_digest, protocol"):
        workspace.version("v1").scores()


def test_changed_test_labels_change_no_weight_and_no_chosen_epoch(workspace: Workspace) -> None:
    """The test split is read after training: only the scores may differ."""

    def relabel(rows: pd.DataFrame) -> pd.DataFrame:
        inside = rows["split"] == "test"
        rows.loc[inside, "label"] = rows.loc[inside, "label"].astype(object).to_numpy()[::-1]
        return rows

    rewritten(workspace.version("v1"), "other", relabel, line="other")
    runs = [scored(workspace, name, recipe="tiny-stopping")[0] for name in ("v1", "other")]
    assert runs[0].training_content == runs[1].training_content
    assert runs[0].best_epoch == runs[1].best_epoch
    folders = [workspace.state / "runs" / name / "tiny-stopping--leak-free--seed0" for name in ("v1", "other")]
    losses = [pd.read_csv(folder / "history.csv")[["loss", "val_loss"]] for folder in folders]
    assert losses[0].equals(losses[1])
    said = [np.load(folder / "predictions.npz") for folder in folders]
    assert np.array_equal(said[0]["test.pred_probs"], said[1]["test.pred_probs"])
    assert runs[0].scored["test"].confusion != runs[1].scored["test"].confusion


def test_training_seeds_depend_on_what_is_trained_on(workspace: Workspace) -> None:
    def relabel(rows: pd.DataFrame) -> pd.DataFrame:
        first = rows.index[rows["split"] == "train"][0]
        rows.loc[first, "label"] = "fear" if rows.loc[first, "label"] != "fear" else "sad"
        return rows

    version = workspace.version("v1")
    rewritten(version, "other", relabel)
    tasks = [make_experiment(workspace.version(name), "leak-free") for name in ("v1", "other")]
    one, other = (content_digest(task.train, task.stopping) for task in tasks)
    assert one != other


def test_official_takes_every_occurrence_with_its_own_label_and_split(tmp_path: Path) -> None:
    folder = face_folder(tmp_path)
    copied = next((folder / "train" / "sad").iterdir())
    for place in ("test/happy", "test/sad", "train/angry"):
        shutil.copy(copied, folder / place / "copy.png")
    workspace = Workspace.create(tmp_path / "workspace")
    ingest_source(workspace, folder)
    version = freeze_version(workspace, "v1", created=CREATED, parent=None)
    task = make_experiment(version, "official")
    test = task.read_scored()["test"]
    assert (len(task.train), len(test), task.leaks, task.source) == (14 * 7 + 1, 3 * 7 + 2, True, "faces")
    assert sorted(test.keys[near_copies(task.train, test)]) == ["test/happy/copy.png", "test/sad/copy.png"]
    measures = scored(workspace, protocol="official")[0].scored["test"]
    assert measures.pictures_near_copy == 2
    assert measures.accuracy_near_copy is not None
    assert measures.accuracy_no_near_copy is not None
    right = measures.accuracy_near_copy * 2 + measures.accuracy_no_near_copy * 21
    assert measures.accuracy == pytest.approx(right / 23)


def test_a_recipe_that_chooses_gets_a_tenth_of_official_train_and_never_what_is_scored(workspace: Workspace) -> None:
    task = make_experiment(workspace.version("v1"), "official", hold_out=True)
    assert task.stopping is not None
    seen = task.read_scored()
    assert not set(task.stopping.keys) & {*task.train.keys, *seen["test"].keys, *seen["val"].keys}
    assert not set(task.stopping.groups) & set(task.train.groups)


def test_augment_then_split_trains_on_turned_copies_of_what_it_scores(workspace: Workspace) -> None:
    task = make_experiment(workspace.version("v1"), "augment-then-split")
    test = task.read_scored()["test"]
    rows = len(workspace.version("v1").rows())
    assert len(task.train) + len(test) == 4 * rows
    assert not set(task.train.keys) & set(test.keys)
    assert near_copies(task.train, test).mean() > 0.9
    score = scored(workspace, protocol="augment-then-split")[0]
    assert score.leaks
    assert score.scored["test"].pictures == len(test)


def test_gold_is_scored_with_the_newest_labels_of_the_line(workspace: Workspace) -> None:
    def relabel(rows: pd.DataFrame) -> pd.DataFrame:
        rows.loc[rows["gold"], "label"] = "happy"
        return rows

    rewritten(workspace.version("v1"), "v2", relabel, created="2026-02-01T00:00:00+00:00")
    (score,) = scored(workspace)
    assert {row.label: row.support for row in score.scored["gold"].classes}["happy"] == 21
    assert {row.label: row.support for row in score.scored["test"].classes}["happy"] == 3


@pytest.mark.parametrize(
    ("change", "how", "message"),
    [
        (lambda rows: rows[rows["split"] != "train"], {}, "has no picture to train on"),
        (lambda rows: rows[rows["label"] == "sad"], {}, "has pictures of one class only to train on"),
        (lambda rows: rows[rows["split"] != "test"], {}, "has no test pictures"),
        (lambda rows: rows[rows["split"] != "val"], {"recipe": "tiny-stopping"}, "has no val pictures, by which"),
        (lambda rows: rows, {"protocol": "oficial"}, "no protocol `oficial`; did you mean `official`"),
        (lambda rows: rows, {"source": "faces"}, "--source belongs to the protocol official"),
        (lambda rows: rows, {"protocol": "official", "source": "face"}, "did you mean `faces`"),
    ],
)
def test_what_cannot_be_trained_is_said_before_any_time_is_spent(
    workspace: Workspace, change: Any, how: dict[str, str], message: str
) -> None:
    rewritten(workspace.version("v1"), "other", change)
    with pytest.raises(Untrainable, match=message):
        scored(workspace, "other", **how)
    assert not (workspace.state / "runs").exists()


def test_votes_become_soft_labels() -> None:

    from curate.benchmark.fitting import make_targets

    part = make_part(labels=[0, 1], votes=[[6, 2, 2], [0, 0, 0]])
    assert make_targets(part, 3, soft=True) == pytest.approx(np.array([[0.6, 0.2, 0.2], [0, 1, 0]]))
    assert make_targets(replace(part), 3, soft=False).tolist() == [[1, 0, 0], [0, 1, 0]]


def test_augmented_rows_count_once_by_what_they_are_made_from() -> None:
    import pyarrow as pa

    part = make_part(labels=[0, 0, 1], votes=[[0, 0, 0]] * 3)
    table = pa.table({"sample_id": ["a", "b", "c"], "parent": [None, "a", None], "transform": [None, "rot90", None]})
    assert replace(part, table=table).delivered == 2


def make_part(*, labels: list[int], votes: list[list[int]]) -> Any:
    import pyarrow as pa

    from curate.benchmark.experiment import EvalSet
    from curate.manifest.pictures import PictureSource

    names = np.array([str(n) for n in range(len(labels))], object)
    source = PictureSource("v1", Path(), None)
    return EvalSet(names, pa.table({"sample_id": names}), np.array(labels), names, names, np.float32(votes), source)


def test_versions_with_shuffled_labels_are_worse(tmp_path: Path) -> None:
    def shuffle(rows: pd.DataFrame) -> pd.DataFrame:
        inside = np.flatnonzero(rows["split"] == "train")
        chosen = np.random.default_rng(0).choice(inside, len(inside) * 9 // 10, replace=False)
        column = rows.columns.get_loc("label")
        rows.iloc[chosen, column] = rows.iloc[np.random.default_rng(1).permutation(chosen), column].to_numpy()
        return rows

    workspace, version = small_version(tmp_path, people=80)
    rewritten(version, "bad", shuffle)
    for name in ("v1", "bad"):
        scored(workspace, name, seeds=range(3))
    (found,) = compare_versions(workspace, "v1", "bad")
    assert found.difference.verdict == "worse"
    assert found.difference.accuracy.high is not None
    assert found.difference.accuracy.high < 0
    assert found.sentence.startswith("bad is worse than v1: accuracy -")
    (back,) = compare_versions(workspace, "bad", "v1")
    assert back.difference.verdict == "better"


def test_what_cannot_be_compared_is_refused_with_the_reason(workspace: Workspace) -> None:
    version = workspace.version("v1")
    rewritten(version, "v2", lambda rows: rows)
    rewritten(version, "strange", lambda rows: rows, line="strange", gold={"rows": 1, "digest": "0" * 64})
    with pytest.raises(NotComparable, match=r"different gold tests.*curate freeze NEW --from v1"):
        compare_versions(workspace, "v1", "strange")
    with pytest.raises(NotComparable, match="are one version"):
        compare_versions(workspace, "v1", "v1")
    scored(workspace)
    scored(workspace, "v2", protocol="official")
    with pytest.raises(NotComparable, match=r"v1: hog-ridge; v2: none \(and leaking official, which do not count\)"):
        compare_versions(workspace, "v1", "v2")
    scored(workspace, "v2")
    shutil.rmtree(workspace.state / "runs" / "v2")
    with pytest.raises(NotComparable, match=r"run `curate benchmark v2 --recipe hog-ridge` here"):
        compare_versions(workspace, "v1", "v2")


def test_runs_of_a_recipe_that_changed_are_neither_kept_nor_compared(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten(workspace.version("v1"), "v2", lambda rows: rows)
    before = scored(workspace, recipe="tiny", seeds=(0,))
    monkeypatch.setattr(recipes, "RECIPES", {"tiny": tiny(label_smoothing=0.1)})
    scored(workspace, "v2", recipe="tiny", seeds=(0,))
    with pytest.raises(NotComparable, match="v1 and v2 were scored with different states of tiny"):
        compare_versions(workspace, "v1", "v2")
    after = scored(workspace, recipe="tiny", seeds=(0,))
    assert before[0].fingerprint != after[0].fingerprint
    assert compare_versions(workspace, "v1", "v2")


def test_one_run_each_shows_no_difference(workspace: Workspace) -> None:
    rewritten(workspace.version("v1"), "v2", lambda rows: rows)
    for name in ("v1", "v2"):
        scored(workspace, name)
    (found,) = compare_versions(workspace, "v1", "v2")
    assert found.sentence == (
        "no difference shown with 1 seed: accuracy +0.0 points, but one run does not tell the spread; take 3"
    )


def test_the_leaderboard_ranks_rivals_only_and_marks_what_leaks(workspace: Workspace, tmp_path: Path) -> None:
    rewritten(workspace.version("v1"), "v2", lambda rows: rows)
    for name in ("v1", "v2"):
        scored(workspace, name, seeds=(0, 1))
    scored(workspace, protocol="official")
    standings = rank_scores(workspace)
    assert [(each.rank, each.version, each.protocol, each.leaks, each.part, each.seeds) for each in standings] == [
        (1, "v1", "leak-free", False, "gold", 2),
        (1, "v2", "leak-free", False, "gold", 2),  # the same rows: the rank is shared
        (1, "v1", "official", True, "test", 1),
    ]
    plot_leaderboard(tmp_path / "board.png", standings, ceilings={"ferplus votes 2016": 0.65})
    assert (tmp_path / "board.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(ExportError, match=r"board\.svg: plots are PNG files"):
        plot_leaderboard(tmp_path / "board.svg", standings, ceilings={})


def test_the_leaderboard_goes_by_the_newest_gold_labels(workspace: Workspace) -> None:
    def turn_gold(rows: pd.DataFrame) -> pd.DataFrame:
        rows.loc[rows["gold"], "label"] = np.where(rows.loc[rows["gold"], "label"] == "happy", "sad", "happy")
        return rows

    (before,) = scored(workspace)
    rewritten(workspace.version("v1"), "v2", turn_gold, created="2027-01-01T00:00:00+00:00")
    (after,) = scored(workspace, "v2")
    assert before.gold_labels_of == "v1"
    shown = {each.version: each for each in rank_scores(workspace)}
    assert shown["v2"].accuracy.estimate == after.scored["gold"].accuracy
    assert shown["v1"].accuracy.estimate != before.scored["gold"].accuracy
    assert {(each.labels_of, each.outdated) for each in shown.values()} == {("v2", False)}

    shutil.rmtree(workspace.state / "runs" / "v1")
    shown = {each.version: each for each in rank_scores(workspace)}
    assert shown["v1"].accuracy.estimate == before.scored["gold"].accuracy
    assert [(each.labels_of, each.outdated, each.rank) for each in shown.values()] == [
        ("v1", True, 1),
        ("v2", False, 1),
    ]
