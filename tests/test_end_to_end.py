from datetime import UTC, datetime
from pathlib import Path

import pytest

from curate.demo import Check, DemoResult, Planted, run_demo
from curate.errors import WorkspaceExists
from curate.workspace import Workspace

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WRONG_LABELS = "wrong labels, met in twice as many looks"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """The whole loop on few faces."""
    folder = tmp_path_factory.mktemp("somewhere") / "demo"
    return run_demo(folder, created=NOON, seed=1, people=30, recipes=["hog-ridge"])


def test_the_demo_finds_what_it_planted(demo: DemoResult) -> None:
    exact = [check for check in demo.checks if check.fault != WRONG_LABELS]
    assert [check for check in exact if check.found != check.planted or not check.planted] == []
    (wrong,) = (check for check in demo.checks if check.fault == WRONG_LABELS)
    assert wrong.found >= 0.8 * wrong.planted
    assert [(each.version, each.recipe) for each in sorted(demo.standings, key=lambda each: each.version)] == [
        ("v1", "hog-ridge"), ("v2", "hog-ridge"), ("v2-x4", "hog-ridge"),
    ]  # fmt: skip
    assert [check.fault for check in demo.checks] == [
        "identical copies",
        "identical copies across train and test",
        "identical copies with other labels",
        "broken files and hostile members",
        "re-encoded copies",
        "cropped copies",
        "mirrored copies",
        "rotated copies",
        "look-alikes that were kept apart",
        WRONG_LABELS,
        "corrected labels that the diff shows",
        "versions without a leak",
    ]
    assert isinstance(demo.checks[0], Check)
    out = Path(demo.workspace) / "out"
    assert [Path(page) for page in demo.pages] == [out / "v2-report.html", out / "v2-x4-report.html"]
    assert all("hog-ridge, leak-free" in Path(page).read_text(encoding="utf-8") for page in demo.pages)


def test_the_demo_leaves_a_workspace_that_knows_its_sources(demo: DemoResult) -> None:
    sources = Workspace(demo.workspace).sources()
    assert sources[["name", "format", "state"]].values.tolist() == [
        ["faces", "image-folder", "complete"],
        ["sequences", "ck48", "complete"],
    ]


def test_the_demo_does_not_touch_a_folder_in_use(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(WorkspaceExists):
        run_demo(tmp_path, created=NOON)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_every_kind_of_fault_is_planted(planted: Planted) -> None:
    assert {fault.kind for fault in planted.faults} == {
        "broken file", "conflicting exact copy", "copy in another source", "cropped copy", "exact copy",
        "hostile member", "leaking exact copy", "look-alike, other emotion", "look-alike, other person",
        "mirrored copy", "re-encoded copy", "re-saved copy", "rotated copy", "wrong label",
    }  # fmt: skip


def test_no_picture_carries_two_faults(planted: Planted) -> None:
    files = [fault.key for fault in planted.faults if not fault.kind.startswith("look-alike")]
    originals = [fault.of_key for fault in planted.faults if fault.of_key and not fault.kind.startswith("look-alike")]
    assert len(set(files)) == len(files)
    assert not set(files) & set(originals)
