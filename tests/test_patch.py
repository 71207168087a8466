"""Patches: what one workspace found out reaches another one that has the same pictures."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import imagehash
import numpy as np
import pyarrow.parquet as pq
import pytest
from catalog_content import catalog_faults
from patching import COUNT, apply, labelled, make, publish
from PIL import Image
from typer.testing import CliRunner

from curate import cli
from curate.errors import PatchError, PicturesMissing
from curate.images import decode
from curate.manifest.files import read_header, seal
from curate.version.patch import export_patch
from curate.version.patch.files import PATCH
from curate.workspace import Workspace


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return publish(tmp_path_factory.mktemp("publisher"))


@pytest.fixture(scope="module")
def patch(publisher: Workspace) -> Path:
    return publisher.folder.parent / "v1.patch"


# the file


def test_a_patch_holds_every_picture_of_the_sources_and_no_pixels(publisher: Workspace, patch: Path) -> None:
    table = pq.ParquetFile(patch).read()
    assert table.column_names == PATCH.names
    assert table.column("sample_id").to_pylist() == publisher.samples()["sample_id"].tolist()
    left_out = {row["sample_id"]: row for row in table.to_pylist() if row["left_out"]}
    assert [(row["left_out"], row["label"], row["split"]) for row in left_out.values()] == [
        ("label is open", None, None)
    ]
    assert patch.stat().st_size < 500 * COUNT


def test_its_hashes_are_those_of_imagehash(publisher: Workspace, patch: Path) -> None:
    for row in pq.ParquetFile(patch).read().to_pylist():
        picture = Image.fromarray(decode(publisher.picture_bytes(row["sample_id"])).pixels)
        assert row["hash_64"] == str(imagehash.phash(picture))
        assert row["hash_256"] == str(imagehash.phash(picture, hash_size=16))
        values = np.asarray(picture, float)
        assert (row["width"], row["height"]) == picture.size
        assert abs(row["brightness"] / 100 - values.mean()) <= 0.006
        assert abs(row["contrast"] / 100 - values.std()) <= 0.006


def test_its_header_names_the_version(publisher: Workspace, patch: Path) -> None:
    header = json.loads(pq.ParquetFile(patch).schema_arrow.metadata[b"curate_patch"])
    version = publisher.version("v1").header
    assert {key: header[key] for key in ("version", "digest", "line", "gold", "classes")} == {
        "version": "v1",
        **{key: version[key] for key in ("digest", "line", "gold", "classes")},
    }
    assert [source["name"] for source in header["sources"]] == ["faces"]
    assert header["rows"] == COUNT


def test_the_same_version_gives_the_same_bytes(publisher: Workspace, patch: Path, tmp_path: Path) -> None:
    export_patch(publisher, "v1", tmp_path / "again.patch")
    assert (tmp_path / "again.patch").read_bytes() == patch.read_bytes()


def test_a_version_whose_pictures_are_elsewhere_is_refused(publisher: Workspace, tmp_path: Path) -> None:
    other = Workspace.create(tmp_path / "other")
    shutil.copytree(publisher.manifests / "v1", other.manifests / "v1")
    with pytest.raises(PicturesMissing, match=r"40 of 40 pictures are not in .*; ingest their sources"):
        export_patch(other, "v1", tmp_path / "x.patch")
    assert not (tmp_path / "x.patch").exists()


def test_an_augmented_version_is_refused(publisher: Workspace, tmp_path: Path) -> None:
    other = Workspace.create(tmp_path / "other")
    shutil.copytree(publisher.manifests / "v1", other.manifests / "v1")
    header = read_header(other.manifests, "v1").to_json()
    del header["sha256"]
    header |= {"derived": {"recipe": {}}, "parent": {"name": "v0", "digest": "0" * 64}}
    (other.manifests / "v1" / "manifest.json").write_bytes(seal(header))
    with pytest.raises(PatchError, match=r"v1 is augmented from v0, .* export v0 instead"):
        export_patch(other, "v1", tmp_path / "x.patch")


def test_a_missing_folder_is_one_clear_error(publisher: Workspace, tmp_path: Path) -> None:
    with pytest.raises(PatchError, match="there is no folder"):
        export_patch(publisher, "v1", tmp_path / "nowhere" / "x.patch")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"label,split\nhappy,train\n", None])
def test_a_foreign_file_is_one_clear_error(workspace: Workspace, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.patch"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PatchError, match=r"x\.patch .*cannot be read as Parquet|there is no file"):
        apply(workspace, path)


def test_the_table_of_a_version_is_no_patch(publisher: Workspace) -> None:
    with pytest.raises(PatchError, match="is a Parquet table, but no patch"):
        apply(publisher, publisher.manifests / "v1" / "rows.parquet")


def test_a_patch_of_a_newer_curate_is_refused(workspace: Workspace, patch: Path, tmp_path: Path) -> None:
    table = pq.ParquetFile(patch).read()
    header = json.loads(table.schema.metadata[b"curate_patch"]) | {"format": 99}
    pq.write_table(table.replace_schema_metadata({"curate_patch": json.dumps(header)}), tmp_path / "x.patch")
    with pytest.raises(PatchError, match="newer curate"):
        apply(workspace, tmp_path / "x.patch")


def test_a_damaged_patch_is_refused_or_says_the_same(workspace: Workspace, patch: Path, tmp_path: Path) -> None:
    from curate.version.patch.files import read_patch

    rng, whole, original = np.random.default_rng(5), read_patch(patch), patch.read_bytes()
    refused = 0
    for _ in range(150):
        data = bytearray(original)
        data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
        (tmp_path / "x.patch").write_bytes(data)
        try:
            found = read_patch(tmp_path / "x.patch")
        except PatchError:
            refused += 1
        else:
            assert (found.header, found.table) == (whole.header, whole.table)
    assert refused > 75


_KILLED = """
import datetime as dt, os, signal, sqlite3, sys, functools
from curate.version.patch import apply_patch
from curate.workspace import Workspace

