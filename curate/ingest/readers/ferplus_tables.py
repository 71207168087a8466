"""The two vote tables of FER+: `fer2013new.csv` (panel 2017) and the older `label.csv` (panel 2016).

A table belongs to FER-2013 rows by row order, to FER+ pictures by name. Names are not row numbers: they differ for
almost every row.
"""

from dataclasses import dataclass

import numpy as np

from curate.emotions import LABEL_INDEX, LABELS, canonical_label
from curate.errors import LabelTableMismatch, SourceUnreadable
from curate.ingest.delivery import Delivery
from curate.ingest.readers.picture_tables import table_rows
from curate.labels import UNRESOLVED, plurality
from curate.sample import Panel, Problem

__all__ = ["MIN_AGREEMENT", "NEW_TABLE", "OLD_TABLE", "VoteRow", "agreement", "read_new_table", "read_old_table"]

NEW_TABLE, OLD_TABLE = "fer2013new.csv", "label.csv"
MIN_AGREEMENT = 0.45
"""Below this share of rows whose top vote is the given label, table and pictures do not belong together. Measured:
0.646 when rows line up, about 0.18 when they are shuffled."""

_LONGEST_NUMBER = 9
"""Digits of a vote count; Python refuses to convert thousands of them."""
_COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "nf")
"""The ten vote columns, in file order. Source: https://github.com/microsoft/FERPlus, fer2013new.csv."""
_COLUMN_OF = {canonical_label(name) or "not_a_face": column for column, name in enumerate(_COLUMNS)}


@dataclass(frozen=True, slots=True)
class VoteRow:
    """One row of a vote table.

    Attributes:
        number: of the row, 0-based, without the header.
        usage: as delivered (`Training`); empty in the older table.
        picture: file name; empty where FER+ left the picture out.
        panel: the votes; None where the row is broken.
    """

    number: int
    usage: str
    picture: str
    panel: Panel | None


def read_new_table(delivery: Delivery, path: str) -> list[VoteRow]:
    """All rows of fer2013new.csv.

    Raises:
        SourceUnreadable: not such a table, or not text.
    """
    rows = table_rows(delivery, path)
    header = [name.strip().casefold() for name in next(rows, [])]
    if header[:2] != ["usage", "image name"] or tuple(header[2:12]) != _COLUMNS:
        raise SourceUnreadable(
            f"{path} is no FER+ vote table: its first line must be Usage,Image name,{','.join(_COLUMNS)}"
        )
    return [
        VoteRow(number, _field(row, 0), _field(row, 1), _panel("2017", row[2:12])) for number, row in enumerate(rows)
    ]


def read_old_table(delivery: Delivery, path: str) -> list[VoteRow]:
    """All rows of a label.csv: no header; name, optionally a face box, ten counts."""
    return [
        VoteRow(number, "", _field(row, 0), _panel("2016", row[max(1, len(row) - len(_COLUMNS)) :]))
        for number, row in enumerate(table_rows(delivery, path))
    ]


def broken_votes(path: str, row: VoteRow) -> Problem:
    """The problem of a row without usable counts."""
    reason = f"row {row.number} of {path} does not hold ten vote counts; its votes were left out"
    return Problem(f"{path}:row:{row.number}", "broken-votes", reason)


def agreement(labels: list[str | None], rows: list[VoteRow]) -> tuple[float, int]:
    """How often the top vote is the given label of the same row.

    Args:
        labels: canonical given label per row of the picture table.
        rows: the vote table.

    Returns:
        Share in [0, 1] of rows with a strict top vote and a given label, and how many such rows there are.
    """
    paired = [(label, row.panel) for label, row in zip(labels, rows, strict=False) if label and row.panel]
    if not paired:
        return 0.0, 0
    top = plurality(np.array([panel.counts for _, panel in paired]))
    given = np.array([LABEL_INDEX[label] for label, _ in paired])
    clear = top != UNRESOLVED
    return (float((top == given)[clear].mean()) if clear.any() else 0.0), int(clear.sum())


def check_rows_line_up(table: str, labels: list[str | None], rows: list[VoteRow]) -> str:
    """Refuse votes that belong to other pictures.

    Returns:
        The agreement, in words.

    Raises:
        LabelTableMismatch: more rows than pictures, or agreement below `MIN_AGREEMENT`.
    """
    if len(rows) > len(labels):
        raise LabelTableMismatch(f"{table} has {len(rows):,} rows for {len(labels):,} pictures; it belongs elsewhere")
    share, compared = agreement(labels, rows)
    if share < MIN_AGREEMENT:
        raise LabelTableMismatch(
            f"{table} does not line up with these pictures, row by row: the top vote is the given label in {share:.1%} "
            f"of {compared:,} rows (about 65 % when rows line up, below {MIN_AGREEMENT:.0%} is refused); nothing was "
            "taken in. Use the table in its original row order"
        )
    return f"{table}: top vote and given label agree in {share:.1%} of {compared:,} rows; joined by row order"


def _field(row: list[str], index: int) -> str:
    return row[index].strip() if index < len(row) else ""


def _panel(name: str, fields: list[str]) -> Panel | None:
    counts = [int(text) for text in fields if text.strip().isdecimal() and len(text) <= _LONGEST_NUMBER]
    if len(counts) != len(_COLUMNS) or max(counts) > np.iinfo(np.int16).max:
        return None
    return Panel(name, tuple(counts[_COLUMN_OF[label]] for label in LABELS))
