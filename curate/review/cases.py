"""Cases that need a closer look: copies with conflicting labels, doubtful pairs, pictures that reviewers dispute."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from curate.catalog import duplicates
from curate.labels import UNRESOLVED
from curate.review.session import ReviewSession
from curate.review.thumbnails import face

__all__ = ["Case", "copies_to_settle", "disputes_to_settle", "doubts_to_settle"]

_AHEAD = 2
_MOST_FACES = 24


class Case(NamedTuple):
    """One case.

    Attributes:
        title: what it is about.
        numbers: the pictures.
        is_pair: the question is also whether both show one photograph.
    """

    title: str
    numbers: tuple[int, ...]
    is_pair: bool = False


def copies_to_settle(
    session: ReviewSession, reviewer: str, *, doubtful: bool, reason: str = "", across: bool = False
) -> dict[str, Any]:
    """The next groups whose given labels conflict, or the next doubtful pairs.

    Args:
        session: where.
        reviewer: who.
        doubtful: pairs, not groups.
        reason: of `doubts_to_settle`: only pairs that are doubtful for it; empty = all.
        across: only those whose pictures lie in different official splits.

    Returns:
        cases: the first ones, as the screen shows them; left: how many there are.
    """
    return session.do(_copies, session, reviewer, _Wanted(doubtful, reason, across))


def doubts_to_settle(session: ReviewSession) -> list[str]:
    """Why pairs are doubtful, most frequent first."""
    return session.do(_doubts, session)


def disputes_to_settle(session: ReviewSession, reviewer: str) -> dict[str, Any]:
    """The next pictures on which reviewers disagree; anybody may settle them, also who changes their mind."""
    return session.do(_disputes, session, reviewer)


def _doubts(session: ReviewSession) -> list[str]:
    return [reason for reason, _ in Counter(pair.doubt for pair in _asked_about(session)).most_common()]


class _Wanted(NamedTuple):
    """The filters of `copies_to_settle`."""

    doubtful: bool
    reason: str
    across: bool


def _copies(session: ReviewSession, reviewer: str, wanted: _Wanted) -> dict[str, Any]:
    session.refresh()
    every = (
        _doubtful_pairs(session, reviewer, wanted.reason) if wanted.doubtful else _conflicting_groups(session, reviewer)
    )
    split = session.scheduler.items.split
    found = [each for each in every if not wanted.across or len(set(split[list(each.numbers)].tolist()) - {0}) > 1]
    return _show(session, found, reviewer, "duplicates")


def _disputes(session: ReviewSession, reviewer: str) -> dict[str, Any]:
    session.refresh()
    number = session.scheduler.items.number
    found = [Case("reviewers disagree", (number[each],)) for each in session.state.disputed if each in number]
    return _show(session, found, reviewer, "settle")


def _conflicting_groups(session: ReviewSession, reviewer: str) -> Iterator[Case]:
    items, settled = session.scheduler.items, session.state.pairs
    for members in _groups(items.group):
        given = {place.given for each in members for place in items.places_of(each)} - {""}
        names = sorted(items.ids[each] for each in members)
        apart = len(names) == 2 and settled.get((names[0], names[1])) is False
        if len(given) > 1 and not apart and any(session.scheduler.is_open(each, reviewer) for each in members):
            yield Case(f"{len(members)} copies, labels {', '.join(sorted(given))}", members, is_pair=len(members) == 2)


def _groups(group: np.ndarray) -> Iterator[tuple[int, ...]]:
    members: defaultdict[int, list[int]] = defaultdict(list)
    for number in np.flatnonzero(group != UNRESOLVED).tolist():
        members[int(group[number])].append(number)
    yield from (tuple(each) for each in members.values())


def _asked_about(session: ReviewSession) -> Iterator[duplicates.Pair]:
    """Doubtful pairs of pictures that are there, settled or not."""
    number = session.scheduler.items.number
    for pair in duplicates.pair_rows(session.catalog):
        if pair.verdict == "review" and pair.sample_a in number and pair.sample_b in number:
            yield pair


def _doubtful_pairs(session: ReviewSession, reviewer: str, reason: str) -> Iterator[Case]:
    number = session.scheduler.items.number
    for pair in _asked_about(session):
        names = (pair.sample_a, pair.sample_b)
        asked = names in session.state.pairs or reviewer in session.state.paired.get(names, ())
        if not asked and (not reason or pair.doubt == reason):
            yield Case(
                f"one photograph? perhaps {pair.kind}: {pair.reason}",
                (number[names[0]], number[names[1]]),
                is_pair=True,
            )


def _show(session: ReviewSession, found: list[Case], reviewer: str, screen: str) -> dict[str, Any]:
    skipped = session.state.skipped[reviewer, screen]
    ids = session.scheduler.items.ids

    def behind(case: Case) -> bool:
        return all(ids[each] in skipped for each in case.numbers)

    ordered = sorted(found, key=behind)
    return {"cases": [_as_shown(session, case) for case in ordered[:_AHEAD]], "left": len(found)}


def _as_shown(session: ReviewSession, case: Case) -> dict[str, Any]:
    items = session.scheduler.items
    faces = []
    for number in case.numbers[:_MOST_FACES]:
        shown = face(items, session.state, session.thumbnails, number)
        places = items.places_of(number)
        said = [
            f"{line.reviewer}: {line.label or line.kind}"
            for line in session.state.lines_of(items.ids[number])
            if line.kind != "skip"
        ]
        shown["lines"] = [f"{place.given or 'no label'} in {place.source}, {place.key}" for place in places[:4]] + said
        faces.append(shown)
    samples = [items.ids[number] for number in case.numbers]
    return {"title": case.title, "faces": faces, "samples": samples, "is_pair": case.is_pair}