statements = 0
def count(_statement):
    global statements
    statements += 1
    if statements == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

class Counted(sqlite3.Connection):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.set_trace_callback(count)

workspace = Workspace(sys.argv[1])
sqlite3.connect = functools.partial(sqlite3.connect, factory=Counted)
apply_patch(workspace, sys.argv[2], applied=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
print(statements)
"""


def test_a_killed_apply_leaves_all_of_a_patch_or_nothing(patch: Path, tmp_path: Path) -> None:
    def start(folder: Path, at: int) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", _KILLED, str(folder), str(patch), str(at)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    fresh = make(tmp_path / "fresh", labelled(suffix="jpg")).folder
    whole = shutil.copytree(fresh, tmp_path / "whole")
    statements = int(start(whole, 0).stdout)
    seen = set()
    for at in np.linspace(statements - COUNT - 12, statements - 2, 6).astype(int).tolist():
        killed = Workspace(shutil.copytree(fresh, tmp_path / str(at)))
        assert start(killed.folder, at).returncode == -signal.SIGKILL
        assert catalog_faults(killed.folder) == []
        seen.add(len(killed.patched()))
        apply(killed, patch)
        assert killed.samples().equals(Workspace(whole).samples())
    assert seen == {0, COUNT - 1}


def test_the_commands_export_apply_and_list(publisher: Workspace, tmp_path: Path) -> None:
    def run(*arguments: object) -> str:
        result = CliRunner().invoke(cli.app, ["patch", *(str(argument) for argument in arguments)])
        assert result.exit_code == 0, result.output
        return result.stdout

    file, outcomes = tmp_path / "v1.patch", tmp_path / "outcomes.csv"
    assert "40 pictures without pixels" in run("export", "v1", file, "--workspace", publisher.folder)
    assert json.loads(run("export", "v1", file, "--json", "--workspace", publisher.folder))["rows"] == COUNT
    workspace = make(tmp_path / "two", labelled(suffix="jpg"))
    said = run("apply", file, "--list", outcomes, "--workspace", workspace.folder)
    assert "100.0% of 40 matched; 0 pictures here are not in the patch" in said
    assert "39 new; 0 labels changed; 0 pictures are left out of versions from now on" in said
    lines = outcomes.read_text().splitlines()
    assert len(lines) == COUNT + 1
    assert lines[0] == ("patch_sample,local_sample,match,bits_64,bits_256,runner_up_bits,label_before,says,outcome")
    assert json.loads(run("apply", file, "--json", "--workspace", workspace.folder))["new"] == 0
    run("apply", file, "--list", "outcomes.csv", "--workspace", workspace.folder)
    assert (workspace.folder / "out" / "outcomes.csv").is_file()
