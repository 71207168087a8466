import io
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from layouts import VOTE_HEADER, face, pixel_text, png, table_text, votes_for, write_tree, write_zip

from curate.errors import AmbiguousFormat, LabelTableMismatch, SourceUnreadable, UnknownFormat
from curate.ingest.delivery import open_delivery
from curate.ingest.reading import Options
from curate.ingest.registry import FORMATS, choose_format, find_format
from curate.sample import Panel, Problem, SourceItem

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def chosen(path: Path) -> str:
    with closing(open_delivery(path)) as delivery:
        return choose_format(delivery)[0].name


def why(path: Path) -> str:
    with closing(open_delivery(path)) as delivery:
        return choose_format(delivery)[1]


def read(path: Path, format_name: str, labels: Path | None = None) -> list[SourceItem | Problem]:
    side = None if labels is None else open_delivery(labels)
    with closing(open_delivery(path)) as delivery:
        return list(FORMATS[format_name].read(delivery, Options("source", side)).items)


def facts(items: list[SourceItem | Problem]) -> list[tuple[object, ...]]:
    """Key, label as delivered, its name, split; problems by key and kind."""
    return [
        (each.key, each.kind) if isinstance(each, Problem) else (each.key, each.given_raw, each.given_name, each.split)
        for each in items
    ]


class TestImageFolder:
    def test_classes_and_splits_come_from_folders(self, tmp_path: Path) -> None:
        files = {"archive/train/happy/a.png": png(1), "archive/validation/Sadness/b.png": png(2)}
        write_tree(tmp_path / "x", files)
        assert facts(read(tmp_path / "x", "image-folder")) == [
            ("archive/train/happy/a.png", "happy", None, "train"),
            ("archive/validation/Sadness/b.png", "Sadness", None, "validation"),
        ]

    def test_usage_in_the_file_name_beats_the_folder(self, tmp_path: Path) -> None:
        names = ["test/fear/PublicTest_12.jpg", "test/fear/PrivateTest_13.jpg", "train/fear/Training_14.jpg"]
        write_tree(tmp_path / "x", {name: png(1) for name in names})
        splits = {each.key: each.split for each in read(tmp_path / "x", "image-folder")}
        assert splits == dict(zip(names, ("PublicTest", "PrivateTest", "Training"), strict=True))

    def test_a_nested_second_copy_is_not_read_twice(self, tmp_path: Path) -> None:
        files = {
            f"images/{again}train/{label}/1.png": png(1, label)
            for again in ("", "images/")
            for label in ("happy", "sad")
        }
        path = write_zip(tmp_path / "x.zip", files)
        assert facts(read(path, "image-folder")) == [
            ("images/images/train/happy/1.png", "nested-copy"),
            ("images/train/happy/1.png", "happy", None, "train"),
            ("images/train/sad/1.png", "sad", None, "train"),
        ]

    def test_a_folder_inside_its_namesake_that_holds_other_pictures_is_read(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "x.zip", {"happy/1.png": png(1), "happy/happy/1.png": png(2)})
        assert [each.key for each in read(path, "image-folder")] == ["happy/1.png", "happy/happy/1.png"]

    def test_unmapped_classes_are_kept_as_delivered(self, tmp_path: Path) -> None:
        write_tree(tmp_path / "x", {"grins/1.png": png(1)})
        assert facts(read(tmp_path / "x", "image-folder")) == [("grins/1.png", "grins", None, None)]

    def test_a_split_folder_is_no_class(self, tmp_path: Path) -> None:
        write_tree(tmp_path / "x", {"train/1.png": png(1)})
        assert facts(read(tmp_path / "x", "image-folder")) == [("train/1.png", None, None, "train")]

    def test_folders_named_by_codes_of_one_dataset_are_classes(self, tmp_path: Path) -> None:
        path = write_tree(tmp_path / "x", {"train/AF/ann/1.png": png(1), "train/HA/2.png": png(2)})
        assert [each.given_raw for each in read(path, "image-folder")] == ["AF", "HA"]
        assert "in class folders such as HA/" in why(path)

    def test_a_folder_that_looks_like_a_code_inside_a_class_is_no_class(self, tmp_path: Path) -> None:
        path = write_tree(tmp_path / "x", {"happy/fe/1.png": png(1), "sad/0a/2.png": png(2)})
        assert [each.given_raw for each in read(path, "image-folder")] == ["happy", "sad"]

    def test_a_code_among_names_of_something_else_is_no_class(self, tmp_path: Path) -> None:
        path = write_tree(tmp_path / "x", {"an/smiles/1.png": png(1), "frowns/2.png": png(2)})
        assert [each.given_raw for each in read(path, "image-folder")] == ["smiles", "frowns"]

    def test_other_files_are_named(self, tmp_path: Path) -> None:
        write_tree(tmp_path / "x", {"happy/1.png": png(1), "happy/notes.docx": b"x", ".DS_Store": b"x"})
        assert facts(read(tmp_path / "x", "image-folder"))[0] == ("happy/notes.docx", "ignored-file")

    def test_folder_zip_and_tar_read_alike(self, tmp_path: Path) -> None:
        files = {"train/happy/1.png": png(1), "train/sad/2.png": png(2)}
        write_tree(tmp_path / "folder", files)
        write_zip(tmp_path / "x.zip", files)
        with tarfile.open(tmp_path / "x.tar.gz", "w:gz") as archive:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        readings = [read(tmp_path / name, "image-folder") for name in ("folder", "x.zip", "x.tar.gz")]
        assert readings[0] == readings[1] == readings[2]


