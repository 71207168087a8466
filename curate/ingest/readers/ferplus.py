"""`ferplus`: FER+ as its users hold it: FER-2013 as PNGs in FER2013{Train,Valid,Test}/, and two tables of votes.

Votes are not a given label: these occurrences have none.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from curate.errors import SourceUnreadable
from curate.ingest.delivery import Delivery, Member
from curate.ingest.readers.ferplus_tables import (
    NEW_TABLE,
    OLD_TABLE,
    VoteRow,
    broken_votes,
    read_new_table,
    read_old_table,
)
from curate.ingest.reading import (
    Format,
    Options,
    Reading,
    Recognition,
    Specificity,
    ignored_files,
    pictures_in,
    read_pictures,
)
from curate.sample import Panel, Problem, SourceItem

__all__ = ["FERPLUS"]

_FOLDER_BY_USAGE = {"Training": "FER2013Train", "PublicTest": "FER2013Valid", "PrivateTest": "FER2013Test"}
_FOLDERS = frozenset(_FOLDER_BY_USAGE.values())


@dataclass(slots=True)
class _Votes:
    """Votes by (split folder, picture name), and what was odd about the tables."""

    panels: defaultdict[tuple[str, str], list[Panel]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Problem] = field(default_factory=list)


def _recognise(delivery: Delivery) -> Recognition | None:
    count = len(_pictures(delivery))
    if not count:
        return None
    return Recognition(
        Specificity.DATASET, f"{count:,} pictures in the folders FER2013Train, FER2013Valid, FER2013Test"
    )


def _pictures(delivery: Delivery) -> list[Member]:
    return [member for member in pictures_in(delivery) if _folder_and_name(member)[0] in _FOLDERS]


def _folder_and_name(member: Member) -> tuple[str, str]:
    """The innermost folder, empty where there is none, and the file's name."""
    *_, folder, name = ("", *member.parts)
    return folder, name


def _read(delivery: Delivery, _options: Options) -> Reading:
    pictures = _pictures(delivery)
    if not pictures:
        raise SourceUnreadable(f"{delivery.name} holds no pictures in FER2013Train, FER2013Valid or FER2013Test")
    votes = _Votes()
    tables = [member for member in delivery.members if member.parts[-1] in (NEW_TABLE, OLD_TABLE)]
    for member in tables:
        _read_table(delivery, member, votes)
    _note_missing_pictures(pictures, votes)
    if not tables:
        votes.problems.append(Problem("", "no-votes", f"neither {NEW_TABLE} nor {OLD_TABLE} is there; no votes"))
    votes.problems += ignored_files(delivery, {*pictures, *tables}, "neither a picture nor a vote table of FER+")
    return Reading(len(pictures), _items(delivery, pictures, votes), (_remark(pictures, votes),))


def _items(delivery: Delivery, pictures: list[Member], votes: _Votes) -> Iterator[SourceItem | Problem]:
    def describe(path: str, data: bytes) -> SourceItem:
        folder, name = path.split("/")[-2:]
        panels = sorted(votes.panels.get((folder, name), ()), key=attrgetter("name"))
        return SourceItem(path, data, split=folder, panels=tuple(panels))

    yield from votes.problems
    yield from read_pictures(delivery, describe, pictures)


def _read_table(delivery: Delivery, member: Member, votes: _Votes) -> None:
    is_new = member.parts[-1] == NEW_TABLE
    rows = read_new_table(delivery, member.path) if is_new else read_old_table(delivery, member.path)
    folder = "" if is_new else _folder_and_name(member)[0]
    nameless = [row for row in rows if not row.picture]
    if nameless:
        reason = f"{len(nameless):,} rows name no picture (FER+ left those out as no face); their votes were left out"
        votes.problems.append(Problem(f"{member.path}:row:{nameless[0].number}", "votes-without-name", reason))
    first: dict[tuple[str, str], VoteRow] = {}
    for row in rows:
        if not row.picture:
            continue
        picture = (_FOLDER_BY_USAGE.get(row.usage, folder), row.picture)
        if row.panel is None:
            votes.problems.append(broken_votes(member.path, row))
        elif picture in first:
            votes.problems.append(_second_row(member.path, row, first[picture]))
        else:
            first[picture] = row
            votes.panels[picture].append(row.panel)


def _second_row(path: str, row: VoteRow, first: VoteRow) -> Problem:
    counts = "" if row.panel is None else f" (votes {' '.join(map(str, row.panel.counts))})"
    reason = f"{row.picture} is named in rows {first.number} and {row.number}; the first one counts{counts}"
    return Problem(f"{path}:row:{row.number}", "name-twice", reason)


def _note_missing_pictures(pictures: list[Member], votes: _Votes) -> None:
    missing = sorted(votes.panels.keys() - {_folder_and_name(member) for member in pictures})
    if missing:
        folder, name = missing[0]
        reason = f"votes for {len(missing):,} pictures that are not there, such as {folder}/{name}; they were left out"
        votes.problems.append(Problem(f"{folder}/{name}", "votes-without-picture", reason))


def _remark(pictures: list[Member], votes: _Votes) -> str:
    voted = [panel.name for member in pictures for panel in votes.panels.get(_folder_and_name(member), ())]
    counts = ", ".join(f"{name} votes on {voted.count(name):,}" for name in sorted(set(voted), reverse=True))
    return f"{counts or 'no votes'} of {len(pictures):,} pictures"


FERPLUS = Format(
    name="ferplus",
    summary=(
        "FER+: `FER2013Train/`, `FER2013Valid/`, `FER2013Test/` with `fer2013new.csv` (2017 votes) and `label.csv` "
        "(2016 votes)"
    ),
    recognise=_recognise,
    read=_read,
)
