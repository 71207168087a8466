"""`table`: pictures with a table of paths and labels beside or above them."""

from pathlib import Path

import pytest
from layouts import png, write_tree, write_zip
from test_cli import run
from test_readers import chosen, facts, read

from curate.errors import SourceUnreadable, UnknownFormat
from curate.ingest import ingest_source
from curate.sample import Problem, SourceItem
from curate.workspace import Workspace

PICTURES = {f"images/{number}.png": png(number) for number in range(4)}


def table(*lines: str, end: str = "\n") -> bytes:
    return end.join(lines).encode() + end.encode()


def labels(items: list[SourceItem | Problem]) -> dict[str, str | None]:
    return {each.key: each.given_raw for each in items if isinstance(each, SourceItem)}


@pytest.mark.parametrize(
    "header", ["path,label", "FileName,Emotion", "image,expression", "Image Name,class", "img,y,label"]
)
@pytest.mark.parametrize("packed", [False, True])
def test_path_and_label_are_read_by_the_names_that_people_give_them(tmp_path: Path, header: str, packed: bool) -> None:
    more = ",1" * (header.count(",") - 1)
    lines = [
        header,
        *(f"images/{number}.png{more},{label}" for number, label in enumerate(("happy", "sad", "fear", "x"))),
    ]
    files = {**PICTURES, "labels.csv": table(*lines)}
    path = write_zip(tmp_path / "x.zip", files) if packed else write_tree(tmp_path / "x", files)
    assert chosen(path) == "table"
    assert facts(read(path, "table")) == [
        ("images/0.png", "happy", None, None),
        ("images/1.png", "sad", None, None),
        ("images/2.png", "fear", None, None),
        ("images/3.png", "x", None, None),
    ]


@pytest.mark.parametrize(
    ("place", "written"),
    [
        ("labels.csv", "0.png"),
        ("images/labels.csv", "0.png"),
        ("data/labels.csv", "../images/0.png"),
        ("l.csv", "x/y/0.png"),
    ],
)
def test_the_table_may_lie_beside_or_above_its_pictures(tmp_path: Path, place: str, written: str) -> None:
    files = {"images/0.png": png(0), place: table("path,label", f"{written},happy")}
    if written == "x/y/0.png":
        files["deep/x/y/0.png"] = files.pop("images/0.png")
    (found,) = read(write_tree(tmp_path / "x", files), "table")
    assert (found.key.rpartition("/")[2], found.given_raw) == ("0.png", "happy")


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_of_every_program_are_read(tmp_path: Path, delimiter: str, end: str) -> None:
    lines = [delimiter.join(row) for row in (("path", "label"), ("0.png", "happy"), ("1.png", "sad"))]
    files = {**PICTURES, "labels.tsv": b"\xef\xbb\xbf" + table(*lines, "", end=end)}
    found = labels(read(write_tree(tmp_path / "x", files), "table"))
    assert (found["images/0.png"], found["images/1.png"]) == ("happy", "sad")


def test_split_subject_and_sequence_are_taken_over(tmp_path: Path) -> None:
    files = {**PICTURES, "t.csv": table("file,emotion,Usage,person,video", "0.png,sad,Training,7,a", "1.png,sad,,,")}
    found = [each for each in read(write_tree(tmp_path / "x", files), "table") if isinstance(each, SourceItem)]
    assert [(each.split, each.subject, each.sequence) for each in found[:2]] == [
        ("Training", "source:7", "source:a"),
        (None, None, None),
    ]


def test_a_table_for_each_split_names_it(tmp_path: Path) -> None:
    files = {f"{split}/{n}.png": png(n) for n, split in enumerate(("train", "test"))}
    files |= {"train_labels.csv": table("image,label", "0.png,1"), "test_labels.csv": table("image,label", "1.png,7")}
    assert facts(read(write_tree(tmp_path / "x", files), "table")) == [
        ("test/1.png", "7", None, "test"),
        ("train/0.png", "1", None, "train"),
    ]


def test_a_table_without_header_is_known_by_its_pictures_and_emotions(tmp_path: Path) -> None:
    files = {**PICTURES, "legend.csv": table("ann,0.png,HAPPINESS", "bob,1.png,sad", end="\r")}
    assert labels(read(write_tree(tmp_path / "x", files), "table"))["images/0.png"] == "HAPPINESS"


