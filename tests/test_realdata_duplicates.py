"""Duplicate search on the real datasets: recall of known pairs, and what must not be joined."""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from curate.duplicates import DuplicateReport, grouped_occurrences
from curate.ingest import forget_source
from curate.workspace import Workspace

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def searched(
    merged_searched: tuple[Workspace, DuplicateReport], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Workspace, DuplicateReport]:
    """FER+ pictures and CK+48 after a default search."""
    folder = tmp_path_factory.mktemp("ferplus") / "workspace"
    shutil.copytree(merged_searched[0].folder, folder)
    workspace = Workspace(folder)
    forget_source(workspace, "fer2013")  # FER+ has all of its pictures but 177
    return workspace, merged_searched[1]


def verified(workspace: Workspace) -> pd.DataFrame:
    return workspace.pairs().query("verdict == 'duplicate'")


def test_known_near_copies_are_found(searched: tuple[Workspace, DuplicateReport], real_data: Path) -> None:
    workspace, _ = searched
    table = workspace.occurrences().query("source == 'ferplus'")
    sample = dict(zip(table["key"], table["sample_id"], strict=True))
    with (real_data / "near_duplicates_train.csv").open(newline="") as file:
        known = [row for row in csv.DictReader(file) if row["kind"] == "aligned"]
    pairs = verified(workspace)
    found = set(zip(pairs["sample_a"], pairs["sample_b"], strict=True))
    hits = [tuple(sorted((sample[row["picture_a"]], sample[row["picture_b"]]))) in found for row in known]
    assert len(hits) == 5_770
    assert sum(hits) / len(hits) >= 0.99


def test_groups_stay_small(searched: tuple[Workspace, DuplicateReport]) -> None:
    _, report = searched
    assert report.largest <= 40


def test_people_of_ck48_are_told_apart(searched: tuple[Workspace, DuplicateReport]) -> None:
    workspace, _ = searched
    known = workspace.occurrences().query("source == 'ck48'").set_index("sample_id")[["subject", "sequence"]]
    pairs = verified(workspace).merge(known, left_on="sample_a", right_index=True)
    pairs = pairs.merge(known, left_on="sample_b", right_index=True, suffixes=("_a", "_b"))
    assert (pairs["subject_a"] != pairs["subject_b"]).sum() == 0
    assert (pairs["sequence_a"] != pairs["sequence_b"]).sum() <= 15


def test_the_official_split_of_ferplus_leaks(searched: tuple[Workspace, DuplicateReport]) -> None:
    (leak,) = grouped_occurrences(searched[0]).leaks
    assert (leak.source, leak.tested, leak.identical) == ("ferplus", 7_152, 567)
    assert leak.near >= 1_950
