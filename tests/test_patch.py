"""Patches: what one workspace found out reaches another one that has the same pictures."""

import datetime as dt
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
from layouts import face, png, write_tree
from PIL import Image
from test_workspace import edit
from typer.testing import CliRunner

from curate import cli
from curate.emotions import BASIC_EMOTIONS
from curate.errors import PatchError, PicturesMissing
from curate.images import decode, encode_jpeg
from curate.ingest import ingest_source
from curate.manifest import verify_version
from curate.manifest.files import read_header, seal
from curate.version import NEWEST, freeze_version
from curate.version.patch import Applied, apply_patch, export_patch
from curate.version.patch.files import PATCH
from curate.workspace import Workspace

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
COUNT = 40


def emotion(number: int) -> str:
    return BASIC_EMOTIONS[number % 7]


def jpeg(number: int, quality: int = 90) -> bytes:
    return encode_jpeg(face(number, emotion(number)), quality)


def make(folder: Path, files: dict[str, bytes]) -> Workspace:
    workspace = Workspace.create(folder / "workspace")
    ingest_source(workspace, write_tree(folder / "faces", files))
    return workspace


def freeze(workspace: Workspace, name: str, *, parent: str | None = NEWEST) -> None:
    freeze_version(workspace, name, created=NOW + dt.timedelta(hours=len(workspace.version_names())), parent=parent)


def labelled(numbers: range = range(COUNT), *, suffix: str = "png", label: str | None = None) -> dict[str, bytes]:
    """Generated faces in class folders, under their own label or all under another."""
    picture = (lambda number: png(number, emotion(number))) if suffix == "png" else jpeg
    return {f"train/{label or emotion(number)}/{number}.{suffix}": picture(number) for number in numbers}


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Forty faces, one of them with two labels, and a version of them."""
    files = {**labelled(), "train/happy/again.png": png(0, emotion(0))}
    workspace = make(tmp_path_factory.mktemp("publisher"), files)
    freeze(workspace, "v1")
    return workspace


@pytest.fixture(scope="module")
def patch(publisher: Workspace) -> Path:
    export_patch(publisher, "v1", publisher.folder / "v1.patch")
    return publisher.folder / "v1.patch"


def apply(workspace: Workspace, path: Path, *, replace: bool = False) -> Applied:
    return apply_patch(workspace, path, applied=NOW, replace=replace)


def by_number(workspace: Workspace, table: str) -> dict[str, list[object]]:
    """Label and split, or label and origin, by the number in the file's name."""
    keys = workspace.occurrences().drop_duplicates("sample_id").set_index("sample_id")["key"]
    name, version = ("split", workspace.version(table).rows()) if table else ("label_origin", workspace.samples())
    rows = version.set_index("sample_id")[["label", name]].astype(object)
    return {Path(keys[sample_id]).stem: row.tolist() for sample_id, row in rows.iterrows()}


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
    header = read_header(other.manifests, "v1")
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


# labels


def test_identical_pictures_get_the_labels_of_the_version(patch: Path, tmp_path: Path) -> None:
    workspace = make(tmp_path, labelled(label="happy"))
    report = apply(workspace, patch).report
    assert (report.rows, report.identical, report.re_encoded, report.coverage) == (COUNT, COUNT, 0, 1.0)
    samples = workspace.samples()
    of_patch = samples[samples["label_origin"] == "patch"]
    assert len(of_patch) == COUNT - 1
    assert set(of_patch["label_by"]) == {f"v1@{report.digest[:12]}"}
    assert report.labels_changed == sum(emotion(number) != "happy" for number in range(1, COUNT))
    assert by_number(workspace, "") == {
        str(number): [emotion(number), "patch"] if number else ["happy", "given"] for number in range(COUNT)
    }


def test_copies_that_were_encoded_again_get_the_labels_of_the_version(patch: Path, tmp_path: Path) -> None:
    workspace = make(tmp_path, labelled(label="happy", suffix="jpg"))
    report, fates = apply(workspace, patch)
    assert report.identical == 0
    assert report.re_encoded >= COUNT - 1
    rows = by_number(workspace, "")
    assert [name for name, (label, origin) in rows.items() if origin == "patch" and label != emotion(int(name))] == []
    assert set(fates["match"]) <= {"re-encoded", "unmatched"}


def test_pictures_that_the_patch_does_not_know_stay_as_they_are(patch: Path, tmp_path: Path) -> None:
    workspace = make(tmp_path, labelled(range(COUNT - 1, COUNT + 20)))
    report = apply(workspace, patch).report
    assert (report.identical, report.unmatched, report.unmatched_local) == (1, COUNT - 1, 20)
    assert workspace.samples()["label_origin"].value_counts().to_dict() == {"given": 20, "patch": 1}


