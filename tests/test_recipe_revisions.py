"""Which scores count as made with the same recipe, and in which environment they were made."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_versions import CREATED, rewritten, small_version, tiny
from test_cli import run

from curate.benchmark import benchmark_version, compare_versions, find_recipe, rank_scores, recipes
from curate.benchmark.recipe import NetworkRecipe, TrainingStage, Weights
from curate.benchmark.recipe_digest import current_digest, recipe_digest, revision_of
from curate.errors import NotComparable
from curate.runs.folder import folder_of
from curate.scores import Environment, Score, read_scores, write_score
from curate.workspace import Workspace

OLD_HOG_RIDGE = "8f605751a79b0c6bcf1a7a2e496b0d490c717b4b7deaf198516de9302316729b"
OLD_COMPACT = "8302145622494e705b6763b3e4592e1e83ead3f3552b34d3571ac705918615fa"
HERE = Environment(device="cpu", backend=None, precision="float32", versions={"numpy": "2.4.1"})


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """v1 and v2 of the same rows, each with two runs of hog-ridge."""
    workspace, version = small_version(tmp_path_factory.mktemp("revisions"), people=16)
    rewritten(version, "v2", lambda rows: rows)
    for name in ("v1", "v2"):
        benchmark_version(workspace, name, created=CREATED, recipe="hog-ridge", seeds=(0, 1), device="cpu")
    return workspace.folder


@pytest.fixture
def workspace(scored: Path, tmp_path: Path) -> Workspace:
    return Workspace(shutil.copytree(scored, tmp_path / "workspace"))


def rewrite(workspace: Workspace, name: str, change: Callable[[Score], Score]) -> None:
    """Put other scores in place of those of a version, with their predictions."""
    version = workspace.version(name)
    for score in read_scores(workspace.manifests, name):
        changed = change(score)
        parts = {part: folder_of(version, score).read_predictions(part) for part in score.scored}
        folder_of(version, changed).write_predictions({part: said for part, said in parts.items() if said})
        write_score(workspace.manifests, changed)


def as_release_wrote_it(score: Score, digest: str = OLD_HOG_RIDGE) -> Score:
    """A score of release e983d59, which hashed the source of a recipe into digest and fingerprint."""
    what = "\n".join([score.recipe, digest, score.training_content or "", str(score.seed)])
    fingerprint = hashlib.sha256(what.encode()).hexdigest()
    return replace(score, recipe_digest=digest, recipe_revision=None, fingerprint=fingerprint)


def test_a_digest_covers_settings_and_revision_and_neither_names_nor_code() -> None:
    compact = find_recipe("compact")
    assert isinstance(compact, NetworkRecipe)
    same = replace(compact, name="other", summary="other", quick=None, rate=lambda _done: 1.0)
    assert recipe_digest(same) == recipe_digest(compact)
    stages = (TrainingStage(1, lambda _: 0.1, ("a",)), TrainingStage(24, lambda _: 0.1))
    weights = Weights("w.h5", "https://example.org", "0" * 64, "MIT")
    others = [
        replace(compact, revision=2),
        replace(compact, label_smoothing=0.2),
        replace(compact, rate=None, epochs=0, stages=stages),
        replace(compact, weights=weights),
        replace(compact, build=tiny().build),
        find_recipe("compact+votes"),
    ]
    digests = {recipe_digest(recipe) for recipe in (compact, *others)}
    assert len(digests) == 7
    assert recipe_digest(others[3]) == recipe_digest(replace(compact, weights=replace(weights, url="elsewhere")))


def test_digests_of_the_last_release_are_those_of_revision_1() -> None:
    assert current_digest(OLD_HOG_RIDGE) == recipe_digest(find_recipe("hog-ridge"))
    assert current_digest(OLD_COMPACT) == recipe_digest(find_recipe("compact"))
    assert current_digest("0" * 64) == "0" * 64


def test_scores_of_the_last_release_are_kept_ranked_and_compared(workspace: Workspace) -> None:
    rewrite(workspace, "v1", as_release_wrote_it)
    before = read_scores(workspace.manifests, "v1")
    kept = benchmark_version(workspace, "v1", created=CREATED, recipe="hog-ridge", seeds=(0, 1), device="cpu")
    assert [score.sha256 for score in kept] == [score.sha256 for score in before]
    assert [revision_of(score) for score in kept] == [1, 1]
    assert [(row.version, row.rank, row.revision) for row in rank_scores(workspace)] == [("v1", 1, 1), ("v2", 1, 1)]
    assert compare_versions(workspace, "v1", "v2")[0].difference.accuracy.estimate == 0


def test_scores_of_another_state_before_revisions_are_named_and_neither_kept_nor_compared(workspace: Workspace) -> None:
    rewrite(workspace, "v1", lambda score: as_release_wrote_it(score, "0" * 64))
    with pytest.raises(NotComparable, match=r"states of hog-ridge \(v1: an older release; v2: revision 1, settings"):
        compare_versions(workspace, "v1", "v2")
    assert [(row.version, row.rank, row.revision) for row in rank_scores(workspace)] == [("v1", 1, None), ("v2", 1, 1)]
    shown = " ".join(run("leaderboard", "--workspace", workspace.folder).stdout.split())
    assert "scores of an older state of their recipe, ranked apart: hog-ridge on v1; `curate benchmark`" in shown
    (score,) = benchmark_version(workspace, "v1", created=CREATED, recipe="hog-ridge", seeds=(0,), device="cpu")
    assert score.recipe_revision == 1


def test_a_raised_revision_is_neither_kept_nor_compared(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "RECIPES", {"hog-ridge": replace(find_recipe("hog-ridge"), revision=2)})
    (score, _) = benchmark_version(workspace, "v2", created=CREATED, recipe="hog-ridge", seeds=(0, 1), device="cpu")
    assert score.recipe_revision == 2
    with pytest.raises(NotComparable, match=r"v1: revision 1, settings \w{8}; v2: revision 2.*run `curate benchmark`"):
        compare_versions(workspace, "v1", "v2")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"device": "gpu", "backend": "tensorflow", "precision": "mixed_bfloat16"}, "gpu, mixed_bfloat16, tensorflow"),
        ({"versions": {"numpy": "2.5.0"}}, "cpu, float32, numpy 2.5"),
        ({"versions": {"numpy": "2.4.9"}}, ""),
        ({"machine": "arm64", "python": "3.14.0"}, ""),
    ],
)
def test_a_comparison_says_where_its_scores_were_made_if_that_differs(
    workspace: Workspace, other: dict[str, Any], words: str
) -> None:
    rewrite(workspace, "v1", lambda score: replace(score, environment=HERE))
    rewrite(workspace, "v2", lambda score: replace(score, environment=replace(HERE, **other)))
    (found,) = compare_versions(workspace, "v1", "v2")
    remark = "; made in different environments, which may be a part of the difference: v1 with cpu, float32, numpy 2.4"
    assert found.sentence.endswith(f"{remark}; v2 with {words}") == bool(words)
    assert ("environments" in found.sentence) == bool(words)
    rows = json.loads(run("leaderboard", "--json", "--workspace", workspace.folder).stdout)["standings"]
    assert [row["environments_differ"] for row in rows] == [bool(words)] * 2
    shown = " ".join(run("leaderboard", "--workspace", workspace.folder).stdout.split())
    assert ("ranked with runs of other environments: v1, hog-ridge, made with cpu" in shown) == bool(words)


def test_runs_of_one_side_that_were_made_in_two_places_are_named(workspace: Workspace) -> None:
    rewrite(workspace, "v1", lambda score: replace(score, environment=replace(HERE, device=("cpu", "gpu")[score.seed])))
    rewrite(workspace, "v2", lambda score: replace(score, environment=HERE))
    (found,) = compare_versions(workspace, "v1", "v2")
    assert found.environments_a == ("cpu, float32, numpy 2.4", "gpu, float32, numpy 2.4")
    assert "v1 with cpu, float32, numpy 2.4 and with gpu, float32, numpy 2.4; v2 with cpu" in found.sentence
    assert np.isclose(found.difference.accuracy.estimate, 0)
