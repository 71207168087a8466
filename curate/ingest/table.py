"""`table`: pictures, and a table of their paths and labels beside or above them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from curate.emotions import canonical_label
from curate.errors import SourceUnreadable
from curate.ingest.delivery import Delivery, Member
from curate.ingest.picture_tables import Finder, PictureTable, TableRow, find_picture_tables, read_picture_table
from curate.ingest.reading import Certainty, Format, Options, Reading, Recognition, ignored_file, is_picture
from curate.sample import Problem, SourceItem, official_split

__all__ = ["TABLE"]


@dataclass(slots=True)
class _Labels:
    """What the tables say: path of a picture -> its rows, those that differ; and what is odd about them."""

    rows: defaultdict[str, list[TableRow]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Problem] = field(default_factory=list)


def _recognise(delivery: Delivery) -> Recognition | None:
    pictures = [member for member in delivery.members if is_picture(member)]
    tables = find_picture_tables(delivery) if pictures else []
    if not tables:
        return None
    named = _join(delivery, tables, pictures).rows
    if not named:
        return None
    in_classes = sum(len(member.parts) > 1 and canonical_label(member.parts[-2]) is not None for member in pictures)
    names = ", ".join(table.member.path for table in tables)
    why = f"{names} names {len(named):,} of {len(pictures):,} pictures"
    return Recognition(Certainty.POSSIBLE if 2 * in_classes >= len(pictures) else Certainty.CERTAIN, why)


def _read(delivery: Delivery, options: Options) -> Reading:
    pictures = [member for member in delivery.members if is_picture(member)]
    tables = find_picture_tables(delivery)
    if not pictures or not tables:
        raise SourceUnreadable(
            f"{delivery.name} holds no table with a column of paths and one of labels (header `path,label`), or no "
            "pictures; name the folder that holds both"
        )
    labels = _join(delivery, tables, pictures)
    used = {*pictures, *(table.member for table in tables)}
    problems = [
        *labels.problems,
        *(ignored_file(member, "neither a picture nor a table") for member in delivery.members if member not in used),
        *_unnamed(pictures, labels.rows),
    ]
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
        split=row.split or next((folder for folder in reversed(folders) if official_split(folder)), None),
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
            known = labels.rows[path]
            if known:
                labels.problems.append(_second_row(path, row, known[0]))
            if all(row[2:] != other[2:] for other in known):
                known.append(row)
    return labels


def _second_row(path: str, row: TableRow, first: TableRow) -> Problem:
    same = "says the same" if row.label == first.label else f"says {row.label} and {first.label}; both are given labels"
    return Problem(row.key, "name-twice", f"{path} is named here and in {first.key}, which {same}")


def _unnamed(pictures: Sequence[Member], rows: Mapping[str, Sequence[TableRow]]) -> Iterator[Problem]:
    bare = [member.path for member in pictures if member.path not in rows]
    if bare:
        reason = f"{len(bare):,} pictures are named by no row, such as this one; they have no label"
        yield Problem(min(bare), "picture-without-row", reason)


TABLE = Format(
    name="table",
    summary="pictures and a CSV or TSV of path and label (split, subject, sequence) beside or above them",
    recognise=_recognise,
    read=_read,
)
