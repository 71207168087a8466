"""`curate labels import`: a colleague's table becomes decisions, by keys that can mean one picture alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from layouts import png, write_tree
from test_cli import run

from curate.errors import LabelTableMismatch
from curate.ingest import ingest_source
from curate.review import import_labels
from curate.workspace import Workspace

AT = "2026-01-02T12:00:00+00:00"


@pytest.fixture
def filled(workspace: Workspace, tmp_path: Path) -> Workspace:
    for name in ("one", "two"):
        ingest_source(
            workspace, write_tree(tmp_path / name, {f"happy/{n}.png": png(n + 10 * (name == "two")) for n in range(3)})
        )
    ingest_source(workspace, write_tree(tmp_path / "three", {"sad/only.png": png(50), "grin/g.png": png(51)}))
    return workspace


def write(folder: Path, *lines: str, name: str = "ann.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def sample(workspace: Workspace, source: str, key: str) -> str:
    table = workspace.occurrences()
    return str(table.loc[(table["source"] == source) & (table["key"] == key), "sample_id"].item())


def decided(workspace: Workspace) -> list[tuple[Any, ...]]:
    log = workspace.decisions()[["kind", "sample_id", "label", "shown", "reviewer", "screen"]]
    return list(log.itertuples(index=False, name=None))


def test_rows_become_decisions_that_relabel_where_they_differ_and_confirm_where_they_agree(
    filled: Workspace, tmp_path: Path
) -> None:
    one, two = sample(filled, "one", "happy/0.png"), sample(filled, "three", "grin/g.png")
    path = write(tmp_path, "sample_id,label", f"{one},happiness", f"{two},Surprised")
    report = import_labels(filled, path, reviewer="Ann", at=AT)
    assert (report.rows, report.relabelled, report.confirmed, report.written) == (2, 1, 1, True)
    assert decided(filled) == [
        ("confirm", one, "happy", "happy", "Ann", "import"),
        ("relabel", two, "surprise", "", "Ann", "import"),
    ]
    assert filled.samples().set_index("sample_id").loc[two, ["label", "label_origin", "label_by"]].tolist() == [
        "surprise", "reviewed", "Ann",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("source,key,label", "two,happy/1.png,sad"),
        ("path;emotion", "two/happy/1.png;sad"),
        ("file,class", "only.png,sad"),
        ("Image Name\texpression", "sad/only.png\tsad"),
    ],
)
def test_pictures_are_found_by_source_and_key_or_by_a_path_that_only_one_has(
    filled: Workspace, tmp_path: Path, header: str, row: str
) -> None:
    report = import_labels(filled, write(tmp_path, header, row), reviewer="ann", at=AT)
    assert (report.relabelled + report.confirmed, report.left_out) == (1, ())


def test_what_cannot_be_meant_is_listed_with_its_row_and_the_rest_is_taken(filled: Workspace, tmp_path: Path) -> None:
    lines = [
        "file,label",
        "0.png,sad",
        "nowhere.png,sad",
        "only.png,grinning",
        "g.png,happy",
        ",sad",
        "sad/only.png,fear",
    ]
    report = import_labels(filled, write(tmp_path, *lines, "three/sad/only.png,angry"), reviewer="ann", at=AT)
    assert [(each.row, each.kind) for each in report.left_out] == [
        (0, "ambiguous-key"), (1, "unknown-key"), (2, "unknown-label"), (4, "no-key"), (5, "contradiction"),
        (6, "contradiction"),
    ]  # fmt: skip
    assert report.left_out[0].reason == "0.png may be any of 2 pictures here"
    assert [line[1:3] for line in decided(filled)] == [(sample(filled, "three", "grin/g.png"), "happy")]


def test_a_dry_run_writes_nothing_and_a_second_import_adds_nothing(filled: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, "file,label", "only.png,fear", "g.png,happy")
    dry = import_labels(filled, path, reviewer="ann", at=AT, dry_run=True)
    assert (dry.relabelled, dry.written, decided(filled)) == (2, False, [])
    import_labels(filled, path, reviewer="ann", at=AT)
    again = import_labels(filled, path, reviewer="ann", at=AT)
    assert (again.relabelled, again.known, again.written, len(decided(filled))) == (0, 2, False, 2)
    more = import_labels(
        filled, write(tmp_path, "file,label", "only.png,fear", "happy/0.png,sad", "g.png,fear"), reviewer="ann", at=AT
    )
    assert (more.known, more.relabelled, len(decided(filled))) == (1, 1, 3)


def test_a_second_import_does_not_undo_what_the_reviewer_decided_since(filled: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, "file,label", "only.png,fear")
    import_labels(filled, path, reviewer="ann", at=AT)
    import_labels(filled, write(tmp_path, "file,label", "only.png,angry", name="later.csv"), reviewer="ann", at=AT)
    assert import_labels(filled, path, reviewer="ann", at=AT).written is False
    assert filled.samples().set_index("sample_id")["label"][sample(filled, "three", "sad/only.png")] == "angry"


@pytest.mark.parametrize("lines", [("a,b", "1,2"), ("file,label", "nowhere.png,sad"), ("label", "sad"), ()])
def test_a_table_of_other_pictures_is_refused(filled: Workspace, tmp_path: Path, lines: tuple[str, ...]) -> None:
    with pytest.raises(LabelTableMismatch):
        import_labels(filled, write(tmp_path, *lines), reviewer="ann", at=AT)
    assert decided(filled) == []


def test_an_apostrophe_that_guards_against_formulas_is_taken_off(workspace: Workspace, tmp_path: Path) -> None:
    ingest_source(workspace, write_tree(tmp_path / "x", {"happy/=1.png": png(1)}))
    report = import_labels(workspace, write(tmp_path, "file,label", "'=1.png,sad"), reviewer="ann", at=AT)
    assert report.relabelled == 1


def test_the_command_says_what_was_done_and_as_whom(filled: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, "file,label", "only.png,fear", "0.png,sad", "g.png,happy")
    here = ("--workspace", filled.folder)
    dry = run("labels", "import", path, "--dry-run", *here).stdout
    assert "ann: 2 labels would change, 0 be confirmed; nothing was written (--dry-run)" in dry
    assert "0.png may be any of 2 pictures here" in dry
    taken = run("labels", "import", path, *here)
    assert "ann: 2 labels changed, 0 confirmed" in taken.stdout
    assert taken.stderr.startswith("next: `curate ")
    assert "ann: 0 labels changed, 0 confirmed, 2 said before" in run("labels", "import", path, *here).stdout
    found = json.loads(run("labels", "import", path, "--reviewer", "bob", "--json", *here).stdout)
    assert (found["reviewer"], found["confirmed"], found["left_out"][0]["kind"]) == ("bob", 2, "ambiguous-key")
