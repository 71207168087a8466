"""`table`: pictures, and a table of their paths and labels beside or above them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from curate.errors import SourceUnreadable
from curate.ingest.delivery import Delivery, Member
from curate.ingest.readers.class_folders import direct_classes
from curate.ingest.readers.picture_tables import (
    Finder,
    PictureTable,
    TableRow,
    find_picture_tables,
    read_picture_table,
)
from curate.ingest.reading import Format, Options, Reading, Recognition, Specificity, ignored_files, pictures_in
from curate.sample import Problem, SourceItem, official_split

__all__ = ["TABLE"]


@dataclass(slots=True)
class _Labels:
    """The tables joined: path of a picture -> its rows, those that differ; and what is odd about them."""

    rows: defaultdict[str, list[TableRow]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Problem] = field(default_factory=list)


def _recognise(delivery: Delivery) -> Recognition | None:
    pictures = pictures_in(delivery)
    tables = find_picture_tables(delivery) if pictures else []
    named = _join(delivery, tables, pictures).rows if tables else {}
    if not named:
        return None
    names = ", ".join(table.member.path for table in tables)
    why = f"{names} names {len(named):,} of {len(pictures):,} pictures"
    in_classes = 2 * len(direct_classes(pictures)) >= len(pictures)
    return Recognition(Specificity.PICTURES if in_classes else Specificity.RECORDS, why)


def _read(delivery: Delivery, options: Options) -> Reading:
    pictures = pictures_in(delivery)
    tables = find_picture_tables(delivery)
    if not pictures or not tables:
        raise SourceUnreadable(
            f"{delivery.name} holds no table with a column of paths and one of labels (header `path,label`), or no "
            "pictures; name the folder that holds both"
        )
    labels = _join(delivery, tables, pictures)
    used = {*pictures, *(table.member for table in tables)}
    problems = (
        *labels.problems,
        *ignored_files(delivery, used, "neither a picture nor a table"),
        *_unnamed(pictures, labels.rows),
    )
    total = sum(max(1, len(labels.rows.get(member.path, ()))) for member in pictures)
    return Reading(total, _items(delivery, pictures, labels.rows, problems, options))


def _items(
    delivery: Delivery,
    pictures: Sequence[Member],
    rows: Mapping[str, Sequence[TableRow]],
    problems: Sequence[Problem],
    options: Options,
) -> Iterator[SourceItem | Problem]:
    yield from problems
    for path, content in delivery.read([member.path for member in pictures]):
        if isinstance(content, Problem):
            yield content
            continue
        for row in rows.get(path) or [TableRow("", None, None, None, None, None)]:
            yield _describe(path, content, row, options)


def _describe(path: str, data: bytes, row: TableRow, options: Options) -> SourceItem:
    folders = path.split("/")[:-1]
    return SourceItem(
        path,
        data,
        given_raw=row.label,
        split=row.split or next(filter(official_split, reversed(folders)), None),
        subject=row.subject and f"{options.source}:{row.subject}",
        sequence=row.sequence and f"{options.source}:{row.sequence}",
    )


def _join(delivery: Delivery, tables: Sequence[PictureTable], pictures: Sequence[Member]) -> _Labels:
    """Which picture each row of the tables means; a picture with two labels has two rows."""
    labels, finder = _Labels(), Finder(pictures)
    for table in tables:
        for row in read_picture_table(delivery, table):
            if isinstance(row, Problem):
                labels.problems.append(row)
                continue
            path = finder.find(table.member, row)
            if isinstance(path, Problem):
                labels.problems.append(path)
                continue
            others = labels.rows[path]
            if others:
                labels.problems.append(_second_row(path, row, others[0]))
            if all(row[2:] != other[2:] for other in others):
                others.append(row)
    return labels


def _second_row(path: str, row: TableRow, first: TableRow) -> Problem:
    same = "says the same" if row.label == first.label else f"says {row.label} and {first.label}; both are given labels"
    return Problem(row.key, "name-twice", f"{path} is named here and in {first.key}, which {same}")


def _unnamed(pictures: Sequence[Member], rows: Mapping[str, Sequence[TableRow]]) -> Iterator[Problem]:
    unnamed = [member.path for member in pictures if member.path not in rows]
    if unnamed:
        reason = f"{len(unnamed):,} pictures are named by no row, such as this one; they have no label"
        yield Problem(min(unnamed), "picture-without-row", reason)


TABLE = Format(
    name="table",
    summary="pictures, and a CSV or TSV of path and label (also split, subject, sequence) beside or above them",
    recognise=_recognise,
    read=_read,
)
