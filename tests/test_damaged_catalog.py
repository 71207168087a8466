"""What was changed behind the catalog's back is told before it is released for good."""

import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest
from layouts import face, write_tree
from patching import apply, publish
from released import NOON, fer2013_workspace, freeze

from curate.catalog import decisions
from curate.decisions import Decision
from curate.duplicates import find_duplicates
from curate.emotions import FER2013_IDS
from curate.errors import CatalogDamaged, PicturesMissing, VersionDamaged
from curate.images import encode_jpeg
from curate.ingest import ingest_source
from curate.suspects import find_suspects
from curate.version import export_version
from curate.workspace import Workspace

script = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "damage_workspace.py"))


def decide(workspace: Workspace) -> None:
    first, second = workspace.samples()["sample_id"][:2]
    lines = [
        Decision(action="1", kind="relabel", sample_id=first, label="sad", reviewer="ann", at=NOON.isoformat()),
        Decision(action="2", kind="exclude", sample_id=second, reviewer="ann", at=NOON.isoformat()),
    ]
    with workspace.catalog() as catalog:
        for line in lines:
            decisions.append_decisions(catalog, [line])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with something in every table that a release reads."""
    folder = tmp_path_factory.mktemp("whole")
    workspace = fer2013_workspace(folder / "fer2013")
    copies = {f"{FER2013_IDS[n % 7]}/{n}.jpg": encode_jpeg(face(n, FER2013_IDS[n % 7]), 85) for n in range(12)}
    ingest_source(workspace, write_tree(folder / "copies", copies))
    publish(folder / "publisher")
    find_duplicates(workspace)
    apply(workspace, folder / "publisher" / "v1.patch")
    decide(workspace)
    freeze(workspace, "v1")
    find_suspects(workspace)
    return workspace


def damaged(whole: Workspace, tmp_path: Path, name: str, seed: int = 0) -> tuple[Workspace, object]:
    """A copy of the workspace after damage of that kind, and what makes the outcome."""
    found = {each: (damage, outcome) for each, damage, outcome in script["kinds_of_damage"](whole)}
    shutil.copytree(whole.folder, tmp_path / "copy")
    copy = Workspace(tmp_path / "copy")
    damage, outcome = found[name]
    damage(copy, np.random.default_rng(seed))
    return copy, outcome


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("pictures.data", r"the picture of sample [0-9a-f]{64} is not as it was stored; restore it"),
        ("pictures.sha256", r"the picture of sample [0-9a-f]{64} is not as it was stored; restore it"),
        ("pictures.sample", r"the picture of sample [0-9a-f]{64} is (gone|that of another)"),
        ("pictures (row deleted)", r"the picture of sample [0-9a-f]{64} is gone"),
        ("samples.digest", r"what was measured on sample [0-9a-f]{64} is not as it was written"),
        ("samples.width", r"what was measured on sample [0-9a-f]{64} is not as it was written"),
        ("samples (row deleted)", "speaks of a row that samples does not hold"),
        ("occurrences.key", "what was delivered as .* is not as it was written|that of another"),
        ("occurrences.revision", "the pictures of fer2013 are not those that were taken in"),
        ("occurrences (row deleted)", "not|that of another"),
        ("raw_labels.name", "what was delivered as .* is not as it was written"),
        ("votes.happy", "what was delivered as .* is not as it was written"),
        ("votes (row deleted)", "what was delivered as .* is not as it was written"),
        ("sources.licence", r"the list of sources \(table sources\) is not as it was written; restore it"),
        ("decisions.label", r"the log of decisions \(table decisions\) is not as it was written; restore it"),
        ("decisions (row deleted)", "the log of decisions"),
        ("pairs.similarity", "the pairs of the last search .*; run `curate duplicates` again"),
        ("searches.report", "the report of the last search .*; run `curate duplicates` again"),
        ("patch_rows.split", "what patches say"),
        ("patches.header", "the list of patches"),
        ("suspects.quality", "the list of suspects .*; run `curate suspects` again"),
    ],
)
def test_damage_is_refused_with_its_place_and_the_way_out(
    whole: Workspace, tmp_path: Path, name: str, told: str
) -> None:
    copy, outcome = damaged(whole, tmp_path, name)
    with pytest.raises(CatalogDamaged, match=told) as refused:
        outcome(copy)
    assert "\n" not in str(refused.value)
    assert copy.version_names() == ["v1"]


def test_a_parent_whose_files_were_changed_is_refused(whole: Workspace, tmp_path: Path) -> None:
    copy, outcome = damaged(whole, tmp_path, "v1/rows.parquet")
    with pytest.raises(VersionDamaged, match=r"rows.parquet is not as it was written; restore it from a backup"):
        outcome(copy)


def test_a_search_puts_damaged_pairs_right(whole: Workspace, tmp_path: Path) -> None:
    copy, outcome = damaged(whole, tmp_path, "pairs.a")
    with pytest.raises(CatalogDamaged):
        outcome(copy)
    find_duplicates(copy)
    assert outcome(copy)[1] == script["with_copy"](whole.folder, outcome)[1]


def test_a_damaged_picture_is_neither_looked_at_nor_exported(whole: Workspace, tmp_path: Path) -> None:
    shutil.copytree(whole.folder, tmp_path / "copy")
    version = Workspace(tmp_path / "copy").version("v1")
    first = version.rows()["sample_id"][0]
    with Workspace(tmp_path / "copy").catalog() as catalog, catalog.transaction() as connection:
        connection.execute(
            "UPDATE pictures SET data = x'00' WHERE sample = (SELECT id FROM samples WHERE digest = ?)",
            (bytes.fromhex(first),),
        )
    told = f"the file of {first} is not as it was stored; restore the catalog from a backup"
    with pytest.raises(PicturesMissing, match=told):
        version.pictures()
    for form in ("hf-parquet", "image-folder"):
        with pytest.raises(PicturesMissing, match=told):
            export_version(version, tmp_path / form, to=form)
        assert not (tmp_path / form).exists()
