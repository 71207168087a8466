"""A workspace that an older release made opens as it was, and is released again with the same digest.

fixtures/workspace_e983d59.tar.xz was made by commit e983d59 from generated faces: 70 rows of a fer2013.csv with votes,
and four pictures of an image folder, three of them mirrored copies; then duplicates, suspects, six decisions, a version
with the official splits, and one score by hog-ridge. Cache, lock and figures were left out.
"""

import tarfile
from pathlib import Path

import pytest
from released import freeze

from curate import Workspace
from curate.catalog.integrity import check_catalog
from curate.manifest import verify_version
from curate.runs.browse import scored_runs

DIGEST = "dc6df1716d52850bb9a91e08c35d758d9fa538378d73027f12a0e8ae45a39303"


@pytest.fixture
def old(tmp_path: Path) -> Workspace:
    with tarfile.open(Path(__file__).parent / "fixtures" / "workspace_e983d59.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return Workspace(tmp_path)


def test_sources_pairs_and_suspects_are_those_that_were_there(old: Workspace) -> None:
    sources = old.sources()[["name", "format", "state", "occurrences", "samples", "problems"]]
    assert sources.to_numpy().tolist() == [
        ["fer2013", "fer2013-csv", "complete", 70, 70, 0],
        ["mirrored", "image-folder", "complete", 4, 4, 0],
    ]
    pairs = old.pairs()[["kind", "method", "verdict", "reason"]]
    assert pairs.to_numpy().tolist() == [
        ["mirrored", "aligned", "different", "people judged it"],
        ["mirrored", "aligned", "duplicate", ""],
        ["mirrored", "aligned", "duplicate", ""],
    ]
    suspects = old.suspects()
    first = suspects[["given_label", "suggested_label", "second_suggestion", "quality", "fold", "prob_sad"]].iloc[0]
    assert (len(suspects), first.tolist()) == (74, ["sad", "disgust", "surprise", 0.036869, 2, 0.0702])
    with old.catalog() as catalog:
        check_catalog(catalog)


def test_decisions_are_kept_and_still_decide(old: Workspace) -> None:
    log = old.decisions()[["action", "kind", "label", "reviewer", "at", "screen", "note", "undoes", "shown"]]
    assert log.to_numpy().tolist() == [
        ["a1", "relabel", "fear", "ann", "2026-01-02T12:01:00+00:00", "queue", "", "", "happy"],
        ["a2", "confirm", "surprise", "bob", "2026-01-02T12:02:00+00:00", "grid", "", "", ""],
        ["a3", "exclude", "", "ann", "2026-01-02T12:03:00+00:00", "queue", "a drawing", "", ""],
        ["a4", "relabel", "sad", "bob", "2026-01-02T12:04:00+00:00", "queue", "", "", ""],
        ["a5", "undo", "", "bob", "2026-01-02T12:05:00+00:00", "queue", "", "a4", ""],
        ["a6", "different", "", "ann", "2026-01-02T12:06:00+00:00", "duplicates", "", "", ""],
    ]
    samples = old.samples()
    assert samples["label_origin"].value_counts().to_dict() == {"given": 72, "reviewed": 2}
    assert samples["excluded"].dropna().tolist() == ["by ann"]
    assert len(old.groups()) == 6


def test_the_version_its_score_and_its_run_are_readable(old: Workspace) -> None:
    version = old.version("v1")
    verification = verify_version(old.manifests, "v1", state=old.state)
    assert (verification.findings, verification.pictures) == ((), 70)
    assert version.header["digest"] == DIGEST
    assert version.rows()["split"].value_counts().to_dict() == {"train": 42, "val": 14, "test": 14}
    scores = version.scores()[["recipe", "seed", "scored", "pictures", "accuracy"]]
    assert scores.iloc[0].tolist() == ["hog-ridge", 0, "val", 14, 0.2857142857142857]
    (run,) = scored_runs(version)
    predictions = run.folder.read_predictions("gold")
    assert predictions is not None
    assert predictions.pred_probs.shape == (14, 7)


def test_releasing_it_again_gives_the_old_digest(old: Workspace, tmp_path: Path) -> None:
    (old.manifests / "v1").rename(tmp_path / "aside")
    assert freeze(old).header["digest"] == DIGEST
