from pathlib import Path

import pytest

from curate.demo import Check, Planted, run_demo
from curate.errors import WorkspaceExists
from curate.workspace import Workspace


def test_the_demo_finds_what_it_planted(tmp_path: Path) -> None:
    result = run_demo(tmp_path / "demo", seed=1, people=30)
    assert [check for check in result.checks if check.found != check.planted or not check.planted] == []
    assert [check.fault for check in result.checks] == [
        "identical copies",
        "identical copies across train and test",
        "identical copies with other labels",
        "broken files and hostile members",
        "re-encoded copies",
        "cropped copies",
        "mirrored copies",
        "rotated copies",
        "look-alikes that were kept apart",
    ]
    assert isinstance(result.checks[0], Check)


def test_the_demo_leaves_a_workspace_that_knows_its_sources(tmp_path: Path) -> None:
    run_demo(tmp_path / "demo", seed=1, people=30)
    sources = Workspace(tmp_path / "demo").sources()
    assert sources[["name", "format", "state"]].values.tolist() == [
        ["faces", "image-folder", "complete"],
        ["sequences", "ck48", "complete"],
    ]


def test_the_demo_does_not_touch_a_folder_in_use(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(WorkspaceExists):
        run_demo(tmp_path)
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
