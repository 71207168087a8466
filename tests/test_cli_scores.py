import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_versions import small_version
from test_cli import run

from curate import cli
from curate.errors import CurateError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scores")
    small_version(made)
    place = made / "workspace"
    for name in ("v2",):
        assert run("freeze", name, "--even-if-unchanged", "--workspace", place).exit_code == 0
    for version in ("v1", "v2"):
        result = run("benchmark", version, "--recipe", "hog-ridge", "--seeds", "2", "--workspace", place)
        assert result.exit_code == 0
    assert run(
        "benchmark", "v1", "--recipe", "hog-ridge", "--protocol", "official", "--seeds", "1", "--workspace", place
    )
    return place


def test_a_benchmark_shows_every_part_and_class(folder: Path) -> None:
    shown = run("benchmark", "v1", "--recipe", "hog-ridge", "--seeds", "2", "--workspace", folder).stdout
    assert "hog-ridge on v1, leak-free" in shown
    assert [line.split()[:3] for line in shown.splitlines() if " gold " in line] == [
        ["0", "gold", "21"],
        ["1", "gold", "21"],
    ]
    assert "By class: gold, seed 0" in shown
    assert "98 pictures trained on" in shown


def test_a_leaking_protocol_is_marked_wherever_it_is_shown(folder: Path) -> None:
    shown = run(
        "benchmark", "v1", "--recipe", "hog-ridge", "--protocol", "official", "--seeds", "1", "--workspace", folder
    ).stdout
    assert "hog-ridge on v1, official (LEAKS)" in shown
    assert "its scores are too high" in shown
    board = run("leaderboard", "--workspace", folder).stdout
    assert "official (LEAKS)" in board
    assert "LEAKS: copies of scored pictures are trained on" in board


def test_compare_says_a_sentence_and_what_it_rests_on(folder: Path) -> None:
    shown = run("compare", "v1", "v2", "--workspace", folder).stdout
    assert shown.startswith("no difference shown with 2 seeds: accuracy +0.0 points (95 % interval")
    assert "21 pictures of the gold test with the labels of v2; 2 and 2 runs" in shown
    found = json.loads(run("compare", "v1", "v2", "--json", "--workspace", folder).stdout)["comparisons"][0]
    assert found["difference"]["verdict"] == "no difference shown"
    assert set(found["difference"]["accuracy"]) == {"estimate", "low", "high"}


def test_the_leaderboard_is_a_table_json_and_a_plot(folder: Path, tmp_path: Path) -> None:
    shown = json.loads(run("leaderboard", "--json", "--plot", tmp_path / "board.png", "--workspace", folder).stdout)
    assert [(each["version"], each["protocol"], each["rank"]) for each in shown["standings"]] == [
        ("v1", "leak-free", 1),
        ("v2", "leak-free", 1),  # the same rows: the rank is shared
        ("v1", "official", 1),
    ]
    assert shown["human_ceilings"] == {}
    assert (tmp_path / "board.png").stat().st_size > 1_000


def test_a_leaderboard_without_scores_says_how_to_make_some(tmp_path: Path) -> None:
    run("init", tmp_path)
    assert "no scores yet; `curate benchmark VERSION` makes some" in run("leaderboard", "--workspace", tmp_path).stdout


def test_scores_beside_a_version_do_not_trouble_its_verification(folder: Path) -> None:
    result = run("verify", "v1", "--workspace", folder)
    assert (result.exit_code, "is as it was released" in result.stdout) == (0, True)


def test_recipes_and_protocols_are_listed() -> None:
    shown = json.loads(run("recipes", "--json").stdout)
    assert list(shown["recipes"]) == ["rice-c", "compact", "compact-quick", "hog-ridge"]
    assert [name for name, each in shown["protocols"].items() if each["leaks"]] == ["official", "augment-then-split"]


def test_a_device_that_does_not_exist_is_wrong_usage(folder: Path) -> None:
    assert run("benchmark", "v1", "--device", "tpu", "--workspace", folder).exit_code == 2


def test_a_missing_version_is_told_before_anything_is_loaded(folder: Path) -> None:
    result = run("benchmark", "v9", "--workspace", folder)
    assert isinstance(result.exception, CurateError)
    assert "no version `v9`" in str(result.exception)
    assert cli.app is not None


def test_an_interrupted_benchmark_keeps_its_best_weights_and_goes_on(tmp_path: Path) -> None:
    small_version(tmp_path, people=60)
    arguments = ["benchmark", "v1", "--recipe", "compact-quick", "--seeds", "1", "--device", "cpu"]
    command = [sys.executable, "-c", "from curate.cli import main; main()", *arguments]
    process = subprocess.Popen(
        [*command, "--workspace", str(tmp_path / "workspace")], stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    assert process.stderr
    while not process.stderr.readline().startswith("epoch 1"):
        assert process.poll() is None
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert errors.splitlines()[-1].startswith("curate: interrupted; what was committed stays")
    assert list((tmp_path / "workspace" / ".curate" / "runs").glob("*/*/model.keras"))
