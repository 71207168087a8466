"""`fer2013-csv`: tables with a `pixels` column of 48x48 = 2,304 gray values, one picture a row.

fer2013.csv, icml_face_data.csv (spaces in its header), ckextended.csv, and train.csv / test.csv (without labels).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import PurePosixPath

from curate.emotions import FER2013_IDS, canonical_label
from curate.errors import SourceUnreadable
from curate.ingest.delivery import READ_ERRORS, Delivery, Member
from curate.ingest.readers.ferplus_tables import VoteRow, broken_votes, check_rows_line_up, read_new_table
from curate.ingest.reading import Format, Options, Reading, Recognition, Specificity, ignored_files, pictures_in
from curate.sample import Problem, SourceItem, official_split

__all__ = ["FER2013_CSV"]

_CKEXTENDED_IDS = {**FER2013_IDS, 7: "contempt"}
"""`emotion` column of ckextended.csv, which keeps FER-2013's numbers and adds contempt."""
_NAMES = {str(number): label for number, label in _CKEXTENDED_IDS.items()}
_NUMBERINGS = {"FER-2013, ExpW": FER2013_IDS, "CK+ as a table": _CKEXTENDED_IDS}
"""Source of ExpW: http://mmlab.ie.cuhk.edu.hk/projects/socialrelation/index.html, readme of label.lst."""

_LONGEST_ROW_BYTES = 2**17
_HEAD_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class _CsvTable:
    """One table of pictures and where its columns are; None = it has no such column."""

    member: Member
    columns: int
    pixels: int
    emotion: int | None
    usage: int | None

    def field(self, fields: list[bytes], index: int | None) -> str | None:
        """A cell as text, without surrounding spaces; None where it is empty or there is no such column."""
        return None if index is None else fields[index].decode("utf-8", "backslashreplace").strip() or None


def _recognise(delivery: Delivery) -> Recognition | None:
    tables = _tables(delivery)
    if not tables:
        return None
    return Recognition(Specificity.DATASET, f"{tables[0].member.path} has a `pixels` column")


def _tables(delivery: Delivery) -> list[_CsvTable]:
    likely = [member for member in delivery.members if member.suffix in (".csv", "")]
    return [table for member in likely if (table := _table(delivery, member))]


def _table(delivery: Delivery, member: Member) -> _CsvTable | None:
    try:
        with delivery.open(member.path) as file:
            header = _split(file.readline(_LONGEST_ROW_BYTES).removeprefix(b"\xef\xbb\xbf"))
    except (*READ_ERRORS, SourceUnreadable):
        return None
    names = [name.strip().lower() for name in header]
    if b"pixels" not in names:
        return None
    columns = {name.decode("utf-8", "replace"): index for index, name in enumerate(names)}
    return _CsvTable(member, len(names), columns["pixels"], columns.get("emotion"), columns.get("usage"))


def _choose_tables(delivery: Delivery) -> list[_CsvTable]:
    """The tables to read: one that says which split each row is in holds everything; else all there are."""
    tables = _tables(delivery)
    if not tables:
        raise SourceUnreadable(f"{delivery.name} holds no table with a `pixels` column")
    complete = [table for table in tables if table.usage is not None]
    if len(complete) > 1:
        names = ", ".join(table.member.path for table in complete)
        raise SourceUnreadable(f"{delivery.name} holds several whole tables ({names}); unpack it and name one of them")
    return complete or tables


def _read(delivery: Delivery, options: Options) -> Reading:
    tables = _choose_tables(delivery)
    votes: list[VoteRow] = []
    remarks: tuple[str, ...] = ()
    if options.labels is not None:
        vote_table = _only_file(options.labels)
        votes = read_new_table(options.labels, vote_table)
        given = [_given_label(item) for item in _rows(delivery, tables)]
        remarks = (check_rows_line_up(vote_table, given, votes),)
    pictures = len(pictures_in(delivery))
    if pictures:
        remarks += (f"{pictures:,} pictures beside {tables[0].member.path} were not read; `--format` may read them",)
    total = sum(_estimate_rows(delivery, table) for table in tables)
    return Reading(total, _items(delivery, tables, votes), remarks)


