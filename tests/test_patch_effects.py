"""What a patch says of pictures that are here: labels, splits, the gold test, exclusions and conflicts."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from layouts import png, write_tree
from patching import COUNT, apply, by_number, emotion, freeze, jpeg, labelled, make, publish
from test_workspace import edit
from typer.testing import CliRunner

from curate import cli
from curate.ingest import ingest_source
from curate.manifest import verify_version
from curate.version.patch import export_patch
from curate.workspace import Workspace


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return publish(tmp_path_factory.mktemp("publisher"))


@pytest.fixture(scope="module")
def patch(publisher: Workspace) -> Path:
    return publisher.folder.parent / "v1.patch"


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
    report, outcomes = apply(workspace, patch)
    assert report.identical == 0
    assert report.re_encoded >= COUNT - 1
    rows = by_number(workspace, "")
    assert [name for name, (label, origin) in rows.items() if origin == "patch" and label != emotion(int(name))] == []
    assert set(outcomes["match"]) <= {"re-encoded", "unmatched"}


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
    assert set(again.outcomes["outcome"]) == {"known", "nothing said"}
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
    assert "conflict, the earlier stays" in set(kept.outcomes["outcome"])
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