ROWS = [[number, pixel_text(face(number)), usage] for number, usage in enumerate(("Training", "PublicTest"))]


class TestFer2013Csv:
    def test_rows_carry_number_name_and_usage(self, tmp_path: Path) -> None:
        path = tmp_path / "fer2013.csv"
        path.write_bytes(table_text(["emotion", "pixels", "Usage"], ROWS))
        assert facts(read(path, "fer2013-csv")) == [
            ("row:0", "0", "angry", "Training"),
            ("row:1", "1", "disgust", "PublicTest"),
        ]

    def test_spaces_in_the_header_and_another_column_order_do_not_matter(self, tmp_path: Path) -> None:
        path = tmp_path / "icml_face_data.csv"
        path.write_bytes(table_text(["emotion", " Usage", " pixels"], [[e, u, p] for e, p, u in ROWS]))
        assert facts(read(path, "fer2013-csv")) == [
            ("row:0", "0", "angry", "Training"),
            ("row:1", "1", "disgust", "PublicTest"),
        ]

    def test_quoted_pixels_and_windows_line_ends_do_not_matter(self, tmp_path: Path) -> None:
        path = tmp_path / "fer2013.csv"
        text = "".join(f'{e},"{p}",{u}\r\n' for e, p, u in ROWS)
        path.write_bytes(b"\xef\xbb\xbfemotion,pixels,Usage\r\n" + text.encode() + b"\r\n")
        assert [each.data for each in read(path, "fer2013-csv")] == [row[1].encode() for row in ROWS]

    def test_ckextended_adds_contempt(self, tmp_path: Path) -> None:
        path = tmp_path / "ckextended.csv"
        path.write_bytes(table_text(["emotion", "pixels", "Usage"], [[7, ROWS[0][1], "Training"]]))
        assert facts(read(path, "fer2013-csv")) == [("row:0", "7", "contempt", "Training")]

    def test_train_and_test_tables_of_the_competition_are_read_together(self, tmp_path: Path) -> None:
        train = table_text(["emotion", "pixels"], [row[:2] for row in ROWS])
        test = table_text(["pixels"], [[ROWS[0][1]]])
        path = write_zip(tmp_path / "x.zip", {"data/test.csv": test, "data/train.csv": train})
        assert facts(read(path, "fer2013-csv")) == [
            ("data/test.csv:row:0", None, None, "test"),
            ("data/train.csv:row:0", "0", "angry", "train"),
            ("data/train.csv:row:1", "1", "disgust", "train"),
        ]

    def test_the_whole_table_is_preferred_to_its_parts(self, tmp_path: Path) -> None:
        whole = table_text(["emotion", "pixels", "Usage"], ROWS)
        part = table_text(["emotion", "pixels"], [row[:2] for row in ROWS])
        path = write_zip(tmp_path / "x.zip", {"icml_face_data.csv": whole, "train.csv": part})
        assert [each.key for each in read(path, "fer2013-csv")] == ["train.csv", "row:0", "row:1"]

    def test_pictures_beside_the_table_are_counted_as_unread(self, tmp_path: Path) -> None:
        pixels = table_text(["emotion", "pixels", "Usage"], ROWS)
        path = write_tree(tmp_path / "x", {"happy/1.png": png(1), "fer2013.csv": pixels})
        assert FORMATS["fer2013-csv"].read(open_delivery(path), Options("x")).remarks == (
            "1 pictures beside fer2013.csv were not read; `--format` may read them",
        )

    def test_a_row_with_missing_columns_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "fer2013.csv"
        path.write_bytes(table_text(["emotion", "pixels", "Usage"], [ROWS[0], [3], ROWS[1]]))
        _, broken, after = read(path, "fer2013-csv")
        reason = "row 1 of fer2013.csv has 1 columns, expected 3; it was left out"
        assert (broken, after.key) == (Problem("row:1", "broken-row", reason), "row:2")


