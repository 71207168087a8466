"""Versions on disk: sealed, whole or absent; damage and leaks are found."""

import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from layouts import png, write_tree

from curate.errors import VersionDamaged, VersionError, VersionExists, VersionNotFound
from curate.ingest import ingest_source
from curate.manifest import Header, Tables, Version, diff_versions, gold_digest, verify_version, write_version
from curate.manifest.files import HEADER_NAME, TABLES, check_name, read_header, read_sealed, seal
from curate.manifest.schema import EDGES, OCCURRENCES, ROWS, content_digest, table_of
from curate.workspace import Workspace

FREEZE = "import sys; from curate.cli import main; sys.argv = ['curate', 'freeze', *sys.argv[1:]]; main()"


def write(manifests: Path, name: str, rows: list[dict[str, object]], edges: list[tuple[str, ...]] = ()) -> None:
    """A version of rows given by sample_id, label and split; the rest is made up so that it fits."""
    full = [{"lineage_id": row["sample_id"], "gold": False, **row} for row in rows]
    gold = [str(row["sample_id"]) for row in full if row["gold"]]
    columns = {field: [row.get(field) for row in full] for field in ROWS.names}
    counts: dict[str, Counter[str]] = {}
    for row in full:
        counts.setdefault(str(row["split"]), Counter())[str(row["label"])] += 1
    header = Header.from_json({
        "name": name, "line": name, "parent": None, "created": f"2026-01-01T00:00:{len(list(manifests.glob('*'))):02d}",
        "classes": ["happy", "sad"], "rows": len(full), "counts": {split: dict(part) for split, part in counts.items()},
        "gold": {"rows": len(gold), "digest": gold_digest(gold)}, "withdrawn": [], "derived": None,
    })  # fmt: skip
    evidence = {field: [edge[place] for edge in edges] for place, field in enumerate(EDGES.names)}
    occurrences = table_of(OCCURRENCES, {"sample_id": []})
    write_version(manifests, header, Tables(table_of(ROWS, columns), occurrences, table_of(EDGES, evidence)))


def rows_of(*specifications: str) -> list[dict[str, object]]:
    """Rows from texts such as `aa happy train`."""
    return [dict(zip(("sample_id", "label", "split"), text.split(), strict=True)) for text in specifications]


def findings(manifests: Path, name: str) -> list[tuple[str, str]]:
    seen = verify_version(manifests, name, state=manifests / "nowhere")
    return [(finding.kind, finding.text) for finding in seen.findings]


def test_a_sealed_text_tells_every_flipped_bit(tmp_path: Path) -> None:
    path = tmp_path / "sealed.json"
    sealed = seal({"name": "v1", "files": {"a": "0" * 64}, "tools": ["ä", 1.5, None]})
    path.write_bytes(sealed)
    assert read_sealed(path)["tools"] == ["ä", 1.5, None]
    for bit in range(len(sealed) * 8):
        damaged = bytearray(sealed)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(VersionDamaged):
            read_sealed(path)


def test_a_whole_version_has_no_findings(tmp_path: Path) -> None:
    write(tmp_path, "v1", rows_of("aa happy train", "bb sad test"))
    assert findings(tmp_path, "v1") == []


@pytest.mark.parametrize("name", [*TABLES, HEADER_NAME])
def test_flipped_bits_are_found(name: str, tmp_path: Path) -> None:
    write(tmp_path, "v1", rows_of("aa happy train", "bb sad test"), [("aa", "cc", "copy", None)])
    path = tmp_path / "v1" / name
    whole = path.read_bytes()
    for bit in np.random.default_rng(5).choice(len(whole) * 8, 40, replace=False).tolist():
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        assert findings(tmp_path, "v1") != []


def test_missing_and_foreign_files_are_found(tmp_path: Path) -> None:
    write(tmp_path, "v1", rows_of("aa happy train"))
    (tmp_path / "v1" / "notes.txt").write_text("mine")
    (tmp_path / "v1" / "edges.parquet").unlink()
    assert [kind for kind, _ in findings(tmp_path, "v1")] == ["file", "file"]


def test_an_edge_between_splits_is_printed(tmp_path: Path) -> None:
    rows = rows_of("aa happy train", "bb happy test", "cc sad val")
    rows[1]["lineage_id"] = "aa"
    write(tmp_path, "v1", rows, [("aa", "bb", "subject", "ck:S005")])
    assert findings(tmp_path, "v1") == [("leak", "aa and bb (subject ck:S005) lie in train and test")]


def test_a_leak_through_a_picture_that_was_left_out_is_found(tmp_path: Path) -> None:
    rows = rows_of("aa happy train", "cc happy test")
    rows[1]["lineage_id"] = "aa"
    write(tmp_path, "v1", rows, [("aa", "bb", "copy", None), ("bb", "cc", "mirrored", None)])
    assert findings(tmp_path, "v1") == [("leak", "1 lineage groups lie in two splits, such as that of aa and cc")]


def test_a_lineage_that_the_edges_do_not_give_is_found(tmp_path: Path) -> None:
    write(tmp_path, "v1", rows_of("aa happy train", "bb happy train"), [("aa", "bb", "copy", None)])
    assert findings(tmp_path, "v1") == [
        ("lineage", "1 rows are not in the lineage group of their edges, such as bb")
    ]  # fmt: skip


