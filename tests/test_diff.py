"""What changed between two versions, as a user reads it."""

import datetime as dt
from pathlib import Path

from layouts import png, write_tree
from test_cli import run

from curate.augment import augment_version
from curate.emotions import BASIC_EMOTIONS
from curate.ingest import forget_source, ingest_source
from curate.manifest import GONE, diff_versions
from curate.version import freeze_version
from curate.workspace import Workspace

NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)


def two_sources(workspace: Workspace, folder: Path) -> None:
    """Forty pictures that only `one` delivers, ten that both do, and forty that only `two` does."""
    files = {number: (f"{BASIC_EMOTIONS[number % 2]}/{number}.png", png(number)) for number in range(90)}
    for name, numbers in (("one", range(50)), ("two", range(40, 90))):
        ingest_source(workspace, write_tree(folder / name, dict(files[number] for number in numbers)))


def test_every_removed_row_says_why(workspace: Workspace, tmp_path: Path) -> None:
    two_sources(workspace, tmp_path)
    first = freeze_version(workspace, "v1", created=NOON)
    forget_source(workspace, "two")
    second = freeze_version(workspace, "v2", created=NOON + dt.timedelta(hours=1))
    removed = diff_versions(first, second).removed
    assert len(removed) > 20
    assert set(removed["why"]) == {"two is no source of v2", GONE["gold"]}


def test_a_picture_that_a_source_no_longer_delivers_is_told_apart_from_a_forgotten_source(
    workspace: Workspace, tmp_path: Path
) -> None:
    two_sources(workspace, tmp_path)
    first = freeze_version(workspace, "v1", created=NOON)
    rows, places = first.rows(), workspace.occurrences().set_index("sample_id")["key"]
    gone = rows.loc[(rows["split"] == "train") & (rows["sources"] == "two"), "sample_id"].iloc[0]
    (tmp_path / "two" / places[gone]).unlink()
    ingest_source(workspace, tmp_path / "two")
    second = freeze_version(workspace, "v2", created=NOON + dt.timedelta(hours=1))
    removed = diff_versions(first, second).removed
    assert removed[["sample_id", "why"]].values.tolist() == [[gone, "two no longer delivers it"]]


def test_rows_of_an_augmented_version_say_that_the_other_is_not(workspace: Workspace, tmp_path: Path) -> None:
    two_sources(workspace, tmp_path)
    first = freeze_version(workspace, "v1", created=NOON)
    augmented = augment_version(workspace, "v1", created=NOON + dt.timedelta(hours=1))
    removed = diff_versions(augmented, first).removed
    assert set(removed["why"]) == {"v1 is not augmented"}


def test_columns_name_the_versions(workspace: Workspace, tmp_path: Path) -> None:
    two_sources(workspace, tmp_path)
    freeze_version(workspace, "v1", created=NOON)
    path = workspace.folder / "curate.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\n[labels]", '\n[labels]\n"disgust" = "sad"', 1), encoding="utf-8")
    freeze_version(workspace, "v2", created=NOON + dt.timedelta(hours=1))
    shown = run("diff", "v1", "v2", "--workspace", workspace.folder).stdout
    heading = next(line for line in shown.splitlines() if line.lstrip().startswith("label in"))
    assert [part.strip() for part in heading.split("  ") if part.strip()] == [
        "label in v1", "label in v2", "because of", "by", "pictures"
    ]  # fmt: skip
    assert "label_a" not in shown