class TestVotesByRowOrder:
    def tables(self, folder: Path, order: list[int]) -> tuple[Path, Path]:
        emotions = [number % 7 for number in range(70)]
        pixels = pixel_text(face(1))
        (folder / "fer2013.csv").write_bytes(
            table_text(["emotion", "pixels", "Usage"], [[emotion, pixels, "Training"] for emotion in emotions])
        )
        votes = [["Training", f"fer{i:07d}.png", *votes_for(EMOTIONS[emotions[i]], others=2)] for i in order]
        (folder / "fer2013new.csv").write_bytes(table_text(VOTE_HEADER, votes))
        return folder / "fer2013.csv", folder / "fer2013new.csv"

    def test_aligned_votes_are_joined_and_the_agreement_told(self, tmp_path: Path) -> None:
        path, labels = self.tables(tmp_path, list(range(60)))
        reading = FORMATS["fer2013-csv"].read(open_delivery(path), Options("fer", open_delivery(labels)))
        assert reading.remarks == (
            "fer2013new.csv: top vote and given label agree in 100.0% of 60 rows; joined by row order",
        )
        items = list(reading.items)
        assert items[3].panels == (Panel("2017", (0, 0, 0, 8, 0, 0, 0, 0, 2, 0)),)
        assert [bool(each.panels) for each in items] == [True] * 60 + [False] * 10

    def test_shuffled_votes_are_refused_with_the_measured_agreement(self, tmp_path: Path) -> None:
        path, labels = self.tables(tmp_path, [(number * 3 + 1) % 70 for number in range(70)])
        with pytest.raises(LabelTableMismatch, match=r"in \d+\.\d% of 70 rows"):
            read(path, "fer2013-csv", labels)

    def test_a_table_with_more_rows_than_pictures_is_refused(self, tmp_path: Path) -> None:
        path, labels = self.tables(tmp_path, [*range(70), 0])
        with pytest.raises(LabelTableMismatch, match="71 rows for 70 pictures"):
            read(path, "fer2013-csv", labels)

    def test_a_table_that_holds_no_votes_is_refused(self, tmp_path: Path) -> None:
        path, _ = self.tables(tmp_path, [])
        with pytest.raises(SourceUnreadable, match="its first line must be"):
            read(path, "fer2013-csv", path)


class TestFerplus:
    def files(self) -> dict[str, bytes]:
        new = [
            ["Training", "fer0000000.png", *votes_for("happy")],
            ["Training", "", *votes_for("not_a_face")],
            ["Training", "fer0000000.png", *votes_for("sad")],
            ["PublicTest", "fer0000001.png", *votes_for("fear", others=1)],
            ["Training", "fer0000009.png", *votes_for("fear")],
        ]
        old = 'fer0000000.png,"(0, 0, 48, 48)",' + ",".join(map(str, votes_for("surprise"))) + "\n"
        return {
            "FER2013Train/fer0000000.png": png(1),
            "FER2013Train/label.csv": old.encode(),
            "FER2013Valid/fer0000001.png": png(2),
            "FER2013Test/fer0000002.png": png(3),
            "fer2013new.csv": table_text(VOTE_HEADER, new),
        }

    def test_votes_join_by_name_and_panels_stay_apart(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "ferplus.zip", self.files())
        pictures = [each for each in read(path, "ferplus") if isinstance(each, SourceItem)]
        assert [(each.key, each.given_raw, each.split, each.panels) for each in pictures] == [
            (
                "FER2013Train/fer0000000.png",
                None,
                "FER2013Train",
                (Panel("2016", (0, 0, 0, 0, 0, 0, 10, 0, 0, 0)), Panel("2017", (0, 0, 0, 10, 0, 0, 0, 0, 0, 0))),
            ),
            ("FER2013Valid/fer0000001.png", None, "FER2013Valid", (Panel("2017", (0, 0, 9, 0, 0, 0, 0, 0, 1, 0)),)),
            ("FER2013Test/fer0000002.png", None, "FER2013Test", ()),
        ]

    def test_rows_that_cannot_be_joined_are_named(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "ferplus.zip", self.files())
        problems = [each for each in read(path, "ferplus") if isinstance(each, Problem)]
        assert [(each.key, each.kind) for each in problems] == [
            ("fer2013new.csv:row:1", "votes-without-name"),
            ("fer2013new.csv:row:2", "name-twice"),
            ("FER2013Train/fer0000009.png", "votes-without-picture"),
        ]

    def test_pictures_without_any_vote_table_are_read(self, tmp_path: Path) -> None:
        path = write_tree(tmp_path / "x", {"FER2013Train/fer0000000.png": png(1)})
        assert facts(read(path, "ferplus")) == [
            ("", "no-votes"),
            ("FER2013Train/fer0000000.png", None, None, "FER2013Train"),
        ]


