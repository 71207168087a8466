"""Exports: what others load is what was released."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from layouts import face, png, write_tree
from released import NOON, fer2013_workspace, freeze, mixed_workspace
from test_cli import run

from curate.augment import augment_version
from curate.errors import ExportError, PicturesMissing
from curate.images import decode, sample_digest
from curate.ingest import ingest_source
from curate.manifest import Version
from curate.version import EXPORTS, export_version
from curate.version.export import image_folder
from curate.workspace import Workspace


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return freeze(fer2013_workspace(tmp_path_factory.mktemp("square")))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return freeze(mixed_workspace(tmp_path_factory.mktemp("mixed")))


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def taken_in(folder: Path, workspace: Path) -> set[tuple[str, str, str]]:
    made = Workspace.create(workspace)
    ingest_source(made, folder)
    shown = made.occurrences()[["sample_id", "given_label", "official_split"]]
    return set(shown.itertuples(index=False, name=None))


def released(version: Version) -> set[tuple[str, str, str]]:
    return set(version.rows()[["sample_id", "label", "split"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("form", ["image-folder", "fer2013-csv"])
def test_an_export_that_curate_reads_comes_back_as_the_same_samples(form: str, square: Version, tmp_path: Path) -> None:
    export_version(square, tmp_path / "out", to=form)
    assert taken_in(tmp_path / "out", tmp_path / "again") == released(square)


def test_an_image_folder_keeps_size_and_colour(mixed: Version, tmp_path: Path) -> None:
    export_version(mixed, tmp_path / "out", to="image-folder")
    assert taken_in(tmp_path / "out", tmp_path / "again") == released(mixed)


def test_an_image_folder_is_named_by_sample_and_described_by_its_table(mixed: Version, tmp_path: Path) -> None:
    import pandas as pd

    report = export_version(mixed, tmp_path / "out", to="image-folder")
    rows, table = mixed.rows(), pd.read_csv(tmp_path / "out" / "metadata.csv")
    names = [f"{row.split}/{row.label}/{row.sample_id}.png" for row in rows.itertuples()]
    assert (report.rows, report.files) == (24, 25)
    assert table["file_name"].tolist() == names
    assert {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.png")} == set(names)
    assert table["width"].tolist() == rows["width"].tolist()


def test_every_export_with_room_names_the_file_that_each_picture_came_from(tmp_path: Path) -> None:
    import pandas as pd

    workspace = Workspace.create(tmp_path / "workspace")
    for source, name in (("b", "train/happy/2.png"), ("a", "train/happy/one.png"), ("a", "train/sad/3.png")):
        write_tree(tmp_path / source, {name: png(1 if "sad" not in name else 3)})
    for source in ("a", "b"):
        ingest_source(workspace, tmp_path / source)
    version = augment_version(workspace, freeze(workspace).name, created=NOON)
    one, three = (sample_digest(face(number)).hex() for number in (1, 3))
    expected = {one: ("b", "train/happy/2.png"), three: ("a", "train/sad/3.png")}
    for form, file in (("image-folder", "metadata.csv"), ("csv", "rows.csv"), ("hf-parquet", "data/*.parquet")):
        export_version(version, tmp_path / form, to=form)
        (path,) = (tmp_path / form).glob(file)
        table = pd.read_parquet(path) if form == "hf-parquet" else pd.read_csv(path)
        shown = table["parent"].fillna(table["sample_id"])
        origins = table[["original_source", "original_file"]].itertuples(index=False, name=None)
        assert set(zip(shown, origins, strict=True)) == set(expected.items())


def test_every_split_has_a_folder_for_every_class_so_that_all_number_them_alike(mixed: Version, tmp_path: Path) -> None:
    export_version(mixed, tmp_path / "out", to="image-folder")
    for split in ("train", "val", "test"):
        assert sorted(path.name for path in (tmp_path / "out" / split).iterdir()) == mixed.header["classes"]


def test_large_classes_are_divided_into_folders(
    square: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_folder, "_MOST_FILES", 4)
    export_version(square, tmp_path / "out", to="image-folder")
    assert sorted(path.name for path in (tmp_path / "out" / "train" / "happy").iterdir()) == ["0000", "0001"]
    assert len(list((tmp_path / "out" / "train" / "happy" / "0000").iterdir())) == 4
    assert taken_in(tmp_path / "out", tmp_path / "again") == released(square)


def test_keras_loads_an_image_folder(square: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keras = pytest.importorskip("keras", reason="needs keras with tensorflow: pip install curate-fer[train]")
    pytest.importorskip("tensorflow", reason="needs tensorflow: pip install curate-fer[train]")
    monkeypatch.setattr(image_folder, "_MOST_FILES", 4)
    export_version(square, tmp_path / "out", to="image-folder")
    found = keras.utils.image_dataset_from_directory(
        tmp_path / "out" / "train", color_mode="grayscale", image_size=(48, 48), batch_size=None, shuffle=False
    )
    ids = {(sample_digest(picture.numpy()[..., 0].astype(np.uint8)).hex(), int(label)) for picture, label in found}
    rows = square.rows().query("split == 'train'")
    classes = square.header["classes"]
    assert found.class_names == classes
    assert ids == {(row.sample_id, classes.index(row.label)) for row in rows.itertuples()}


def test_the_datasets_library_loads_parquet_with_pictures_classes_and_votes(mixed: Version, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="needs the datasets library: pip install datasets")
    export_version(mixed, tmp_path / "out", to="hf-parquet")
    found = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {split: len(part) for split, part in found.items()} == {"train": 12, "validation": 6, "test": 6}
    features = found["train"].features
    assert (type(features["image"]).__name__, features["label"].names) == ("Image", mixed.header["classes"])
    of_split = dict(list(mixed.rows().groupby("split")))
    for split, name in (("train", "train"), ("val", "validation"), ("test", "test")):
        rows = of_split[split]
        for row, each in zip(rows.itertuples(), found[name], strict=True):
            assert sample_digest(np.asarray(each["image"])).hex() == row.sample_id == each["sample_id"]
            assert features["label"].int2str(each["label"]) == row.label


def test_parquet_says_what_its_columns_are(square: Version, tmp_path: Path) -> None:
    export_version(square, tmp_path / "out", to="hf-parquet")
    files = sorted(path.name for path in (tmp_path / "out" / "data").iterdir())
    table = pq.read_table(tmp_path / "out" / "data" / "train-00000-of-00001.parquet")
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    rows = square.rows().query("split == 'train'")
    first = table.slice(0, 1).to_pylist()[0]
    assert files == [f"{split}-00000-of-00001.parquet" for split in ("test", "train", "validation")]
    assert (features["image"], features["label"]["names"]) == ({"_type": "Image"}, square.header["classes"])
    assert list(features) == table.column_names
    assert table.column("sample_id").to_pylist() == rows["sample_id"].tolist()
    assert sample_digest(decode(first["image"]["bytes"]).pixels).hex() == first["sample_id"]
    assert first["votes"][rows["label"].iloc[0]] == 10


def test_votes_are_missing_where_nobody_voted(mixed: Version, tmp_path: Path) -> None:
    export_version(mixed, tmp_path / "out", to="hf-parquet")
    table = pq.read_table(tmp_path / "out" / "data" / "train-00000-of-00001.parquet")
    assert table.column("votes").null_count == len(table)


def test_the_dataset_card_names_splits_counts_and_licences(square: Version, tmp_path: Path) -> None:
    export_version(square, tmp_path / "out", to="hf-parquet")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "  - split: validation\n    path: data/validation-*\n" in card
    assert "| happy | 6 | 2 | 2 |" in card
    assert "licence not noted" in card


def test_fer2013_has_gray_squares_and_counts_what_it_cannot_hold(mixed: Version, tmp_path: Path) -> None:
    report = export_version(mixed, tmp_path / "out", to="fer2013-csv")
    lines = (tmp_path / "out" / "fer2013.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "emotion,pixels,Usage"
    assert {len(line.split(",")[1].split()) for line in lines[1:]} == {2304}
    assert report.remarks == ("24 pictures were cut to their middle square, resized to 48x48 and turned gray",)


def test_fer2013_leaves_out_labels_that_it_has_no_number_for(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    config = workspace.folder / "curate.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"^classes = .*", 'classes = ["happy", "contempt"]', text, flags=re.M), encoding="utf-8")
    files = {f"train/{('happy', 'contempt')[number % 2]}/{number}.png": png(number) for number in range(6)}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    report = export_version(freeze(Workspace(workspace.folder)), tmp_path / "out", to="fer2013-csv")
    assert (report.rows, report.remarks) == (
        3,
        ("3 pictures were left out: FER-2013 has no number for their labels",),
    )


def test_rows_come_as_one_table(square: Version, tmp_path: Path) -> None:
    import pandas as pd

    export_version(square, tmp_path / "out", to="csv")
    table = pd.read_csv(tmp_path / "out" / "rows.csv")
    assert table.columns.tolist() == [*square.rows().columns, "original_source", "original_file"]
    places = square.occurrences().set_index("sample_id")
    assert table["original_file"].tolist() == places.loc[table["sample_id"], "key"].tolist()
    assert set(table["original_source"]) == {"fer2013"}
    assert table["sample_id"].tolist() == square.rows()["sample_id"].tolist()


@pytest.mark.parametrize("form", EXPORTS)
def test_the_same_version_gives_the_same_bytes(form: str, mixed: Version, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export_version(mixed, tmp_path / name, to=form)
    assert content(tmp_path / "one") == content(tmp_path / "two") != {}


def test_an_empty_folder_is_filled_and_a_full_one_refused(square: Version, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    export_version(square, tmp_path / "out", to="csv")
    with pytest.raises(ExportError, match="is not empty; name a new folder"):
        export_version(square, tmp_path / "out", to="csv")
    with pytest.raises(ExportError, match="is a file; name a new folder"):
        export_version(square, tmp_path / "out" / "rows.csv", to="csv")


def test_an_unknown_format_lists_the_known_ones_and_the_closest(square: Version, tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught:
        export_version(square, tmp_path / "out", to="image_folder")
    assert str(caught.value) == (
        "no export format `image_folder`; did you mean `image-folder`? "
        "known: image-folder, hf-parquet, fer2013-csv, csv"
    )


def test_an_export_that_fails_leaves_nothing_behind(square: Version, tmp_path: Path) -> None:
    elsewhere = Version(square.folder.parent, square.name, state=tmp_path / "nowhere")
    with pytest.raises(PicturesMissing):
        export_version(elsewhere, tmp_path / "new" / "out", to="image-folder")
    assert list((tmp_path / "new").iterdir()) == []


def test_the_command_says_what_it_wrote(square: Version, tmp_path: Path) -> None:
    here = ["--workspace", square.folder.parent.parent]
    shown = run("export", "v1", tmp_path / "a", "--to", "csv", *here).stdout
    told = json.loads(run("export", "v1", tmp_path / "b", "--to", "hf-parquet", "--json", *here).stdout)
    assert shown == f"v1: 70 pictures as csv in {tmp_path / 'a'}, 1 file\n"
    assert (told["rows"], told["files"], told["remarks"]) == (70, 4, [])