def test_applying_a_patch_again_changes_nothing(patch: Path, tmp_path: Path) -> None:
    workspace = make(tmp_path, labelled(suffix="jpg"))
    first = apply(workspace, patch)
    before = workspace.samples()
    again = apply(workspace, patch)
    assert first.report.new == COUNT - 1
    assert (again.report.new, again.report.labels_changed, again.report.conflicts) == (0, 0, ())
    assert set(again.fates["outcome"]) == {"known", "nothing said"}
    assert workspace.samples().equals(before)


def test_applying_a_patch_again_speaks_of_pictures_ingested_since(patch: Path, tmp_path: Path) -> None:
    workspace = make(tmp_path, labelled(range(20)))
    apply(workspace, patch)
    ingest_source(workspace, write_tree(tmp_path / "more", labelled(range(20, COUNT), label="sad")))
    assert apply(workspace, patch).report.new == 20


def test_a_picture_that_was_no_face_is_none_here_either(tmp_path: Path) -> None:
    publisher = make(tmp_path / "one", {**labelled(range(12)), "train/hand/12.png": png(12)})
    edit(publisher, "\n[labels]", '\n[labels]\n"hand" = "not_a_face"\n')
    freeze(publisher, "v1")
    export_patch(publisher, "v1", tmp_path / "x.patch")
    workspace = make(tmp_path / "two", {**labelled(range(12)), "train/happy/12.png": png(12)})
    apply(workspace, tmp_path / "x.patch")
    assert by_number(workspace, "")["12"] == ["not_a_face", "patch"]


# conflicts


