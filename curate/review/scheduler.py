"""Who is shown which picture next: new ones, and now and then one that the reviewer decided before."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from curate.decisions import REPEAT_SCREENS, Decision
from curate.labels import UNRESOLVED
from curate.review.claims import Claims
from curate.review.decision_state import DecisionState
from curate.review.items import ReviewItems
from curate.review.queue import (
    DISPUTED,
    WORTH,
    Filters,
    ReviewProgress,
    expected_gain,
    keep,
    order,
    seconds_each,
)
from curate.seeding import derive_seed

__all__ = ["SHARE", "Scheduler", "pick_repeat"]

_TURNS = 2
"""How often one reviewer is asked about a picture on which reviewers disagree."""

_AT_ONCE = 64
_MOST_FILTERS = 100

SHARE = 0.04
"""Hidden repeats among the pictures that a reviewer is shown: do they say the same once more?"""

_APART = 20
"""Pictures between the first and the second showing, at least; fewer, and it is memory that is measured."""

_ANSWERS = ("relabel", "confirm", "exclude")


class Scheduler:
    """Chooses pictures: what reviewers hold, what is disputed, then by expected gain; what they skipped last."""

    def __init__(
        self, items: ReviewItems, state: DecisionState, claims: Claims, *, votes: int, seed: int, repeats: float
    ) -> None:
        """Choose among items.

        Args:
            items: what there is.
            state: what was decided; tell `mark` what changed.
            claims: who looks at what.
            votes: how many reviewers decide each picture.
            seed: of the hidden repeats.
            repeats: their share, in [0, 1].
        """
        self.items, self.state, self.claims = items, state, claims
        self._votes, self._seed, self._repeats = votes, seed, repeats
        self._gain = expected_gain(items)
        self._labelled = items.label != UNRESOLVED
        self._order = order(self._gain)
        self._passing: dict[Filters, tuple[np.ndarray, np.ndarray]] = {}
        self._done = np.zeros(len(items.ids), bool)
        self.mark(set(state.answers))

    def mark(self, touched: set[str]) -> None:
        """Take in that something was decided about these pictures, or taken back."""
        for sample_id in touched & self.items.number.keys():
            enough = len(self.state.answers.get(sample_id, ())) >= self._votes
            self._done[self.items.number[sample_id]] = enough or sample_id in self.state.disputed

    def next_cards(self, reviewer: str, filters: Filters, now: float, count: int) -> list[tuple[int, str]]:
        """The next pictures: numbers, each with the screen it is decided on; they are the reviewer's for some time."""
        history = self.state.history[reviewer]
        pictures = self._available(reviewer, filters, now)
        chosen: list[tuple[int, str]] = []
        for place in range(len(history), len(history) + count):
            repeat = pick_repeat(self._seed, reviewer, history, place, share=self._repeats)
            if repeat is not None and repeat[0] in self.items.number:
                chosen.append((self.items.number[repeat[0]], repeat[1]))
            else:
                chosen.extend((number, "queue") for number in islice(pictures, 1))
        fresh = (self.items.ids[number] for number, screen in chosen if screen == "queue")
        self.claims.hold(reviewer, fresh, now)
        return chosen

    def next_batch(self, reviewer: str, filters: Filters, now: float, *, start: int, count: int) -> list[int]:
        """Undecided pictures to look at side by side, best first, but for the first `start`."""
        passing, _ = self._pass(filters)
        sheet = f"{reviewer}\0sheet"
        free = (each for each in self._undecided(passing) if self._is_free(each, reviewer, now, holder=sheet))
        chosen = list(islice(free, start, start + count))
        self.claims.hold(sheet, (self.items.ids[number] for number in chosen), now)
        return chosen

    def is_open(self, number: int, reviewer: str) -> bool:
        """Is the picture undecided, and has the reviewer not answered yet?"""
        return not self._done[number] and reviewer not in self.state.answers.get(self.items.ids[number], ())

    def is_settled(self, sample_id: str, reviewer: str) -> bool:
        """Did as many others decide the picture as are asked, all of one mind, and the reviewer not yet?"""
        answers = self.state.answers.get(sample_id, ())
        return len(answers) >= self._votes and reviewer not in answers and sample_id not in self.state.disputed

    def count_undecided(self, filters: Filters) -> int:
        """Pictures that pass the filters and that nobody decided."""
        return int(np.count_nonzero(~self._done[self._pass(filters)[0]]))

    def progress(self, reviewer: str, filters: Filters) -> ReviewProgress:
        """How far the queue is."""
        disputed = len(self._numbers(self._disputed(), self._pass(filters)[1]))
        left = disputed + (0 if filters.reason == DISPUTED else self.count_undecided(filters))
        passing = self._pass(filters)[0]
        waiting = passing[~self._done[passing]] if filters.reason != DISPUTED else passing[:0]
        gain = self._gain[waiting]
        return ReviewProgress(
            own=self.state.decided[reviewer],
            all=len(self.state.pictures),
            left=left,
            seconds_each=seconds_each(self.state.history[reviewer]),
            worth=disputed + int(np.count_nonzero((gain > WORTH) | ~self._labelled[waiting])),
            wrong=round(float(gain[self._labelled[waiting]].sum())),
        )

    def _available(self, reviewer: str, filters: Filters, now: float) -> Iterator[int]:
        """Pictures for this reviewer, best first, each once."""
        seen: set[int] = set()
        for number in self._candidates(reviewer, filters):
            if number not in seen and self._is_free(number, reviewer, now):
                seen.add(number)
                yield number

    def _candidates(self, reviewer: str, filters: Filters) -> Iterator[int]:
        passing, mask = self._pass(filters)
        disputed = self._numbers(self._disputed(), mask)
        answered = {number for number in disputed if reviewer in self.state.answers[self.items.ids[number]]}
        skipped = self.state.skipped[reviewer, "queue"]
        held = self._numbers([each for each in self.claims.held(reviewer) if each not in skipped], mask)
        only_disputed = filters.reason == DISPUTED
        yield from (number for number in held if not only_disputed or number in disputed)
        passed_over = set(self._numbers(list(skipped), mask)) | answered
        yield from (number for number in disputed if number not in passed_over)
        if not only_disputed:
            yield from (number for number in self._undecided(passing) if self.items.ids[number] not in skipped)
            yield from self._numbers(list(skipped), mask)
        yield from disputed

    def _undecided(self, passing: np.ndarray) -> Iterator[int]:
        left = passing[~self._done[passing]]
        for start in range(0, len(left), _AT_ONCE):
            yield from left[start : start + _AT_ONCE].tolist()

    def _is_free(self, number: int, reviewer: str, now: float, *, holder: str = "") -> bool:
        sample_id = self.items.ids[number]
        times = self.state.answers.get(sample_id)
        reviewers = len(times) if times else 0
        own = times[reviewer] if times else 0
        is_disputed = sample_id in self.state.disputed
        wanted = reviewers + 1 if is_disputed else self._votes
        asked = own >= (_TURNS if is_disputed else 1)
        return not asked and reviewers + self.claims.others(sample_id, holder or reviewer, now) < wanted

    def _disputed(self) -> list[str]:
        return [each for each in self.state.disputed if each in self.items.number]

    def _numbers(self, sample_ids: list[str], mask: np.ndarray) -> list[int]:
        found = (self.items.number.get(each, -1) for each in sample_ids)
        return [number for number in found if number >= 0 and mask[number]]

    def _pass(self, filters: Filters) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the pictures that pass, best first; and the same as a mask."""
        if filters not in self._passing:
            if len(self._passing) >= _MOST_FILTERS:
                self._passing.clear()
            mask = keep(self.items, filters)
            self._passing[filters] = self._order[mask[self._order]], mask
        return self._passing[filters]


def pick_repeat(
    seed: int, reviewer: str, history: Sequence[Decision], place: int, *, share: float = SHARE
) -> tuple[str, str] | None:
    """Which picture to show again at a place in a reviewer's queue; the same answer whenever it is asked.

    Args:
        seed: the workspace's.
        reviewer: who.
        history: their lines on queue screens, oldest first.
        place: 0 = their first picture.
        share: in [0, 1].

    Returns:
        sample_id and screen (`repeat` or `repeat-mirrored`, half each); None = no repeat at this place.
    """
    if derive_seed(seed, "repeat", reviewer, place) >= share * 2**63:
        return None
    seen = {line.sample_id for line in history[:place] if line.screen in REPEAT_SCREENS}
    old = [line for line in history[: max(0, place - _APART)] if line.kind in _ANSWERS and line.sample_id not in seen]
    if not old:
        return None
    chosen = old[derive_seed(seed, "repeat which", reviewer, place) % len(old)]
    return chosen.sample_id, REPEAT_SCREENS[derive_seed(seed, "repeat mirrored", reviewer, place) % 2]
