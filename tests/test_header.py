"""The header of a version: typed, by key, and back to the same JSON."""

import json
from pathlib import Path

import pytest

from curate.errors import VersionDamaged
from curate.manifest import Derivation, Header, Parent
from curate.manifest.files import HEADER_NAME, read_header, seal
from curate.manifest.header import Chosen, GoldTest, SplitRepair, Withdrawal

EDGE = {"sample_a": "a", "sample_b": "b", "kind": "copy", "detail": None}
WHOLE = {
    "created": "2026-01-01", "name": "v2", "line": "v1", "parent": {"name": "v1", "digest": "ab"}, "of_tomorrow": [1],
    "counts": {"train": {"happy": 3}}, "gold": {"rows": 2, "digest": "cd", "edition": 7}, "classes": ["happy", "sad"],
    "withdrawn": [{"sample_id": "a", "split": "val", "edge": EDGE}], "ratios": [0.8, 0.1, 0.1],
    "moved": [{"from_split": "test", "to_split": "train", "kind": "copy", "rows": 4}],
    "labels": [{"joy": "happy"}, {"raf": {"1": "sad"}}], "chosen": {"only": ["raf"]},
    "derived": {"recipe": {"name": "x4", "transforms": []}, "splits": "train"},
    "search": {"done": True, "thorough": True, "complete": True, "doubtful": 5},
}  # fmt: skip


def test_its_parts_are_values() -> None:
    header = Header.from_json(WHOLE)
    assert (header.name, header.line, header.parent, header.parent_name) == ("v2", "v1", Parent("v1", "ab"), "v1")
    assert header.gold == GoldTest(2, "cd")
    assert (header.classes, header.ratios, header.chosen) == (("happy", "sad"), (0.8, 0.1, 0.1), Chosen(only=("raf",)))
    assert (header.labels, header.source_labels) == ({"joy": "happy"}, {"raf": {"1": "sad"}})
    assert header.withdrawn == (Withdrawal("a", "val", EDGE),)
    assert header.moved == (SplitRepair("test", "train", "copy", 4),)
    assert (header.counts["train"]["happy"], header.counts["test"]["sad"]) == (3, 0)
    assert header.split_sizes == {"train": 3, "val": 0, "test": 0}
    assert header.derived == Derivation({"name": "x4", "transforms": []}, "train")
    assert (header.search.name, header.doubtful, header.doubtful_across_splits) == ("thorough", 5, 0)


def test_it_writes_what_it_read_in_the_same_order_with_what_it_does_not_know() -> None:
    assert json.dumps(Header.from_json(WHOLE).to_json()) == json.dumps(WHOLE)


def test_a_header_of_an_older_release_says_less() -> None:
    header = Header.from_json({"name": "v0"})
    assert (header.parent, header.serial, header.patches, header.chosen) == (None, 0, (), None)
    assert (header.search.done, header.recipe, header.gold.rows, header.digest) == (False, None, 0, "")
    assert header.to_json() == {"name": "v0"}


def test_it_reads_by_key_like_the_file() -> None:
    header = Header.from_json(WHOLE)
    assert header["parent"]["name"] == "v1"
    assert header["gold"] == {"rows": 2, "digest": "cd", "edition": 7}
    assert header["classes"] == ["happy", "sad"]
    assert (header.get("patches"), "patches" in header, "of_tomorrow" in header) == (None, False, True)
    assert dict(header) == WHOLE == header
    with pytest.raises(KeyError):
        header["patches"]


def test_two_headers_are_equal_when_their_files_are() -> None:
    assert Header.from_json(WHOLE) == Header.from_json(dict(WHOLE))
    assert Header.from_json(WHOLE) != Header.from_json({**WHOLE, "serial": 3})


def test_a_header_that_says_something_else_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / HEADER_NAME).write_bytes(seal({**WHOLE, "parent": 3}))
    with pytest.raises(VersionDamaged, match="is no header of a version"):
        read_header(tmp_path, "v1")
