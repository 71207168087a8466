"""Things that are given in the place of a dataset, or of a file in one, are called by their names."""

import io
import re
import tarfile
from pathlib import Path

import pytest
from layouts import png, write_tree, write_zip

from curate.errors import SourceNotFound, SourceUnreadable, UnknownFormat
from curate.ingest import ingest_source
from curate.workspace import Workspace

POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)


def found(workspace: Workspace) -> list[tuple[str, str]]:
    return sorted(workspace.problems()[["key", "kind"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("place", ["https://example.org/fer.zip", "s3://bucket/faces", "hf:owner/name"])
def test_an_address_is_no_path(workspace: Workspace, place: str) -> None:
    with pytest.raises(
        SourceNotFound, match=rf"^{re.escape(place)} is an address; download it, and name the file or folder"
    ):
        ingest_source(workspace, place)


@pytest.mark.parametrize("name", ["fer2013.zip", "fer2013.csv", "data.tar.gz"])
def test_a_pointer_of_git_lfs_in_place_of_a_dataset_is_said_to_be_one(
    workspace: Workspace, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(POINTER)
    with pytest.raises(SourceUnreadable, match="is a Git LFS pointer, not the file itself; run `git lfs pull`"):
        ingest_source(workspace, tmp_path / name)


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_pointers_among_pictures_are_problems_with_the_way_out(workspace: Workspace, tmp_path: Path, kind: str) -> None:
    files = {"happy/1.png": png(1), "happy/2.png": POINTER, "votes.csv": POINTER}
    if kind == "folder":
        source = write_tree(tmp_path / "x", files)
    elif kind == "zip":
        source = write_zip(tmp_path / "x.zip", files)
    else:
        source = tmp_path / "x.tar"
        with tarfile.open(source, "w") as archive:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    ingest_source(workspace, source)
    assert found(workspace) == [("happy/2.png", "lfs-pointer"), ("votes.csv", "lfs-pointer")]
    assert set(workspace.problems()["reason"]) == {
        "a Git LFS pointer, not the file itself; run `git lfs pull` in the repository that it comes from"
    }


def test_a_delivery_of_pointers_alone_says_so(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match=r"2 Git LFS pointers.*git lfs pull"):
        ingest_source(workspace, write_tree(tmp_path / "x", {"happy/1.png": POINTER, "fer2013.csv": POINTER}))


def test_an_archive_in_an_archive_is_named(workspace: Workspace, tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", {"happy/1.png": png(1)}).read_bytes()
    with pytest.raises(UnknownFormat, match=r"train\.zip.*unpack"):
        ingest_source(workspace, write_zip(tmp_path / "x.zip", {"data/train.zip": inner}))
    ingest_source(workspace, write_zip(tmp_path / "y.zip", {"happy/1.png": png(1), "more.zip": inner}))
    assert found(workspace) == [("more.zip", "nested-archive")]
    (reason,) = workspace.problems()["reason"]
    assert reason == "an archive inside the delivery, which was not opened; unpack it and ingest it by itself"
