"""`csv`: the rows of a version as one table, without pictures.

It is for programs and reads back as it is. Whoever opens it in a spreadsheet program should import its columns as text:
names of sources and reviewers that begin with `=`, `+`, `-` or `@` would be taken for formulas.
"""

from pyarrow import csv

from curate.version.export.writing import Export, Work, Written, rows_with_origins

__all__ = ["ROWS_CSV"]


def _write(work: Work) -> Written:
    rows = rows_with_origins(work.version)
    csv.write_csv(rows, work.folder / "rows.csv")
    return Written(len(rows), files=1)


ROWS_CSV = Export(
    name="csv", summary="rows.csv: every row with its label, split, lineage and votes; no pictures", write=_write
)
"""Columns are those of `Version.rows`, and where each picture was delivered; empty = missing."""