def test_whatever_does_not_lead_to_a_picture_is_a_problem_with_its_place(tmp_path: Path) -> None:
    rows = [
        "../../etc/passwd,happy", "/etc/passwd,happy", "C:\\x\\0.png,happy", "nowhere.png,happy", "0.png,happy",
        "images\\1.png,sad", "same.png,sad", "2.png", "0.png,happy", "0.png,fear", ",sad",
    ]  # fmt: skip
    files = {**PICTURES, "a/same.png": png(5), "b/same.png": png(6), "t.csv": table("path,label", *rows)}
    path = write_tree(tmp_path / "x", files)
    found = read(path, "table")
    assert [(each.key, each.kind) for each in found if isinstance(each, Problem)] == [
        ("t.csv:row:0", "refused-path"),
        ("t.csv:row:1", "refused-path"),
        ("t.csv:row:2", "refused-path"),
        ("t.csv:row:3", "missing-picture"),
        ("t.csv:row:6", "ambiguous-picture"),
        ("t.csv:row:7", "broken-row"),
        ("t.csv:row:8", "name-twice"),
        ("t.csv:row:9", "name-twice"),
        ("t.csv:row:10", "broken-row"),
        ("a/same.png", "picture-without-row"),
    ]
    pictures = [(each.key, each.given_raw) for each in found if isinstance(each, SourceItem)]
    assert pictures == [
        ("a/same.png", None),
        ("b/same.png", None),
        ("images/0.png", "happy"),
        ("images/0.png", "fear"),
        ("images/1.png", "sad"),
        ("images/2.png", None),
        ("images/3.png", None),
    ]


def test_names_may_lack_their_suffix(tmp_path: Path) -> None:
    files = {**PICTURES, "t.csv": table("image,label", "0,happy", "1,sad", "2,sad", "3,sad")}
    assert labels(read(write_tree(tmp_path / "x", files), "table"))["images/0.png"] == "happy"


def test_names_that_are_no_text_are_matched_byte_by_byte(tmp_path: Path) -> None:
    files = {"0\udce9.png": png(0), "t.csv": b"path,label\n0\xe9.png,happy\n"}
    (found,) = read(write_tree(tmp_path / "x", files), "table")
    assert (found.key, found.given_raw) == ("0\\xe9.png", "happy")


def test_class_folders_are_read_as_such_and_the_table_beside_them_is_named(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = {
        "happy/0.png": png(0),
        "sad/1.png": png(1),
        "labels.csv": table("pth,label", "happy/0.png,sad", "sad/1.png,sad"),
    }
    report = ingest_source(workspace, write_tree(tmp_path / "x", files))
    assert (report.format, report.remarks) == (
        "image-folder",
        ("labels.csv names these pictures, too, and was not read; `--format table` reads its labels instead",),
    )


def test_a_table_of_pixels_or_of_votes_is_none_of_pictures(tmp_path: Path) -> None:
    files = {"images/0.png": png(0), "t.csv": table("path,label,pixels", "0.png,happy,1 2")}
    with pytest.raises(SourceUnreadable, match="no table with a column of paths and one of labels"):
        read(write_tree(tmp_path / "x", files), "table")


def test_a_table_alone_asks_for_the_folder(workspace: Workspace, tmp_path: Path) -> None:
    files = {**PICTURES, "t.csv": table("path,label", "images/0.png,happy")}
    with pytest.raises(UnknownFormat, match="lists pictures that are not in it; name the folder that holds both"):
        ingest_source(workspace, write_tree(tmp_path / "x", files) / "t.csv")


def test_an_export_of_our_own_stays_an_image_folder(tmp_path: Path) -> None:
    header = "file_name,sample_id,label,parent,transform,lineage_id,subject,sequence"
    files = {"train/x/0.png": png(0), "metadata.csv": table(header, f"train/x/0.png,{'a' * 64},happy,,,{'a' * 64},,")}
    assert chosen(write_tree(tmp_path / "x", files)) == "image-folder"


def test_the_whole_way_from_a_table_to_labels(workspace: Workspace, tmp_path: Path) -> None:
    lines = ["path,label,split", "images/0.png,happy,train", "images/1.png,1,val", "images/2.png,sad,test"]
    result = run(
        "ingest", write_tree(tmp_path / "x", {**PICTURES, "t.csv": table(*lines)}), "--workspace", workspace.folder
    )
    assert "x: table (t.csv names 3 of 4 pictures)" in result.stdout
    shown = workspace.occurrences()[["key", "given_label", "official_split"]].astype(object)
    assert shown.where(shown.notna(), None).to_numpy().tolist() == [
        ["images/0.png", "happy", "train"],
        ["images/1.png", None, "val"],
        ["images/2.png", "sad", "test"],
        ["images/3.png", None, None],
    ]