class TestCk48:
    def test_subject_and_sequence_come_from_the_name(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "ck48.zip", {"CK+48/anger/S010_004_00000017.png": png(1)})
        (picture,) = read(path, "ck48")
        assert (picture.given_raw, picture.subject, picture.sequence) == ("anger", "ck:S010", "ck:S010_004")

    def test_a_strange_name_is_read_and_noted(self, tmp_path: Path) -> None:
        path = write_zip(tmp_path / "ck48.zip", {"CK+48/anger/face.png": png(1)})
        assert facts(read(path, "ck48")) == [
            ("CK+48/anger/face.png", "unknown-subject"),
            ("CK+48/anger/face.png", "anger", None, None),
        ]


class TestChoice:
    def test_every_layout_is_recognised(self, tmp_path: Path) -> None:
        table = table_text(["emotion", "pixels", "Usage"], ROWS)
        (tmp_path / "table.csv").write_bytes(table)
        layouts = {
            "fer2013-csv": tmp_path / "table.csv",
            "image-folder": write_tree(tmp_path / "f", {"happy/1.png": png(1)}),
            "ferplus": write_zip(tmp_path / "p.zip", TestFerplus().files()),
            "ck48": write_zip(tmp_path / "c.zip", {"CK+48/anger/S010_004_00000017.png": png(1)}),
        }
        assert {name: chosen(path) for name, path in layouts.items()} == {name: name for name in layouts}

    def test_the_more_specific_of_two_formats_is_chosen(self, tmp_path: Path) -> None:
        pixels = table_text(["emotion", "pixels", "Usage"], ROWS)
        labels = b"path,label\nhappy/S010_004_00000017.png,sad\n"
        files = {"happy/S010_004_00000017.png": png(1)}
        layouts = {
            "image-folder": {"happy/1.png": png(1), "t.csv": b"path,label\nhappy/1.png,sad\n"},
            "table": {"a/1.png": png(1), "t.csv": b"path,label\na/1.png,sad\n"},
            "ck48": {**files, "t.csv": labels},
            "fer2013-csv": {"happy/1.png": png(1), "fer2013.csv": pixels},
        }
        assert {name: chosen(write_tree(tmp_path / name, each)) for name, each in layouts.items()} == {
            name: name for name in layouts
        }

    def test_two_equally_good_formats_are_both_named(self, tmp_path: Path) -> None:
        files = {"fer2013.csv": table_text(["emotion", "pixels"], []), "FER2013Train/fer0000000.png": png(1)}
        with pytest.raises(AmbiguousFormat, match=r"fer2013-csv.*ferplus"):
            chosen(write_tree(tmp_path / "x", files))

    def test_an_unknown_layout_lists_what_was_found(self, tmp_path: Path) -> None:
        with pytest.raises(UnknownFormat, match=r"2 files \(\.docx, \.txt\); no format fits"):
            chosen(write_tree(tmp_path / "x", {"a.txt": b"x", "b.docx": b"y"}))

    def test_a_misspelt_format_name_is_put_right(self) -> None:
        with pytest.raises(UnknownFormat, match="did you mean `ck48`"):
            find_format("ck4")
