"""Derived versions: every augmented picture in its parent's split, and the same whatever made it."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from layouts import face, write_tree
from released import NOON, fer2013_workspace, freeze, mixed_workspace
from test_cli import run

from curate.augment import X4, augment_version, read_recipe, write_transforms_gallery
from curate.augment.header import CROSS_SPLIT
from curate.errors import NothingToRelease, PicturesMissing, VersionError, VersionExists, WorkspaceLocked
from curate.executors import local_processes
from curate.images import decode, encode_png, sample_digest
from curate.ingest import ingest_source
from curate.lock import locked
from curate.manifest import Version, diff_versions, verify_version
from curate.transforms import flip_pictures
from curate.version import export_version, freeze_version
from curate.workspace import Workspace

JITTER = """
name = "jitter"
copies = 2
[[steps]]
kind = "rotate"
degrees = 15
[[steps]]
kind = "brightness"
factor = [0.5, 1.5]
"""


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Generated FER-2013 with its version v1; read only."""
    workspace = fer2013_workspace(tmp_path_factory.mktemp("square"))
    freeze(workspace)
    return workspace


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Pictures of many sizes with their version v1; read only."""
    workspace = mixed_workspace(tmp_path_factory.mktemp("mixed"))
    freeze(workspace)
    return workspace


def copy_of(workspace: Workspace, folder: Path) -> Workspace:
    return Workspace(shutil.copytree(workspace.folder, folder))


def augment(workspace: Workspace, **options: Any) -> Version:
    return augment_version(workspace, created=NOON, **options)


def findings(version: Version) -> list[str]:
    seen = verify_version(version.folder.parent, version.name, state=version.state)
    assert seen.pictures
    return [finding.text for finding in seen.findings]


def workspace_of(folder: Path, pictures: dict[str, np.ndarray]) -> Workspace:
    workspace = Workspace.create(folder / "workspace")
    files = {name: encode_png(pixels) for name, pixels in pictures.items()}
    ingest_source(workspace, write_tree(folder / "pictures", files))
    freeze(workspace)
    return workspace


def test_x4_makes_four_rows_of_every_training_picture_and_leaves_the_others(square: Workspace, tmp_path: Path) -> None:
    made = augment(copy_of(square, tmp_path / "w"))
    before, after = square.version("v1").rows(), made.rows()
    train = before[before["split"] == "train"]
    shown = after[after["split"] == "train"]
    assert made.name == "v1-x4"
    assert shown["parent"].tolist() == [each for each in train["sample_id"] for _ in range(4)]
    assert shown["transform"].tolist() == ["identity", "rot90", "rot270", "zoom-1.7"] * len(train)
    others = after[after["split"] != "train"].reset_index(drop=True)
    assert others.equals(before[before["split"] != "train"].reset_index(drop=True))
    assert findings(made) == []


@pytest.mark.parametrize("splits", ["train", "all"])
def test_a_derived_version_of_odd_pictures_passes_every_check(mixed: Workspace, splits: str, tmp_path: Path) -> None:
    made = augment(copy_of(mixed, tmp_path / "w"), splits=splits)
    assert (len(made.rows()), findings(made)) == ({"train": 60, "all": 96}[splits], [])


def test_augmented_rows_have_what_their_parents_have(square: Workspace, tmp_path: Path) -> None:
    rows = augment(copy_of(square, tmp_path / "w"), splits="all").rows()
    parents = square.version("v1").rows().set_index("sample_id").loc[rows["parent"]].reset_index()
    same = ["label", "label_origin", "label_by", "split", "group_id", "subject", "sequence", "sources", "votes_happy"]
    assert rows[same].equals(parents[same])


def test_sizes_and_modes_are_those_of_the_derived_pictures(mixed: Workspace, tmp_path: Path) -> None:
    rows = augment(copy_of(mixed, tmp_path / "w")).rows()
    train = rows[rows["split"] == "train"]
    upright, turned = (train[train["transform"] == name] for name in ("zoom-1.7", "rot90"))
    assert upright["width"].tolist() == turned["height"].tolist()
    assert set(train["mode"]) == {"L", "RGB"}


def test_the_header_names_parent_line_gold_and_recipe(square: Workspace, tmp_path: Path) -> None:
    parent = square.version("v1").header
    header = augment(copy_of(square, tmp_path / "w")).header
    assert header["parent"] == {"name": "v1", "digest": parent["digest"]}
    assert header["derived"] == {"recipe": dict(X4), "splits": "train"}
    assert {name: header[name] for name in ("line", "gold", "classes", "sources", "search", "seed")} == {
        name: parent[name] for name in ("line", "gold", "classes", "sources", "search", "seed")
    }
    assert (header["rows"], header["counts"]["train"]["happy"], header["test_augmented"]) == (196, 24, False)


def test_an_augmented_test_is_told_and_its_gold_stays_that_of_the_parent(square: Workspace, tmp_path: Path) -> None:
    made = augment(copy_of(square, tmp_path / "w"), splits="all")
    rows = made.rows()
    test = rows[rows["split"] == "test"]
    assert (len(rows), made.header["test_augmented"], made.header["derived"]["splits"]) == (280, True, "all")
    assert set(test[test["gold"]]["transform"]) == {"identity"}
    assert len(test) == 4 * test["gold"].sum() == 4 * made.header["gold"]["rows"]
    assert findings(made) == []


def test_every_augmented_picture_is_tied_to_its_parent(square: Workspace, tmp_path: Path) -> None:
    made = augment(copy_of(square, tmp_path / "w"))
    rows, edges = made.rows(), made.edges()
    wanted = rows[rows["transform"].notna() & (rows["transform"] != "identity")]
    ends = {
        (*sorted(pair), name)
        for *pair, name in wanted[["sample_id", "parent", "transform"]].itertuples(index=False, name=None)
    }
    assert set(edges[["sample_a", "sample_b", "detail"]].itertuples(index=False, name=None)) == ends
    assert set(edges["kind"]) == {"augmented-from"}
    assert rows.groupby(rows["parent"].fillna(rows["sample_id"]))["lineage_id"].nunique().max() == 1


def test_pictures_are_made_again_when_they_are_asked_for(square: Workspace, tmp_path: Path) -> None:
    made = augment(copy_of(square, tmp_path / "w"))
    pictures, labels = made.pictures("train")
    assert [sample_digest(each).hex() for each in pictures] == made.rows().query("split == 'train'")[
        "sample_id"
    ].tolist()
    assert [made.header["classes"][label] for label in labels] == made.rows().query("split == 'train'")[
        "label"
    ].tolist()


def test_the_version_does_not_depend_on_what_makes_it(mixed: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "jitter.toml"
    path.write_text(JITTER, encoding="utf-8")
    for recipe in (X4, read_recipe(path)):
        digests = set()
        for number, pool in enumerate((ThreadPoolExecutor(1), ThreadPoolExecutor(4), local_processes(2))):
            with pool as executor:
                workspace = copy_of(mixed, tmp_path / f"{recipe['name']}-{number}")
                digests.add(augment(workspace, recipe=recipe, executor=executor).header["digest"])
        assert len(digests) == 1


def test_a_recipe_makes_its_copies_and_another_seed_makes_others(square: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "jitter.toml"
    path.write_text(JITTER, encoding="utf-8")
    recipe = read_recipe(path)
    made = augment(copy_of(square, tmp_path / "a"), recipe=recipe)
    other = augment(copy_of(square, tmp_path / "b"), recipe={**recipe, "seed": 1})
    train = made.rows().query("split == 'train'")
    assert train["transform"].tolist() == ["identity", "jitter-1", "jitter-2"] * 42
    assert train["sample_id"].nunique() == 126
    assert len(set(train["sample_id"]) & set(other.rows()["sample_id"])) == 42
    assert (made.name, set(made.header["tool"])) == ("v1-jitter", {"curate", "albumentations", "opencv"})
    assert findings(made) == []


def test_gold_pictures_stay_where_a_recipe_keeps_no_originals(square: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "jitter.toml"
    path.write_text(JITTER.replace("copies = 2", "keep_original = false"), encoding="utf-8")
    made = augment(copy_of(square, tmp_path / "w"), recipe=read_recipe(path), splits="all")
    assert made.header["counts"]["train"] == square.version("v1").header["counts"]["train"]
    assert sum(made.header["counts"]["test"].values()) == 2 * made.header["gold"]["rows"]
    assert findings(made) == []


def test_a_picture_that_equals_one_of_another_split_is_left_out_and_counted(tmp_path: Path) -> None:
    pictures = {"train/happy/a.png": face(1), "test/happy/b.png": flip_pictures(face(1), "rot90")}
    workspace = workspace_of(tmp_path, pictures)
    made = augment(workspace)
    assert made.header["left_out"] == {CROSS_SPLIT: 1}
    assert made.rows().query("split == 'train'")["transform"].tolist() == ["identity", "rot270", "zoom-1.7"]
    assert findings(made) == []


def test_of_two_augmented_pictures_that_are_equal_the_one_in_the_higher_split_stays(tmp_path: Path) -> None:
    pictures = {"train/happy/a.png": face(1), "test/happy/b.png": flip_pictures(face(1), "rot180")}
    made = augment(workspace_of(tmp_path, pictures), splits="all")
    rows = made.rows()
    assert made.header["left_out"] == {CROSS_SPLIT: 2}
    assert rows["split"].value_counts().to_dict() == {"test": 4, "train": 2}
    assert findings(made) == []


def test_a_picture_that_looks_the_same_when_turned_needs_no_edge_to_itself(tmp_path: Path) -> None:
    rings = np.add.outer(np.abs(np.arange(48) - 23.5), np.abs(np.arange(48) - 23.5)).astype(np.uint8)
    made = augment(workspace_of(tmp_path, {"train/happy/rings.png": rings, "test/sad/b.png": face(2)}))
    assert (len(made.rows()), made.edges()["detail"].tolist(), findings(made)) == (5, ["zoom-1.7"], [])


def test_the_newest_version_of_delivered_pictures_is_augmented_unless_named(square: Workspace, tmp_path: Path) -> None:
    workspace = copy_of(square, tmp_path / "w")
    augment(workspace)
    freeze_version(workspace, "v2", created=NOON.replace(hour=13))
    assert augment(workspace).name == "v2-x4"


def test_a_taken_name_is_refused(square: Workspace, tmp_path: Path) -> None:
    workspace = copy_of(square, tmp_path / "w")
    augment(workspace)
    for options in ({}, {"splits": "all"}):
        with pytest.raises(VersionExists, match="there is a version v1-x4 already; versions never change"):
            augment(workspace, **options)


def test_what_cannot_be_augmented_is_refused(square: Workspace, workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NothingToRelease, match="make one with `curate freeze v1`"):
        augment(workspace)
    here = copy_of(square, tmp_path / "w")
    augment(here)
    with pytest.raises(VersionError, match="v1-x4 is augmented already; augment v1 instead"):
        augment(here, version="v1-x4")
    with pytest.raises(VersionError, match="splits val: choose train or all"):
        augment(here, splits="val")


def test_augmenting_waits_for_nobody(square: Workspace, tmp_path: Path) -> None:
    workspace = copy_of(square, tmp_path / "w")
    with locked(workspace.state / "lock", "curate ingest"), pytest.raises(WorkspaceLocked, match="curate ingest"):
        augment(workspace)


def test_without_pictures_there_is_no_version(square: Workspace, tmp_path: Path) -> None:
    workspace = copy_of(square, tmp_path / "w")
    (workspace.state / "catalog.sqlite").unlink()
    with pytest.raises(PicturesMissing):
        augment(workspace)
    assert workspace.version_names() == ["v1"]


def test_the_gallery_shows_the_same_faces_for_every_transform(square: Workspace, tmp_path: Path) -> None:
    made = augment(copy_of(square, tmp_path / "w"))
    assert write_transforms_gallery(made, tmp_path / "page.html") == 7
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert (page.count("<section"), page.count("<img ")) == (4, 28)
    assert [name in page for name in X4["transforms"]] == [True] * 4


def test_the_command_makes_and_shows(square: Workspace, tmp_path: Path) -> None:
    workspace = copy_of(square, tmp_path / "w")
    here = ["--workspace", workspace.folder]
    shown = run("augment", "--x4", "--splits", "all", "--gallery", tmp_path / "page.html", *here)
    assert "augmented by x4 (identity, rot90, rot270, zoom-1.7) in all splits: the test is augmented, too" in (
        shown.stdout
    )
    assert (tmp_path / "page.html").is_file()
    assert json.loads(run("verify", "v1-x4", "--json", *here).stdout)["versions"][0]["rows"] == 280


def test_storing_pictures_is_left_to_export(square: Workspace, tmp_path: Path) -> None:
    result = run("augment", "v1", "--x4", "--materialise", "--workspace", square.folder)
    assert (result.exit_code, "`curate export` writes pictures" in result.stderr) == (2, True)


def test_pictures_that_an_older_release_stored_are_not_read(square: Workspace, tmp_path: Path) -> None:
    workspace = copy_of(square, tmp_path / "w")
    made = augment(workspace)
    before = made.pictures()[0]
    stored = workspace.state / "pictures" / "v1-x4"
    stored.mkdir(parents=True)
    for name in ("manifest.json", "pictures.parquet"):
        (stored / name).write_bytes(b"of an older release")
    assert findings(made) == []
    assert np.array_equal(workspace.version("v1-x4").pictures()[0], before)
    assert export_version(made, tmp_path / "out", to="image-folder").rows == len(before)
    assert "holds pictures that an older release stored; nothing reads it, it may be deleted" in (
        run("status", "--workspace", workspace.folder).stdout.replace("\n", " ")
    )


def test_the_command_wants_one_recipe(square: Workspace, tmp_path: Path) -> None:
    for options in ([], ["--x4", "--recipe", tmp_path / "x.toml"]):
        result = run("augment", "v1", *options, "--workspace", square.folder)
        assert (result.exit_code, "say --x4 or --recipe FILE" in result.stderr) == (2, True)


def test_an_exported_derived_version_names_parent_and_transform_and_holds_the_same_pictures(
    mixed: Workspace, tmp_path: Path
) -> None:
    made = augment(copy_of(mixed, tmp_path / "w"))
    export_version(made, tmp_path / "out", to="image-folder")
    rows = made.rows().query("transform == 'rot90'")
    paths = [tmp_path / "out" / f"train/{row.label}/{row.parent}-rot90.png" for row in rows.itertuples()]
    assert [sample_digest(decode(path.read_bytes()).pixels).hex() for path in paths] == rows["sample_id"].tolist()
    assert len(list((tmp_path / "out").rglob("*.png"))) == len(made.rows())


def test_an_export_holds_the_derived_pictures(square: Workspace, tmp_path: Path) -> None:
    made = augment(copy_of(square, tmp_path / "w"))
    export_version(made, tmp_path / "out", to="hf-parquet")
    table = pq.read_table(tmp_path / "out" / "data" / "train-00000-of-00001.parquet")
    shown = [sample_digest(decode(each["bytes"].as_py()).pixels).hex() for each in table.column("image")]
    assert shown == table.column("sample_id").to_pylist() == made.rows().query("split == 'train'")["sample_id"].tolist()


def test_a_derived_version_differs_from_its_parent_by_the_augmented_rows_alone(
    square: Workspace, tmp_path: Path
) -> None:
    made = augment(copy_of(square, tmp_path / "w"))
    changed = diff_versions(square.version("v1"), made)
    assert (changed.same, len(changed.added), len(changed.removed)) == (70, 126, 0)
    assert set(changed.added["transform"]) == {"rot90", "rot270", "zoom-1.7"}