def _only_file(labels: Delivery) -> str:
    if len(labels.members) != 1:
        raise SourceUnreadable(f"{labels.name} holds {len(labels.members):,} files; --labels takes one vote table")
    return labels.members[0].path


def _items(delivery: Delivery, tables: list[_CsvTable], votes: list[VoteRow]) -> Iterator[SourceItem | Problem]:
    members = {table.member for table in tables}
    yield from ignored_files(delivery, members, "not the table that was read; it was left out")
    for item, vote in zip(_rows(delivery, tables), chain(votes, repeat(None)), strict=False):
        if vote is not None and vote.panel is None:
            yield broken_votes("the vote table", vote)
        elif vote is not None and vote.panel is not None and isinstance(item, SourceItem):
            item = item._replace(panels=(vote.panel,))
        yield item


def _rows(delivery: Delivery, tables: list[_CsvTable]) -> Iterator[SourceItem | Problem]:
    """One item or problem for each row, so that what has the same row order can be joined."""
    for table in tables:
        prefix = f"{table.member.path}:" if len(tables) > 1 else ""
        for row, line in enumerate(_lines(delivery, table)):
            if isinstance(line, Problem):
                yield line
                return
            yield _describe(table, f"{prefix}row:{row}", row, line)


def _describe(table: _CsvTable, key: str, row: int, line: bytes) -> SourceItem | Problem:
    fields = _split(line)
    if len(fields) != table.columns:
        what = f"row {row} of {table.member.path} has {len(fields)} columns, expected {table.columns}"
        return Problem(key, "broken-row", f"{what}; it was left out")
    emotion = table.field(fields, table.emotion)
    stem = PurePosixPath(table.member.path).stem
    return SourceItem(
        key,
        fields[table.pixels].strip(),
        form="pixel-row",
        given_raw=emotion,
        given_name=emotion and _NAMES.get(emotion.lstrip("0") or "0"),
        split=table.field(fields, table.usage) or (stem if official_split(stem) else None),
    )


def _given_label(item: SourceItem | Problem) -> str | None:
    name = None if isinstance(item, Problem) else item.given_name or item.given_raw
    return name and canonical_label(name)


def _lines(delivery: Delivery, table: _CsvTable) -> Iterator[bytes | Problem]:
    """The table's rows after its header, without blank ones; a last problem where it breaks off."""
    path = table.member.path
    with delivery.open(path) as file:
        number = -1
        try:
            while line := file.readline(_LONGEST_ROW_BYTES):
                if number >= 0 and line.strip():
                    yield line
                number += bool(line.strip()) or number < 0
        except READ_ERRORS as error:
            reason = f"{path} breaks off after row {number - 1}: {error}; the rest was not read: fetch it again"
            yield Problem(f"row:{number}", "broken-table", reason)


def _split(line: bytes) -> list[bytes]:
    if b'"' not in line:
        return line.rstrip(b"\r\n").split(b",")
    text = line.decode("utf-8", "surrogateescape")
    try:
        return [field.encode("utf-8", "surrogateescape") for field in next(csv.reader([text]), [])]
    except csv.Error:  # quotes that do not match; they will be found in a column where they do not belong
        return line.rstrip(b"\r\n").split(b",")


def _estimate_rows(delivery: Delivery, table: _CsvTable) -> int:
    with delivery.open(table.member.path) as file:
        try:
            head = file.read(_HEAD_BYTES)
        except READ_ERRORS:
            return 0
    rows = max(head.count(b"\n"), 1)
    return max(rows - 1, round(table.member.size * rows / max(len(head), 1)) - 1)


FER2013_CSV = Format(
    name="fer2013-csv",
    summary=(
        "tables with a `pixels` column: `fer2013.csv`, `icml_face_data.csv`, `ckextended.csv`, `train.csv` and "
        "`test.csv`, plain or in an archive; `--labels` joins FER+ votes"
    ),
    recognise=_recognise,
    read=_read,
    numberings=_NUMBERINGS,
    in_bulk=True,
    takes_labels=True,
)
