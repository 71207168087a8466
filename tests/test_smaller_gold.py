"""Versions of one line whose gold tests differ, because pictures left with a source that was forgotten."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_versions import CREATED, rewritten, small_version
from test_cli import run

from curate.benchmark import benchmark_version, compare_versions, rank_scores
from curate.errors import NotComparable
from curate.manifest.check import gold_digest
from curate.report import gather_evidence
from curate.workspace import Workspace

GOLD = 21


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A line v1, v2, of which v2 lacks 4 of the 21 gold pictures."""
    folder = tmp_path_factory.mktemp("line")
    workspace, version = small_version(folder, people=24)
    shrink(workspace, "v2", 4, created="2026-02-01T00:00:00+00:00")
    for seeds, name in (((0, 1, 2), "v1"), ((0, 1), "v2")):
        benchmark_version(workspace, name, created=CREATED, recipe="hog-ridge", seeds=seeds, device="cpu")
    assert version.header["gold"]["rows"] == GOLD
    return workspace.folder


@pytest.fixture
def workspace(released: Path, tmp_path: Path) -> Workspace:
    return Workspace(shutil.copytree(released, tmp_path / "workspace"))


def shrink(workspace: Workspace, name: str, *lost: int, created: str, first: bool = True) -> None:
    """A version of the line of v1 without some of its gold pictures, the first or the last ones."""
    version = workspace.version("v1")
    rows = version.rows()
    gold = rows.loc[rows["gold"], "sample_id"].tolist()
    gone = gold[: lost[0]] if first else gold[-lost[0] :]
    ids = [each for each in gold if each not in gone]
    parent = {"name": "v1", "digest": version.header["digest"]}
    given = {"gold": {"rows": len(ids), "digest": gold_digest(ids)}, "parent": parent, "created": created}
    rewritten(version, name, without(gone), rows=version.header["rows"] - len(gone), **given)


def without(gone: list[str]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda rows: rows[~rows["sample_id"].isin(gone)].reset_index(drop=True)


def test_versions_of_a_line_are_compared_on_the_gold_pictures_that_both_hold(workspace: Workspace) -> None:
    (found,) = compare_versions(workspace, "v1", "v2")
    assert (found.difference.pictures, found.only_in_a, found.only_in_b) == (17, 4, 0)
    assert found.sentence.endswith("; on the 17 gold pictures that both hold; v1 has 4 more")
    (back,) = compare_versions(workspace, "v2", "v1")
    assert back.sentence.endswith("; on the 17 gold pictures that both hold; v1 has 4 more")
    assert back.difference.accuracy.estimate == pytest.approx(-found.difference.accuracy.estimate)


def test_the_sentence_names_the_seeds_of_both_sides(workspace: Workspace) -> None:
    (found,) = compare_versions(workspace, "v1", "v2")
    assert found.sentence.startswith("no difference shown with 3 seeds of v1 and 2 of v2: accuracy ")
    (one,) = compare_versions(workspace, "v1", "v2", seeds_a=(0,))
    assert one.sentence.startswith("no difference shown with 1 seed of v1 and 2 of v2: accuracy ")
    assert "but one run does not tell the spread; take 3; on the 17 gold pictures" in one.sentence


def test_a_third_version_with_fewer_gold_pictures_takes_them_from_all(workspace: Workspace) -> None:
    shrink(workspace, "v3", 9, created="2026-03-01T00:00:00+00:00")
    (found,) = compare_versions(workspace, "v1", "v2")
    assert found.difference.pictures == 12
    assert found.sentence.endswith("; on the 12 gold pictures that both hold and v3 still labels; v1 has 4 more")


def test_versions_that_lost_different_pictures_share_the_rest(workspace: Workspace) -> None:
    shrink(workspace, "v3", 3, created="2026-03-01T00:00:00+00:00", first=False)
    benchmark_version(workspace, "v3", created=CREATED, recipe="hog-ridge", seeds=(0, 1), device="cpu")
    (found,) = compare_versions(workspace, "v2", "v3")
    assert found.sentence.endswith("; on the 14 gold pictures that both hold; v2 has 3 more; v3 has 4 more")
    shown = {each.version: (each.rank, each.pictures) for each in rank_scores(workspace)}
    assert shown == {"v1": (1, 14), "v2": (1, 14), "v3": (1, 18)}  # on others: each is ranked alone


def test_gold_of_another_line_is_refused_also_where_it_is_a_part(workspace: Workspace) -> None:
    rows = workspace.version("v2").rows()
    part = rows.loc[rows["gold"], "sample_id"].tolist()[2:]
    gone = rows.loc[rows["gold"], "sample_id"].tolist()[:2]
    gold = {"rows": len(part), "digest": gold_digest(part)}
    rewritten(workspace.version("v2"), "other", without(gone), rows=len(rows) - 2, line="other", gold=gold)
    with pytest.raises(NotComparable, match="are scored on different gold tests"):
        compare_versions(workspace, "v2", "other")


def test_the_leaderboard_measures_a_line_on_what_its_newest_version_holds(workspace: Workspace) -> None:
    standings = rank_scores(workspace)
    assert [(each.version, each.pictures, each.labels_of, each.no_longer_gold) for each in standings] == [
        ("v1", 17, "v2", 4),
        ("v2", 17, "v2", 0),
    ]
    run_again = compare_versions(workspace, "v1", "v2")[0].difference
    assert [each.accuracy.estimate for each in standings] == pytest.approx([run_again.accuracy_a, run_again.accuracy_b])
    shown = run("leaderboard", "--workspace", workspace.folder).stdout
    assert "no longer holds or labels count for nobody: 4 of v1" in shown


def test_scores_on_other_gold_pictures_are_not_ranked_against_each_other(released: Path, tmp_path: Path) -> None:
    """A run of v1 from before v2, whose predictions are not here, keeps its 21 pictures and its own rank."""
    workspace = Workspace(shutil.copytree(released, tmp_path / "workspace"))
    shutil.rmtree(workspace.manifests / "v2")
    shutil.rmtree(workspace.manifests / "v1" / "scores")
    shutil.rmtree(workspace.state / "runs")
    (score,) = benchmark_version(workspace, "v1", created=CREATED, recipe="hog-ridge", seeds=(0,), device="cpu")
    shutil.copytree(released / "manifests" / "v2", workspace.manifests / "v2")
    shutil.rmtree(workspace.state / "runs")
    shown = {each.version: each for each in rank_scores(workspace)}
    assert {name: (each.rank, each.pictures, each.outdated) for name, each in shown.items()} == {
        "v1": (1, GOLD, True),
        "v2": (1, 17, False),
    }
    assert np.isclose(shown["v1"].accuracy.estimate, score.scored["gold"].accuracy)


def test_a_report_says_on_which_gold_pictures_it_compares(workspace: Workspace) -> None:
    evidence = gather_evidence(workspace, workspace.version("v2"))
    assert evidence.comparisons[0].sentence.endswith("on the 17 gold pictures that both hold; v1 has 4 more")
