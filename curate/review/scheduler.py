"""Who is shown which picture next."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from curate.labels import UNRESOLVED
from curate.review.claims import Claims
from curate.review.decision_state import DecisionState
from curate.review.items import ReviewItems
from curate.review.progress import ReviewProgress, seconds_each
from curate.review.queue import DISPUTED, WORTH, Filters, expected_gain, keep, order
from curate.review.repeats import pick_repeat

__all__ = ["Scheduler"]

_TURNS = 2
"""How often one reviewer is asked about a picture on which reviewers disagree."""

_AT_ONCE = 64
_MOST_FILTERS = 100


class Scheduler:
    """Deals pictures to reviewers: what they hold, what is disputed, then by expected gain; what they skipped last."""

    def __init__(
        self, collection: ReviewItems, ledger: DecisionState, claims: Claims, *, votes: int, seed: int, repeats: float
    ) -> None:
        """Deal from a collection.

        Args:
            collection: what there is.
            ledger: what was decided; tell `mark` what changed.
            claims: who looks at what.
            votes: how many reviewers decide each picture.
            seed: of the hidden repeats.
            repeats: their share, in [0, 1].
        """
        self.collection, self.ledger, self.claims = collection, ledger, claims
        self._votes, self._seed, self._repeats = votes, seed, repeats
        self._gain = expected_gain(collection)
        self._labelled = collection.label != UNRESOLVED
        self._order = order(self._gain)
        self._passing: dict[Filters, tuple[np.ndarray, np.ndarray]] = {}
        self._done = np.zeros(len(collection.ids), bool)
        self.mark(set(ledger.answers))

    def mark(self, touched: set[str]) -> None:
        """Take in that something was decided about these pictures, or taken back."""
        for sample_id in touched & self.collection.number.keys():
            enough = len(self.ledger.answers.get(sample_id, ())) >= self._votes
            self._done[self.collection.number[sample_id]] = enough or sample_id in self.ledger.disputed

    def deal(self, reviewer: str, filters: Filters, now: float, count: int) -> list[tuple[int, str]]:
        """The next pictures: numbers, each with the screen it is decided on; they are the reviewer's for some time."""
        history = self.ledger.history[reviewer]
        pictures = self._available(reviewer, filters, now)
        dealt: list[tuple[int, str]] = []
        for place in range(len(history), len(history) + count):
            repeat = pick_repeat(self._seed, reviewer, history, place, share=self._repeats)
            if repeat is not None and repeat[0] in self.collection.number:
                dealt.append((self.collection.number[repeat[0]], repeat[1]))
            else:
                dealt.extend((number, "queue") for number in islice(pictures, 1))
        fresh = (self.collection.ids[number] for number, screen in dealt if screen == "queue")
        self.claims.hold(reviewer, fresh, now)
        return dealt

    def next_batch(self, reviewer: str, filters: Filters, now: float, *, start: int, count: int) -> list[int]:
        """Undecided pictures to look at side by side, best first, but for the first `start`."""
        passing, _ = self._pass(filters)
        sheet = f"{reviewer}\0sheet"
        free = (each for each in self._undecided(passing) if self._is_free(each, reviewer, now, holder=sheet))
        dealt = list(islice(free, start, start + count))
        self.claims.hold(sheet, (self.collection.ids[number] for number in dealt), now)
        return dealt

    def is_open(self, number: int, reviewer: str) -> bool:
        """Is the picture undecided, and has the reviewer not answered yet?"""
        return not self._done[number] and reviewer not in self.ledger.answers.get(self.collection.ids[number], ())

    def is_settled(self, sample_id: str, reviewer: str) -> bool:
        """Did as many others decide the picture as are asked, all of one mind, and the reviewer not yet?"""
        answers = self.ledger.answers.get(sample_id, ())
        return len(answers) >= self._votes and reviewer not in answers and sample_id not in self.ledger.disputed

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
            own=self.ledger.decided[reviewer],
            all=len(self.ledger.pictures),
            left=left,
            seconds_each=seconds_each(self.ledger.history[reviewer]),
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
        answered = {number for number in disputed if reviewer in self.ledger.answers[self.collection.ids[number]]}
        skipped = self.ledger.skipped[reviewer, "queue"]
        held = self._numbers([each for each in self.claims.held(reviewer) if each not in skipped], mask)
        only_disputed = filters.reason == DISPUTED
        yield from (number for number in held if not only_disputed or number in disputed)
        passed_over = set(self._numbers(list(skipped), mask)) | answered
        yield from (number for number in disputed if number not in passed_over)
        if not only_disputed:
            yield from (number for number in self._undecided(passing) if self.collection.ids[number] not in skipped)
            yield from self._numbers(list(skipped), mask)
        yield from disputed

    def _undecided(self, passing: np.ndarray) -> Iterator[int]:
        left = passing[~self._done[passing]]
        for start in range(0, len(left), _AT_ONCE):
            yield from left[start : start + _AT_ONCE].tolist()

    def _is_free(self, number: int, reviewer: str, now: float, *, holder: str = "") -> bool:
        sample_id = self.collection.ids[number]
        times = self.ledger.answers.get(sample_id)
        reviewers = len(times) if times else 0
        own = times[reviewer] if times else 0
        is_disputed = sample_id in self.ledger.disputed
        wanted = reviewers + 1 if is_disputed else self._votes
        asked = own >= (_TURNS if is_disputed else 1)
        return not asked and reviewers + self.claims.others(sample_id, holder or reviewer, now) < wanted

    def _disputed(self) -> list[str]:
        return [each for each in self.ledger.disputed if each in self.collection.number]

    def _numbers(self, sample_ids: list[str], mask: np.ndarray) -> list[int]:
        found = (self.collection.number.get(each, -1) for each in sample_ids)
        return [number for number in found if number >= 0 and mask[number]]

    def _pass(self, filters: Filters) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the pictures that pass, best first; and the same as a mask."""
        if filters not in self._passing:
            if len(self._passing) >= _MOST_FILTERS:
                self._passing.clear()
            mask = keep(self.collection, filters)
            self._passing[filters] = self._order[mask[self._order]], mask
        return self._passing[filters]
