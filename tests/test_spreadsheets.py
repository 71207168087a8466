"""No text from a file becomes a formula in a spreadsheet; programs get what there is."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from layouts import png, write_tree
from released import NOON

from curate.catalog.decisions import append_decisions
from curate.decisions import Decision
from curate.ingest import ingest_source
from curate.review.overview import log_to_csv
from curate.spreadsheets import to_csv, write_csv
from curate.version import freeze_version
from curate.version.export import export_version
from curate.workspace import Workspace

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://a";"b")']


def test_texts_that_begin_a_formula_are_marked_as_text() -> None:
    texts = [*HOSTILE, "happy", "", "a=b", "'=1", "a\r=1"]
    table = pd.DataFrame({"text": pd.array([*texts, None], dtype="str"), "number": [-1.5] * 13})
    rows = list(csv.DictReader(io.StringIO(to_csv(table), newline="")))
    assert [row["text"] for row in rows] == [f"'{text}" for text in HOSTILE] + texts[7:] + [""]
    assert {row["number"] for row in rows} == {"-1.5"}


@pytest.mark.parametrize("dtype", ["object", "str", "string", "category"])
def test_every_kind_of_text_column_is_looked_at(dtype: str) -> None:
    table = pd.DataFrame({"=column": pd.Series(["=1", "b"]).astype(dtype)})
    assert to_csv(table).splitlines()[1:] == ["'=1", "b"]


def test_a_table_is_written_as_it_is_told(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": ["b\r\n=1", "é"]})
    write_csv(table, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().decode() == to_csv(table)


def test_the_log_of_decisions_holds_no_formula() -> None:
    line = Decision(
        action="a" * 32,
        kind="relabel",
        sample_id="b" * 64,
        label="sad",
        reviewer="=cmd|' /C calc'!A0",
        at="2026-01-01",
        note="+1",
    )
    (row,) = csv.DictReader(io.StringIO(log_to_csv([line])))
    assert (row["reviewer"], row["note"], row["label"]) == ("'=cmd|' /C calc'!A0", "'+1", "sad")


def test_an_export_for_programs_says_what_there_is(workspace: Workspace, tmp_path: Path) -> None:
    tree = {f"{label}/{number}.png": png(10 * number + len(label)) for label in ("happy", "sad") for number in range(9)}
    ingest_source(workspace, write_tree(tmp_path / "faces", tree), name="=faces")
    name = workspace.samples()["sample_id"][0]
    with workspace.catalog() as catalog:
        line = Decision(
            action="a" * 32,
            kind="relabel",
            sample_id=name,
            label="sad",
            reviewer="=1",
            at="2026-01-01T00:00:00+00:00",
            given="happy",
        )
        append_decisions(catalog, [line])
    export_version(freeze_version(workspace, "v1", created=NOON), tmp_path / "out", to="csv")
    rows = pd.read_csv(tmp_path / "out" / "rows.csv")
    assert set(rows["label_by"].dropna()) == {"=1"}
