"""Many faces of one label side by side: what does not belong there catches the eye."""

from typing import Any

from curate.review.queue import Filters
from curate.review.session import ReviewSession
from curate.review.thumbnails import face

__all__ = ["FACES", "grid_page"]

FACES = 60


def grid_page(session: ReviewSession, reviewer: str, filters: Filters, *, start: int, now: float) -> dict[str, Any]:
    """One sheet of undecided faces, the most suspect first.

    Args:
        session: where.
        reviewer: who; the faces are theirs for some time.
        filters: which faces.
        start: how many to pass over.
        now: seconds since any fixed moment.
    """
    return session.do(_next_page, session, reviewer, filters, start, now)


def _next_page(session: ReviewSession, reviewer: str, filters: Filters, start: int, now: float) -> dict[str, Any]:
    def choose() -> tuple[list[int], int, int]:
        left = session.scheduler.count_undecided(filters)
        first = min(start, max(0, left - 1) // FACES * FACES)
        return session.scheduler.next_batch(reviewer, filters, now, start=first, count=FACES), first, left

    chosen, first, left = session.claim_pictures(choose)
    faces = [face(session.scheduler.items, session.state, session.thumbnails, number) for number in chosen]
    return {"faces": faces, "start": first, "left": left}