def test_gold_rows_outside_test_are_found(tmp_path: Path) -> None:
    rows = rows_of("aa happy train", "bb sad test")
    rows[0]["gold"] = True
    write(tmp_path, "v1", rows)
    assert findings(tmp_path, "v1") == [("gold", "gold rows lie outside the test split")]


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    write(tmp_path, "v1", rows_of("aa happy train"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "v1").iterdir()}
    with pytest.raises(VersionExists):
        write(tmp_path, "v1", rows_of("bb sad train"))
    assert {path.name: path.read_bytes() for path in (tmp_path / "v1").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "-x", "none", "x" * 81, "é", "a\n"])
def test_names_that_are_no_folder_names_are_refused(name: str) -> None:
    with pytest.raises(VersionError):
        check_name(name)


def test_an_unknown_version_names_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path, "v1", rows_of("aa happy train"))
    with pytest.raises(VersionNotFound, match="known: v1"):
        read_header(tmp_path, "v2")


def test_the_content_digest_does_not_depend_on_chunks() -> None:
    rows = [{"sample_id": f"{number:02d}", "label": "happy" if number % 3 else None} for number in range(20)]
    whole = table_of(ROWS, {name: [row.get(name) for row in rows] for name in ROWS.names})
    parts = pa.concat_tables([whole.slice(0, 7), whole.slice(7, 1), whole.slice(8)])
    assert content_digest(parts) == content_digest(whole)
    assert content_digest(whole.slice(1)) != content_digest(whole)


def test_who_labelled_does_not_change_the_digest_and_what_does() -> None:
    def digest(**values: object) -> str:
        return content_digest(table_of(ROWS, {name: [values.get(name)] for name in ROWS.names}))

    assert digest(label="happy", label_by="ann") == digest(label="happy", label_by="bob")
    assert digest(label="happy") != digest(label="sad")
    assert digest(votes_happy=0) != digest(votes_happy=None)
    assert digest(held="") != digest(held=None)


def test_a_diff_tells_all_changes(tmp_path: Path) -> None:
    write(tmp_path, "v1", rows_of("aa happy train", "bb sad train", "cc sad val", "dd happy test"))
    write(tmp_path, "v2", rows_of("aa happy train", "bb happy train", "cc sad train", "ee sad test"))
    changed = diff_versions(*(Version(tmp_path, name, state=tmp_path) for name in ("v1", "v2")))
    assert changed.same == 1
    assert changed.added["sample_id"].tolist() == ["ee"]
    assert changed.removed[["sample_id", "why"]].values.tolist() == [["dd", "no source of v2 delivers it"]]
    assert changed.relabelled[["sample_id", "label_a", "label_b"]].values.tolist() == [["bb", "sad", "happy"]]
    assert changed.moved[["sample_id", "split_a", "split_b"]].values.tolist() == [["cc", "val", "train"]]
    assert [
        (each.label, each.before, each.after, each.added, each.removed, each.relabelled_to, each.relabelled_from)
        for each in changed.classes
    ] == [("happy", 2, 2, 0, 1, 1, 0), ("sad", 2, 2, 1, 0, 0, 1)]


def test_augmented_rows_are_told_by_parent_and_transform(tmp_path: Path) -> None:
    rows = [
        {"sample_id": name, "label": "happy", "split": "train", "parent": "aa", "transform": turn, "lineage_id": "aa"}
        for name, turn in (("aa", "identity"), ("bb", "rot90"), ("aa", "rot270"))
    ]
    write(tmp_path, "v1", rows, [("aa", "bb", "augmented-from", "rot90")])
    write(tmp_path, "v2", [{**row, "label": "sad"} for row in rows[1:]], [("aa", "bb", "augmented-from", "rot90")])
    changed = diff_versions(*(Version(tmp_path, name, state=tmp_path) for name in ("v1", "v2")))
    assert (len(changed.added), len(changed.removed), len(changed.relabelled)) == (0, 1, 2)


@pytest.fixture(scope="module")
def kill_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = Workspace.create(tmp_path_factory.mktemp("kills") / "workspace")
    files = {f"{('happy', 'sad')[number % 2]}/{number}.png": png(number) for number in range(200)}
    ingest_source(workspace, write_tree(tmp_path_factory.mktemp("faces"), files))
    return workspace.folder


@pytest.mark.parametrize("number", range(10))
def test_a_killed_freeze_leaves_a_whole_version_or_none(number: int, kill_place: Path, tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    shutil.copytree(kill_place, folder)
    process = subprocess.Popen(
        [sys.executable, "-c", FREEZE, "v1", "--workspace", str(folder)], stdout=subprocess.DEVNULL
    )
    draft = folder / "manifests" / ".v1.draft"
    while process.poll() is None and not draft.exists():
        time.sleep(0.0005)
    time.sleep(number * 0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    workspace = Workspace(folder)
    if workspace.version_names():
        assert verify_version(workspace.manifests, "v1", state=workspace.state).findings == ()
    else:
        subprocess.run(
            [sys.executable, "-c", FREEZE, "v1", "--workspace", str(folder)], check=True, capture_output=True
        )
    assert [path.name for path in workspace.manifests.iterdir()] == ["v1"]
