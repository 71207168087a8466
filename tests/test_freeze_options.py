"""What is chosen when a version is frozen: it is done, said, or refused; never silently without effect."""

from pathlib import Path

import pytest
from layouts import png, write_tree
from test_cli import run

from curate.errors import VersionUnchanged
from curate.ingest import ingest_source
from curate.manifest import verify_version
from curate.workspace import Workspace

LABELS = ("happy", "sad", "fear")


def faces(numbers: range, split: str = "") -> dict[str, bytes]:
    return {f"{split}{LABELS[number % 3]}/{number}.png": png(number, LABELS[number % 3]) for number in numbers}


@pytest.fixture
def filled(workspace: Workspace, tmp_path: Path) -> Workspace:
    ingest_source(workspace, write_tree(tmp_path / "faces", faces(range(30))))
    return workspace


def freeze(workspace: Workspace, *arguments: object) -> str:
    result = run("freeze", *arguments, "--workspace", workspace.folder)
    if result.exception:
        raise result.exception
    return result.stdout


def test_a_line_without_a_test_is_said_to_be_unscorable(filled: Workspace) -> None:
    said = freeze(filled, "v1", "--ratios", "100/0/0")
    assert (
        "the gold test is empty: no version of this line can be scored or compared on one; start another line with "
        "--from none and a share for test, such as --ratios 80/10/10\n"
    ) in said
    assert "is empty" not in freeze(filled, "v2", "--from", "none")


def test_ratios_without_effect_are_said(filled: Workspace, tmp_path: Path) -> None:
    freeze(filled, "v1")
    said = freeze(filled, "v2", "--ratios", "60/20/20")
    assert "--ratios 60/20/20 had no effect: v1 has given every picture its split; --from none deals all anew\n" in said
    ingest_source(filled, write_tree(tmp_path / "more", faces(range(50, 60))))
    said = freeze(filled, "v3", "--ratios", "60/20/20")
    assert "--ratios 60/20/20 divided 10 new pictures; all others keep the splits of v2\n" in said
    assert "--ratios" not in freeze(filled, "v4", "--keep-copies")


def test_ratios_beside_official_splits_are_said(workspace: Workspace, tmp_path: Path) -> None:
    files = {**faces(range(12), "train/"), **faces(range(20, 26), "test/")}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    said = freeze(workspace, "v1", "--keep-official-splits", "--ratios", "60/20/20")
    assert "--ratios 60/20/20 had no effect: the official splits or a patch place every picture\n" in said


def test_a_version_that_would_be_its_parent_again_is_not_written_unless_asked(filled: Workspace) -> None:
    freeze(filled, "v1")
    digest = filled.version("v1").header["digest"]
    with pytest.raises(VersionUnchanged) as caught:
        freeze(filled, "v2")
    assert str(caught.value) == (
        f"v2 would be v1 again (digest {digest[:12]}): no picture, label, split or setting changed; nothing was "
        "written. --even-if-unchanged releases it all the same"
    )
    assert sorted(path.name for path in filled.manifests.iterdir()) == ["v1"]
    freeze(filled, "v2", "--even-if-unchanged")
    assert filled.version("v2").header["digest"] == digest


def findings(workspace: Workspace, name: str) -> list[str]:
    return [each.text for each in verify_version(workspace.manifests, name, state=workspace.state).findings]
