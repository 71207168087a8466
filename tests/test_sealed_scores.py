"""Scores that somebody edited, or that are damaged: never believed, never a traceback."""

import copy
import json
import random
import shutil
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_versions import CREATED, small_version
from test_cli import run

from curate.benchmark import benchmark_version, check_scores, compare_versions, damaged_scores, rank_scores
from curate.errors import CurateError, ScoreDamaged
from curate.report import report_version
from curate.scores import Score, find_scores, read_scores, write_score
from curate.workspace import Workspace

NAME = "hog-ridge--leak-free--seed0"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with v1, scored with two seeds."""
    workspace, _ = small_version(tmp_path_factory.mktemp("sealed"), people=16)
    benchmark_version(workspace, "v1", created=CREATED, recipe="hog-ridge", seeds=(0, 1), device="cpu")
    return workspace.folder


@pytest.fixture
def workspace(scored: Path, tmp_path: Path) -> Workspace:
    return Workspace(shutil.copytree(scored, tmp_path / "workspace"))


def score_path(workspace: Workspace, name: str = NAME) -> Path:
    return workspace.manifests / "v1" / "scores" / f"{name}.json"


def edit(workspace: Workspace, change: Callable[[dict[str, Any]], object]) -> None:
    score = json.loads(score_path(workspace).read_text(encoding="utf-8"))
    change(score)
    score_path(workspace).write_text(json.dumps(score), encoding="utf-8")


def unseal(score: dict[str, Any]) -> None:
    """As an older release wrote it."""
    del score["sha256"], score["predictions"]


def set_accuracy(score: dict[str, Any]) -> None:
    score["scored"]["gold"]["accuracy"] = 0.999


def test_a_score_carries_the_digest_of_itself_and_of_its_predictions(workspace: Workspace) -> None:
    score = read_scores(workspace.manifests, "v1")[0]
    assert score.is_sealed
    assert score.sha256
    assert score.predictions
    assert {len(digest) for digest in (score.sha256, *score.predictions.values())} == {64}
    assert set(score.predictions) == set(score.scored)
    check = check_scores(workspace.version("v1"))
    assert check == (2, 2, (), (), 0, ())


def test_a_hand_edited_score_is_left_out_with_one_line_and_found_by_verify(workspace: Workspace) -> None:
    edit(workspace, set_accuracy)
    board = run("leaderboard", "--workspace", workspace.folder).stdout
    assert "99.9" not in board
    assert "a score is damaged and left out; `curate verify` names all: " in board
    assert [each.seeds for each in rank_scores(workspace)] == [1]
    shown = run("verify", "--workspace", workspace.folder)
    assert shown.exit_code == 1
    assert "2 scores, 1 damaged: 1 measured again from their predictions" in shown.stdout
    text = " ".join(shown.stdout.split())
    assert f"{NAME}.json is not as it was written; remove it and run `curate benchmark` again" in text


def test_an_edited_score_without_a_seal_contradicts_its_confusion_matrix(workspace: Workspace) -> None:
    edit(workspace, unseal)
    edit(workspace, set_accuracy)
    (damaged,) = find_scores(workspace.manifests, "v1").damaged
    assert damaged.path == score_path(workspace)
    assert "has no sensible accuracy of gold" in damaged.message


def test_a_forged_score_is_found_out_by_its_predictions(workspace: Workspace) -> None:
    """Who computes the seal anew still has to do so with every prediction."""
    (score, _) = read_scores(workspace.manifests, "v1")
    forged = score.to_json()
    gold = forged["scored"]["gold"]
    size = len(forged["classes"])
    gold["confusion"] = [[row["support"] * (i == k) for i in range(size)] for k, row in enumerate(gold["classes"])]
    for row in gold["classes"]:
        row.update(precision=1.0, recall=1.0, f1=1.0)
    gold.update(dict.fromkeys(("accuracy", "balanced_accuracy", "macro_precision", "macro_recall", "macro_f1"), 1.0))
    write_score(workspace.manifests, Score.from_json(forged))
    (finding,) = check_scores(workspace.version("v1")).findings
    assert "says another accuracy, balanced_accuracy" in finding
    assert "of gold than its predictions give" in finding


def test_old_scores_are_read_and_marked_as_not_sealed(workspace: Workspace) -> None:
    edit(workspace, unseal)
    assert [score.is_sealed for score in read_scores(workspace.manifests, "v1")] == [False, True]
    (standing,) = rank_scores(workspace)
    assert (standing.seeds, standing.not_sealed) == (2, 1)
    assert "scores of v1 are not sealed" in run("leaderboard", "--workspace", workspace.folder).stdout
    shown = run("verify", "--workspace", workspace.folder)
    assert shown.exit_code == 0
    assert f"not sealed, as an older curate kept no digests: {NAME}" in " ".join(shown.stdout.split())


def test_verify_says_where_predictions_are_not_here(workspace: Workspace) -> None:
    shutil.rmtree(workspace.state / "runs" / "v1" / NAME)
    check = check_scores(workspace.version("v1"))
    assert (check.measured_again, check.without_predictions, check.findings) == (1, (NAME,), ())
    shown = json.loads(run("verify", "--json", "--workspace", workspace.folder).stdout)
    assert shown["versions"][0]["scores"]["without_predictions"] == [NAME]


def test_changed_predictions_are_damage_and_the_benchmark_mends_it(workspace: Workspace) -> None:
    path = workspace.state / "runs" / "v1" / NAME / "predictions.npz"
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["gold.pred_probs"] = np.roll(arrays["gold.pred_probs"], 1, axis=1)
    np.savez_compressed(path, **arrays)
    (message,) = damaged_scores({"v1": workspace.version("v1")})
    assert "holds other predictions of gold than those that were scored" in message
    assert [each.seeds for each in rank_scores(workspace)] == [1]
    benchmark_version(workspace, "v1", created=CREATED, recipe="hog-ridge", seeds=(0,), device="cpu")
    assert check_scores(workspace.version("v1")).findings == ()


def test_a_score_that_was_copied_to_another_seed_does_not_count_twice(workspace: Workspace) -> None:
    shutil.copy(score_path(workspace), score_path(workspace, "hog-ridge--leak-free--seed7"))
    (damaged,) = find_scores(workspace.manifests, "v1").damaged
    assert "is the score of another run" in damaged.message
    assert [each.seeds for each in rank_scores(workspace)] == [2]


def test_compare_and_report_leave_damaged_scores_out_and_say_so(workspace: Workspace, tmp_path: Path) -> None:
    edit(workspace, set_accuracy)
    with pytest.raises(CurateError, match=r"v1: none \(1 damaged, see `curate verify v1`\)"):
        compare_versions(workspace, "v1", "v1", seeds_a=(0,), seeds_b=(1,))
    report_version(workspace, "v1", tmp_path / "page.html", created=CREATED)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"Damaged and left out: {NAME}" in page
    assert str(workspace.folder) not in page


WHOLE_FILES = [
    b"", b"null", b"[]", b"3", b'"x"', b"{}", b"\xff\xfe", b"[" * 100_000,
    b'{"format": ' + b"9" * 6_000 + b"}", b"{" * 50_000,
    b'{"format": NaN}', b'{"format": "1"}', b" " * 5_000_000,
]  # fmt: skip


@pytest.mark.parametrize("content", WHOLE_FILES, ids=range(len(WHOLE_FILES)))
def test_a_file_that_is_no_score_is_one_line(workspace: Workspace, content: bytes) -> None:
    score_path(workspace).write_bytes(content)
    with pytest.raises(ScoreDamaged) as caught:
        read_scores(workspace.manifests, "v1")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


ODD: list[Any] = [
    None, True, -1, 0, 2, 10**400, 0.5, 1e308, float("nan"), float("inf"), "", "x", "\ud800", "\x1b[2J", [], [[]], {},
    nested(400), {"a": {"b": 1}}, ["x"] * 7, [1] * 7, "0.5", "../../x",
]  # fmt: skip


def mutate(value: Any, rng: random.Random) -> None:
    """Change one thing, anywhere in a JSON object."""
    places = []

    def walk(inner: Any) -> None:
        for key in list(inner) if isinstance(inner, dict) else range(len(inner)):
            places.append((inner, key))
            if isinstance(inner[key], dict | list):
                walk(inner[key])

    walk(value)
    inner, key = rng.choice(places)
    how = rng.randrange(4)
    if how == 0:
        del inner[key]
    elif how == 1 and isinstance(inner, dict):
        inner["".join(rng.choices(string.ascii_letters, k=4))] = inner.pop(key)
    else:
        inner[key] = copy.deepcopy(rng.choice(ODD))


def test_mutated_scores_are_sound_or_damaged_and_nothing_else(workspace: Workspace) -> None:
    """Without a seal, so that what reads them has to look at every value."""
    edit(workspace, unseal)
    original = score_path(workspace).read_text(encoding="utf-8")
    rng, sound = random.Random(7), 0  # noqa: S311
    version = workspace.version("v1")
    for _ in range(400):
        score = json.loads(original)
        for _ in range(rng.choice((1, 1, 3))):
            mutate(score, rng)
        score_path(workspace).write_text(json.dumps(score), encoding="utf-8")
        found = find_scores(workspace.manifests, "v1")
        assert len(found.sound) + len(found.damaged) == 2
        assert all("\n" not in each.message for each in found.damaged)
        if not found.damaged:
            sound += 1
            rank_scores(workspace)
            check_scores(version)
            version.scores()
    assert 5 < sound < 200


def test_mutated_predictions_are_read_or_damaged_and_nothing_else(workspace: Workspace) -> None:
    path = workspace.state / "runs" / "v1" / NAME / "predictions.npz"
    whole, rng = path.read_bytes(), random.Random(8)  # noqa: S311
    version = workspace.version("v1")
    for _ in range(150):
        data = bytearray(whole[: rng.choice((len(whole), rng.randrange(len(whole))))])
        for _ in range(rng.choice((0, 1, 30))):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(bytes(data))
        check = check_scores(version)
        assert check.scores == 2
        assert check.measured_again + len(check.without_predictions) + len(check.findings) >= 2
