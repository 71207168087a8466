"""Ingest of the real datasets against published and measured counts."""

import csv
import io
import random
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image

from curate.errors import LabelTableMismatch
from curate.ingest import ingest_source, summarise
from curate.workspace import Workspace

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def folder(fer2013: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """FER-2013 as class folders of JPEGs."""
    workspace = Workspace.create(tmp_path_factory.mktemp("folder"))
    ingest_source(workspace, fer2013 / "fer2013_folder.zip")
    return workspace


def test_fer2013_holds_its_known_copies_and_conflicts(merged: Workspace) -> None:
    rows = merged.occurrences().query("source == 'fer2013'")
    copies = rows.groupby("sample_id")["given_label"].agg(["size", "nunique"])
    assert (len(rows), len(copies)) == (35_887, 34_037)
    assert (int((copies["size"] > 1).sum()), int((copies["nunique"] > 1).sum())) == (1_519, 58)
    assert rows["official_split"].value_counts().to_dict() == {"train": 28_709, "val": 3_589, "test": 3_589}


def test_ferplus_adds_votes_but_no_sample(merged: Workspace) -> None:
    rows = merged.occurrences().query("source == 'ferplus'")
    others = merged.occurrences().query("source == 'fer2013'")["sample_id"]
    assert (len(rows), set(rows["sample_id"]) - set(others)) == (35_710, set())
    assert rows["given_label"].isna().all()
    assert merged.votes().query("source == 'ferplus'")["panel"].value_counts().to_dict() == {
        "2016": 32_137,
        "2017": 32_137,
    }
    assert merged.problems().query("source == 'ferplus'")["kind"].value_counts().to_dict() == {
        "name-twice": 3,
        "votes-without-name": 1,
    }


def test_ck48_brings_subjects_and_sequences(merged: Workspace) -> None:
    rows = merged.occurrences().query("source == 'ck48'")
    assert (len(rows), rows["sample_id"].nunique()) == (981, 981)
    assert (rows["subject"].nunique(), rows["sequence"].nunique()) == (118, 327)
    assert len(merged.samples()) == 34_037 + 981


def test_the_class_folders_hold_the_same_copies(folder: Workspace) -> None:
    summary = summarise(folder)
    assert (summary.occurrences, summary.samples, summary.identical_groups, summary.conflicting) == (
        35_887, 34_037, 1_519, 58,
    )  # fmt: skip


def test_votes_join_fer2013_by_row_order(fer2013: Path, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    report = ingest_source(workspace, fer2013 / "fer2013.csv", labels=fer2013 / "fer2013new.csv")
    assert report.remarks == (
        "fer2013new.csv: top vote and given label agree in 64.6% of 30,692 rows; joined by row order",
    )
    assert len(workspace.votes()) == 32_298


def test_shuffled_votes_are_refused(fer2013: Path, tmp_path: Path) -> None:
    with (fer2013 / "fer2013new.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    random.Random(1).shuffle(rows)  # noqa: S311
    with (tmp_path / "shuffled.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    workspace = Workspace.create(tmp_path / "workspace")
    with pytest.raises(LabelTableMismatch, match=r"in 1\d\.\d% of 30,692 rows"):
        ingest_source(workspace, fer2013 / "fer2013.csv", labels=tmp_path / "shuffled.csv")
    assert len(workspace.sources()) == 0


@pytest.mark.parametrize("name", ["merged", "folder"])
def test_every_fourth_hash_is_that_of_imagehash(name: str, request: pytest.FixtureRequest) -> None:
    workspace: Workspace = request.getfixturevalue(name)
    table = workspace.samples()
    with workspace.catalog() as catalog:
        stored = dict(
            catalog.connection.execute("SELECT lower(hex(digest)), data FROM samples JOIN pictures ON id = sample")
        )
    wrong = [
        sample_id
        for sample_id, hashed in zip(table["sample_id"][::4], table["hash"][::4], strict=True)
        if str(imagehash.phash(Image.open(io.BytesIO(stored[sample_id])))) != hashed  # noqa: TID251
    ]
    assert (wrong, len(table)) == ([], 35_018 if name == "merged" else 34_037)


def test_blurred_faces_are_flagged_and_sharp_ones_are_not(folder: Workspace) -> None:
    flags = folder.samples()["flags"]
    assert int(flags.str.contains("blurry").sum()) <= 5
    assert int(np.sum(flags == "")) > 34_000
