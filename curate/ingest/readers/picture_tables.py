"""Tables that name pictures and their labels: where they are in a delivery, and which picture each row means."""

import csv
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from curate.emotions import canonical_label, is_code
from curate.errors import SourceUnreadable
from curate.ingest.delivery import READ_ERRORS, Delivery, Member
from curate.ingest.reading import PICTURE_SUFFIXES
from curate.sample import Problem, official_split
from curate.spreadsheets import DELIMITERS, KEY_COLUMNS, LABEL_COLUMNS, find_columns, read_rows

__all__ = [
    "Finder",
    "PictureTable",
    "TableRow",
    "find_picture_tables",
    "naming_tables",
    "read_picture_table",
    "table_rows",
]

_COLUMNS: Mapping[str, Sequence[str]] = {
    "path": KEY_COLUMNS,
    "label": LABEL_COLUMNS,
    "split": ("split", "usage", "set", "subset"),
    "subject": ("subject", "person", "id_person", "subject_id", "person_id", "identity"),
    "sequence": ("sequence", "video", "clip", "sequence_id", "video_id", "clip_id"),
}
_NOT_OF_PICTURES = ("pixels", "lineage_id")
"""Columns of tables that other readers read: of pixels, and of curate's own exports."""

_ESCAPED = re.compile(r"\\x[0-9a-f]{2}")
"""A byte that is no text."""

_TABLE_SUFFIXES = (".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class PictureTable:
    """A table of pictures.

    Attributes:
        member: the file.
        delimiter: between its columns.
        header: whether its first row names them.
        columns: what it holds (path, label, split, subject, sequence) -> index of the column.
        split: what its name says; None = nothing.
    """

    member: Member
    delimiter: str
    header: bool
    columns: Mapping[str, int]
    split: str | None


class TableRow(NamedTuple):
    """What one row says; empty texts are None.

    Attributes:
        key: `TABLE:row:N`, 0-based without the header.
    """

    key: str
    path: str | None
    label: str | None
    split: str | None
    subject: str | None
    sequence: str | None


def table_rows(delivery: Delivery, path: str, *, delimiter: str = ",") -> Iterator[list[str]]:
    """`spreadsheets.read_rows` of a file of a delivery.

    Raises:
        SourceUnreadable: the table breaks off here.
    """
    try:
        yield from read_rows(delivery.open(path), delimiter=delimiter)
    except (*READ_ERRORS, csv.Error) as error:
        raise SourceUnreadable(f"{path} breaks off or is no table: {error}; fetch it again") from None


def find_picture_tables(delivery: Delivery) -> list[PictureTable]:
    """All tables that have a column of paths and one of labels, by their first rows."""
    likely = [member for member in delivery.members if member.suffix in _TABLE_SUFFIXES]
    tables = (next(filter(None, (_table(delivery, member, each) for each in DELIMITERS)), None) for member in likely)
    return [table for table in tables if table]


def read_picture_table(delivery: Delivery, table: PictureTable) -> Iterator[TableRow | Problem]:
    """The rows of a table; a last problem where it breaks off."""
    path = table.member.path
    try:
        rows = table_rows(delivery, path, delimiter=table.delimiter)
        for number, row in enumerate(islice(rows, int(table.header), None)):
            key = f"{path}:row:{number}"
            cells = {name: row[column].strip() for name, column in table.columns.items() if column < len(row)}
            if "label" not in cells or not cells.get("path"):
                yield Problem(key, "broken-row", f"row {number} of {path} names no picture and label; it was left out")
                continue
            texts = {name: cells.get(name) or None for name in _COLUMNS}
            yield TableRow(key, **{**texts, "split": texts["split"] or table.split})
    except SourceUnreadable as error:
        yield Problem(path, "broken-table", str(error))


class Finder:
    """Which picture a path in a table means: that path from the table's folder or from the top, or the only like it."""

    def __init__(self, pictures: Sequence[Member]) -> None:
        self._paths = {member.path for member in pictures}
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for member in pictures:
            name = member.parts[-1]
            self._by_name[name].append(member.path)
            self._by_name[posixpath.splitext(name)[0]].append(member.path)

    def find(self, table: Member, row: TableRow) -> str | Problem:
        """The path of the picture in the delivery, or why there is none; nothing outside is ever looked at."""
        written = row.path or ""
        if not _ESCAPED.search(written):  # as in the names of files
            written = written.replace("\\", "/")
        folder = posixpath.dirname(table.path)
        inside = posixpath.normpath(posixpath.join(folder, written))
        if written.startswith("/") or written[1:2] == ":" or inside.split("/")[0] == "..":
            return Problem(row.key, "refused-path", f"{row.path} leads out of the delivery; the row was left out")
        plain = posixpath.normpath(written)
        exact = next((path for path in (inside, plain) if path in self._paths), None)
        if exact is not None:
            return exact
        alike = [path for path in self._by_name.get(plain.rpartition("/")[2], ()) if _ends_like(path, plain)]
        if len(alike) == 1:
            return alike[0]
        if alike:
            reason = f"{row.path} may be any of {len(alike):,} pictures, such as {alike[0]}; the row was left out"
            return Problem(row.key, "ambiguous-picture", reason)
        return Problem(row.key, "missing-picture", f"{row.path} is not there; the row was left out")


def naming_tables(delivery: Delivery, pictures: Sequence[Member]) -> list[PictureTable]:
    """Those tables that name any of the pictures."""
    finder = Finder(pictures)

    def names_any(table: PictureTable) -> bool:
        rows = (row for row in read_picture_table(delivery, table) if isinstance(row, TableRow))
        return any(isinstance(finder.find(table.member, row), str) for row in rows)

    return [table for table in find_picture_tables(delivery) if names_any(table)]


def _ends_like(path: str, written: str) -> bool:
    """Whether a path ends in another, whose suffix may be missing."""
    suffix = posixpath.splitext(path)[1]
    return any(f"/{path}".endswith(f"/{written}{more}") for more in ("", suffix))


def _table(delivery: Delivery, member: Member, delimiter: str) -> PictureTable | None:
    try:
        rows = list(islice(table_rows(delivery, member.path, delimiter=delimiter), 2))
    except SourceUnreadable:
        return None
    first = [cell.strip() for cell in rows[0]] if rows else []
    if any(name.casefold() in _NOT_OF_PICTURES for name in first):
        return None
    columns, header = find_columns(first, _COLUMNS), True
    if not columns.keys() >= {"path", "label"}:
        columns, header = _columns_without_header(first), False
    if not columns:
        return None
    words = re.split(r"[^A-Za-z]+", posixpath.splitext(member.parts[-1])[0])
    split = next((word for word in words if official_split(word)), None)
    return PictureTable(member, delimiter, header, columns, split)


def _columns_without_header(row: Sequence[str]) -> dict[str, int]:
    """By the first row: a picture's name, and an emotion's."""
    paths = [column for column, cell in enumerate(row) if posixpath.splitext(cell)[1].casefold() in PICTURE_SUFFIXES]
    labels = [column for column, cell in enumerate(row) if canonical_label(cell) or is_code(cell)]
    return {"path": paths[0], "label": labels[0]} if len(paths) == len(labels) == 1 else {}