def test_an_earlier_patch_stays_unless_it_is_to_be_replaced(patch: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other", {**labelled(range(1, 10)), "train/sad/10.png": png(10, emotion(10))})
    freeze(other, "mine")
    export_patch(other, "mine", tmp_path / "mine.patch")
    workspace = make(tmp_path / "here", labelled())
    apply(workspace, tmp_path / "mine.patch")
    kept = apply(workspace, patch)
    assert by_number(workspace, "")["10"] == ["sad", "patch"]
    (conflict,) = [each for each in kept.report.conflicts if each.earlier_says.startswith("sad in train")]
    assert (conflict.earlier, conflict.says.split()[0], conflict.kept) == ("mine", emotion(10), "earlier")
    assert "conflict, the earlier stays" in set(kept.fates["outcome"])
    replaced = apply(workspace, patch, replace=True)
    assert by_number(workspace, "")["10"] == [emotion(10), "patch"]
    assert {each.kept for each in replaced.report.conflicts} == {"this"}
    assert apply(workspace, patch).report.conflicts == ()


# splits


def test_the_next_version_has_the_splits_and_the_gold_test_of_the_patch(
    publisher: Workspace, patch: Path, tmp_path: Path
) -> None:
    workspace = make(tmp_path, labelled())
    edit(workspace, "seed = 0", "seed = 99")
    apply(workspace, patch)
    freeze(workspace, "mine", parent=None)
    theirs, ours = by_number(publisher, "v1"), by_number(workspace, "mine")
    assert {name: row for name, row in ours.items() if name != "0"} == theirs
    header = workspace.version("mine").header
    assert header["gold"] == publisher.version("v1").header["gold"]
    assert [(each["version"], each["samples"]) for each in header["patches"]] == [("v1", COUNT - 1)]
    assert verify_version(workspace.manifests, "mine", state=workspace.state).findings == ()


def test_new_pictures_in_test_are_not_gold_where_a_patch_fixed_the_gold_test(
    publisher: Workspace, patch: Path, tmp_path: Path
) -> None:
    workspace = make(tmp_path, labelled(range(COUNT + 60)))
    apply(workspace, patch)
    freeze(workspace, "mine")
    rows = workspace.version("mine").rows()
    assert (rows["split"] == "test").sum() > rows["gold"].sum()
    assert workspace.version("mine").header["gold"] == publisher.version("v1").header["gold"]


def test_a_line_of_ones_own_keeps_its_splits_and_its_gold_test(patch: Path, tmp_path: Path) -> None:
    workspace = make(tmp_path, labelled(range(20)))
    edit(workspace, "seed = 0", "seed = 99")
    freeze(workspace, "mine1")
    ingest_source(workspace, write_tree(tmp_path / "more", labelled(range(20, COUNT))))
    report = apply(workspace, patch).report
    freeze(workspace, "mine2")
    one, two = (by_number(workspace, name) for name in ("mine1", "mine2"))
    said = {row["sample_id"]: row["split"] for row in pq.ParquetFile(patch).read().to_pylist()}
    keys = workspace.occurrences().drop_duplicates("sample_id").set_index("sample_id")["key"]
    patched = {Path(keys[sample_id]).stem: split for sample_id, split in said.items()}
    assert {name: row[1] for name, row in two.items()} == {
        name: one[name][1] if name in one else patched[name] for name in two
    }
    assert workspace.version("mine2").header["gold"] == workspace.version("mine1").header["gold"]
    assert report.splits_kept == sum(one[name][1] != patched[name] for name in one if name != "0") > 0


def test_a_split_that_the_publisher_kept_out_is_not_excluded_here(tmp_path: Path) -> None:
    files = {**labelled(range(30)), **{f"test/{emotion(n)}/{n}.png": png(n, emotion(n)) for n in range(30, COUNT)}}
    publisher = make(tmp_path / "one", files)
    edit(publisher, "\n[splits]", '\n[splits.faces]\ntest = "out"\n')
    freeze(publisher, "v1")
    assert publisher.version("v1").header["rows"] == 30
    export_patch(publisher, "v1", tmp_path / "x.patch")
    workspace = make(tmp_path / "two", files)
    assert apply(workspace, tmp_path / "x.patch").report.excluded == 0
    freeze(workspace, "mine")
    assert workspace.version("mine").header["rows"] == COUNT
    assert {n: by_number(workspace, "mine")[n] for n in by_number(publisher, "v1")} == by_number(publisher, "v1")


def test_what_the_publisher_left_out_is_left_out_here_too(tmp_path: Path) -> None:
    from curate.duplicates import find_duplicates

    publisher = make(tmp_path / "one", {**labelled(), "train/happy/copy.jpg": jpeg(3, 85)})
    find_duplicates(publisher)
    freeze(publisher, "v1")
    export_patch(publisher, "v1", tmp_path / "x.patch")
    workspace = make(tmp_path / "two", {**labelled(), "train/happy/copy.jpg": jpeg(3, 85)})
    assert apply(workspace, tmp_path / "x.patch").report.excluded == 1
    assert workspace.samples()["excluded"].dropna().tolist() == ["copy of a kept picture"]
    freeze(workspace, "mine")
    assert by_number(workspace, "mine") == by_number(publisher, "v1")
    left_out = workspace.version("mine").occurrences()["left_out"].dropna().tolist()
    assert left_out == ["excluded: copy of a kept picture"]


def test_a_copy_stands_in_for_a_kept_picture_that_is_not_here(tmp_path: Path) -> None:
    from curate.duplicates import find_duplicates

    publisher = make(tmp_path / "one", {**labelled(), "train/happy/copy.jpg": jpeg(3, 85)})
    find_duplicates(publisher)
    freeze(publisher, "v1")
    export_patch(publisher, "v1", tmp_path / "x.patch")
    copied = {name: data for name, data in labelled().items() if not name.endswith("/3.png")}
    workspace = make(tmp_path / "two", {**copied, "train/fear/copy.jpg": jpeg(3, 85)})
    assert apply(workspace, tmp_path / "x.patch").report.excluded == 0
    freeze(workspace, "mine")
    theirs = by_number(publisher, "v1")
    kept = theirs.get("3") or theirs["copy"]
    assert by_number(workspace, "mine")["copy"] == kept


def test_pictures_of_one_photograph_that_the_publisher_put_in_two_splits_are_withdrawn(tmp_path: Path) -> None:
    from curate.duplicates import find_duplicates

    files = labelled() | {f"train/{emotion(number)}/copy{number}.jpg": jpeg(number, 85) for number in range(12)}
    publisher = make(tmp_path / "one", files)
    freeze(publisher, "v1")
    export_patch(publisher, "v1", tmp_path / "x.patch")
    workspace = make(tmp_path / "two", files)
    apply(workspace, tmp_path / "x.patch")
    find_duplicates(workspace)
    said = CliRunner().invoke(cli.app, ["freeze", "mine", "--workspace", str(workspace.folder)]).stdout
    theirs = by_number(publisher, "v1")
    torn = {number for number in range(12) if theirs[str(number)][1] != theirs[f"copy{number}"][1]}
    assert len(workspace.version("mine").header["withdrawn"]) == len(torn) > 0
    assert f"{len(torn)} pictures of patches were withdrawn: they belong with a higher split" in said
    assert verify_version(workspace.manifests, "mine", state=workspace.state).findings == ()


# robustness


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

    file, fates = tmp_path / "v1.patch", tmp_path / "fates.csv"
    assert "40 pictures without pixels" in run("export", "v1", file, "--workspace", publisher.folder)
    assert json.loads(run("export", "v1", file, "--json", "--workspace", publisher.folder))["rows"] == COUNT
    workspace = make(tmp_path / "two", labelled(suffix="jpg"))
    said = run("apply", file, "--list", fates, "--workspace", workspace.folder)
    assert "100.0% of 40 matched; 0 pictures here are not in the patch" in said
    assert "39 new; 0 labels changed; 0 pictures are left out of versions from now on" in said
    lines = fates.read_text().splitlines()
    assert len(lines) == COUNT + 1
    assert lines[0] == ("patch_sample,local_sample,match,bits_64,bits_256,runner_up_bits,label_before,says,outcome")
    assert json.loads(run("apply", file, "--json", "--workspace", workspace.folder))["new"] == 0
