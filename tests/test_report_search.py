"""What a report and a release say of the search for copies that they rest on."""

import datetime as dt
from pathlib import Path

import pytest
from layouts import png, write_tree
from reading import read_page
from test_cli import run

from curate.augment import augment_version
from curate.duplicates import find_duplicates
from curate.emotions import BASIC_EMOTIONS
from curate.ingest import ingest_source
from curate.report import report_version
from curate.version import freeze_version
from curate.workspace import Workspace

NOW = dt.datetime(2026, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.fixture
def split(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Two sources with official splits and faces of their own; nothing was searched yet."""
    for first, name in ((0, "one"), (40, "two")):
        files = {
            f"{('train', 'test')[n % 2]}/{BASIC_EMOTIONS[n // 2 % 7]}/{n}.png": png(n) for n in range(first, first + 28)
        }
        ingest_source(workspace, write_tree(tmp_path / name, files))
    return workspace


def test_a_version_without_a_search_never_reads_as_free_of_leaks(split: Workspace, tmp_path: Path) -> None:
    shown = run("freeze", "v1", "--keep-official-splits", "--workspace", split.folder).stdout
    assert "near copies were not looked for: no duplicate search was made; run `curate duplicates`" in shown
    copies = read_page(report_version(split, "v1", tmp_path / "v1.html", created=NOW).path)["copies"]
    assert "Before the release, near copies were not looked for" in copies.text
    unknown = ["not looked for"] * 4
    assert copies.tables["Val and test with a copy in train"][1:] == [
        ["one, as delivered", "val+test", "14", "occurrences", "0", *unknown],
        ["two, as delivered", "val+test", "14", "occurrences", "0", *unknown],
        ["all sources, as delivered", "val+test", "28", "photographs", "0", *unknown],
        ["v1, as released", "val+test", "28", "pictures", "0", *unknown],
    ]


def test_a_version_says_what_its_search_finds_and_does_not_look_for(split: Workspace, tmp_path: Path) -> None:
    find_duplicates(split)
    shown = run("freeze", "v1", "--keep-official-splits", "--workspace", split.folder).stdout
    assert "copies were looked for by the default search among all 56 pictures" in shown
    assert "it does not look for rot90, rot180, rot270, stretched, edited, blurred copies" in shown
    copies = read_page(report_version(split, "v1", tmp_path / "v1.html", created=NOW).path)["copies"]
    assert copies.tables["What the default search finds of known copies"][2:5] == [
        ["re-cropped", "99.7%", "5,770 known pairs of FER-2013"],
        ["mirrored", "100.0%", "2,000 planted copies"],
        ["rot90", "not looked for", ""],
    ]
    assert "The sources deliver 56 occurrences of 56 pictures" in copies.text
    released = copies.tables["Val and test with a copy in train"][-1]
    assert released[:4] == ["v1, as released", "val+test", "28", "pictures"]
    assert released[-1] == "none found"


def test_a_version_made_before_another_ingest_says_that_the_search_is_not_complete_today(
    split: Workspace, tmp_path: Path
) -> None:
    find_duplicates(split, thorough=True)
    freeze_version(split, "v1", created=NOW, keep_official_splits=True)
    ingest_source(split, write_tree(tmp_path / "late", {"train/sad/90.png": png(90)}))
    copies = read_page(report_version(split, "v1", tmp_path / "v1.html", created=NOW).path)["copies"]
    assert "Before the release, copies were looked for by the thorough search among all 56 pictures" in copies.text
    assert (
        "Today, near copies were not looked for among all pictures by the last thorough search: it covered 56, there "
        "are 57 now." in copies.text
    )
    assert copies.tables["Val and test with a copy in train"][-1][-1] == "not looked for"


def test_an_augmented_version_is_audited_by_the_pictures_it_was_made_of(split: Workspace) -> None:
    made = freeze_version(split, "v1", created=NOW, keep_official_splits=True)
    augment_version(split, "v1", created=NOW)
    shown = run("audit", "v1-x4", "--workspace", split.folder).stdout
    count = made.header["rows"]
    assert shown.startswith(
        f"Audit of the version v1-x4: {count} occurrences of {count} pictures, without augmented ones\n"
    )
