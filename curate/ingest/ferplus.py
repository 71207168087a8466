"""`ferplus`: FER+ as its users hold it: FER-2013 as PNGs in FER2013{Train,Valid,Test}/, and two tables of votes.

Votes are not a given label: these occurrences have none.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from curate.errors import SourceUnreadable
from curate.ingest.delivery import Delivery, Member
from curate.ingest.reading import (
    Certainty,
    Format,
    Options,
    Reading,
    Recognition,
    ignored_file,
    is_picture,
    read_pictures,
)
from curate.ingest.vote_tables import NEW_TABLE, OLD_TABLE, VoteRow, broken_votes, read_new_table, read_old_table
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
    return Recognition(Certainty.CERTAIN, f"{count:,} pictures in the folders FER2013Train, FER2013Valid, FER2013Test")


def _pictures(delivery: Delivery) -> list[Member]:
    return [
        member
        for member in delivery.members
        if is_picture(member) and len(member.parts) > 1 and member.parts[-2] in _FOLDERS
    ]


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
    used = {*pictures, *tables}
    other = [member for member in delivery.members if member not in used]
    votes.problems += [ignored_file(member, "neither a picture nor a vote table of FER+") for member in other]
    return Reading(len(pictures), _items(delivery, pictures, votes), (_remark(pictures, votes),))


def _items(delivery: Delivery, pictures: list[Member], votes: _Votes) -> Iterator[SourceItem | Problem]:
    def describe(path: str, data: bytes) -> SourceItem:
        folder, name = path.split("/")[-2:]
        panels = sorted(votes.panels.get((folder, name), ()), key=lambda panel: panel.name)
        return SourceItem(path, data, split=folder, panels=tuple(panels))

    yield from votes.problems
    yield from read_pictures(delivery, describe, pictures)


def _read_table(delivery: Delivery, member: Member, votes: _Votes) -> None:
    is_new = member.parts[-1] == NEW_TABLE
    rows = read_new_table(delivery, member.path) if is_new else read_old_table(delivery, member.path)
    own_folder = "" if is_new else member.parts[-2] if len(member.parts) > 1 else ""
    nameless = [row for row in rows if not row.picture]
    if nameless:
        reason = f"{len(nameless):,} rows name no picture (FER+ left those out as no face); their votes were left out"
        votes.problems.append(Problem(f"{member.path}:row:{nameless[0].number}", "votes-without-name", reason))
    taken: dict[tuple[str, str], VoteRow] = {}
    for row in rows:
        if not row.picture:
            continue
        place = (_FOLDER_BY_USAGE.get(row.usage, own_folder), row.picture)
        if row.panel is None:
            votes.problems.append(broken_votes(member.path, row))
        elif place in taken:
            votes.problems.append(_second_row(member.path, row, taken[place]))
        else:
            taken[place] = row
            votes.panels[place].append(row.panel)


def _second_row(path: str, row: VoteRow, first: VoteRow) -> Problem:
    counts = "" if row.panel is None else f" (votes {' '.join(map(str, row.panel.counts))})"
    reason = f"{row.picture} is named in rows {first.number} and {row.number}; the first one counts{counts}"
    return Problem(f"{path}:row:{row.number}", "name-twice", reason)


def _note_missing_pictures(pictures: list[Member], votes: _Votes) -> None:
    there = {(member.parts[-2], member.parts[-1]) for member in pictures}
    missing = sorted(set(votes.panels) - there)
    if missing:
        folder, name = missing[0]
        reason = f"votes for {len(missing):,} pictures that are not there, such as {folder}/{name}; they were left out"
        votes.problems.append(Problem(f"{folder}/{name}", "votes-without-picture", reason))


def _remark(pictures: list[Member], votes: _Votes) -> str:
    there = {(member.parts[-2], member.parts[-1]) for member in pictures}
    voted = [panel.name for place, panels in votes.panels.items() if place in there for panel in panels]
    counts = ", ".join(f"{name} votes on {voted.count(name):,}" for name in sorted(set(voted), reverse=True))
    return f"{counts or 'no votes'} of {len(pictures):,} pictures"


FERPLUS = Format(
    name="ferplus",
    summary="FER+: FER2013Train/Valid/Test folders of PNGs with fer2013new.csv and label.csv; folder, zip or tar",
    recognise=_recognise,
    read=_read,
)
