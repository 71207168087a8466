"""The session: one for all reviewers of a server. Shows pictures, takes decisions, forgets nothing.

All of it happens in one thread of its own, which also owns the connection to the catalog; whoever calls waits for it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from curate.catalog.decisions import append_decisions, new_decision_rows
from curate.decisions import Decision
from curate.errors import InvalidAction
from curate.review.actions import KEYS, SCREENS, Label, ReviewAction, still_asked, to_lines, undo_line
from curate.review.claims import Claims
from curate.review.decision_state import DecisionState
from curate.review.given import given_text
from curate.review.items import KINDS, ReviewItems
from curate.review.queue import DISPUTED, Filters, ReviewProgress
from curate.review.reach import reached
from curate.review.scheduler import SHARE, Scheduler
from curate.review.thumbnails import ThumbnailCache, full_card, words
from curate.review.watcher import ReloadNotice, WorkspaceWatcher
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ReviewSession"]

T = TypeVar("T")
_AHEAD = 3
"""Pictures that a browser holds: the one on screen and the next ones, so that nobody waits for a picture."""


class ReviewSession:
    """Shows pictures and takes decisions; safe to use from many threads.

    Attributes:
        workspace: what is reviewed.
        votes: how many reviewers decide each picture.
        catalog, thumbnails, state, scheduler: only for work that is handed to `do`.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        votes: int = 1,
        repeats: float = SHARE,
        suspects: "Callable[[Workspace], pd.DataFrame]" = Workspace.suspects,
        after_reading: Callable[[], None] = lambda: None,
    ) -> None:
        """Read the workspace.

        Args:
            workspace: what to review.
            votes: how many reviewers decide each picture.
            repeats: share of hidden repeats, in [0, 1].
            suspects: where suspects come from.
            after_reading: called whenever the workspace was read.
        """
        self.workspace = workspace
        self.votes = votes
        self._repeats = repeats
        self._reader = WorkspaceWatcher(workspace, suspects=suspects, after=after_reading)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="session")
        self._closing = ExitStack()
        self._read_to = 0
        self.do(self._open)

    def do(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do something in the thread that owns the state."""
        return self._worker.submit(work, *arguments).result()

    def close(self) -> None:
        """Close the catalog; what was decided stays."""
        self.do(self._closing.close)
        self._worker.shutdown()
        self._reader.close()

    @property
    def news(self) -> ReloadNotice:
        """Which reading of the workspace is shown, and what it brought."""
        return self._reader.news

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that versions hold, by the reading that is shown."""
        return self.scheduler.items.classes

    def reload(self) -> None:
        """Read sources, labels, suspects and groups again, changed or not; decisions are always current.

        Raises:
            CurateError: they cannot be read; the session goes on with what it has.
        """
        self.do(self._load)

    def catch_up(self) -> None:
        """Wait until what changed in the workspace is read. Other calls read it beside the work, and never wait."""
        self.do(self.refresh)
        pending = self.do(self._reader.under_way)
        if pending is not None:
            wait([pending])
            self.do(self.refresh)

    def cards(self, reviewer: str, filters: Filters, now: float) -> tuple[list[dict[str, Any]], ReviewProgress]:
        """The picture to show, the ones after it, and how far the queue is.

        Args:
            reviewer: who; the pictures are theirs for some time.
            filters: what they want to see.
            now: seconds since any fixed moment.
        """
        return self.do(self._cards, reviewer, filters, now)

    def act(self, reviewer: str, act: ReviewAction, page: str, *, at: str, now: float) -> None:
        """Take what a key press decides; when this returns, it is in the catalog, once, however often it was sent.

        Raises:
            InvalidAction: it decides nothing; nothing was written.
            StorageFull, WorkspaceLocked: it could not be written; it may be sent again.
        """
        self.do(self._act, reviewer, act, page, at, now)

    def choices(self) -> dict[str, list[str]]:
        """What can be filtered by: names of sources, reasons."""
        return self.do(self._choices)

    def refresh(self) -> None:
        """Take in what was claimed and decided since, in other processes too. For work that is handed to `do`."""
        self._claims.read()  # first: whoever lets go of a picture has written down before what they decided
        self._read_to, lines = new_decision_rows(self.catalog, self._read_to)
        self.scheduler.mark(self.state.extend(lines))
        items = self._reader.look(self.catalog)
        if items is not None:
            self._schedule(items)

    def claim_pictures(self, choose: Callable[[], T]) -> T:
        """Choose pictures, again where another server claimed some meanwhile. For work that is handed to `do`."""
        while True:
            self.refresh()
            chosen = choose()
            if self._claims.settle():
                return chosen

    def _open(self) -> None:
        self.catalog = self._closing.enter_context(self.workspace.catalog())
        self.thumbnails = ThumbnailCache(self.catalog)
        self._claims = Claims(self.catalog)
        self.state = DecisionState()
        self._read_to, lines = new_decision_rows(self.catalog, 0)
        self.state.extend(lines)
        self._load()

    def _load(self) -> None:
        self._schedule(self._reader.read(self.catalog))

    def _schedule(self, items: ReviewItems) -> None:
        self.scheduler: Scheduler = Scheduler(
            items,
            self.state,
            self._claims,
            votes=self.votes,
            seed=self.workspace.config.seed,
            repeats=self._repeats,
        )

    def _act(self, reviewer: str, act: ReviewAction, page: str, at: str, now: float) -> None:
        """Again where somebody else decided something meanwhile: what they decided may be what is decided here."""
        while True:
            self.refresh()
            if act.action in self.state.actions or KEYS[act.key].does == "help":
                return
            lines = self._lines(reviewer, act, page, at, now)
            if append_decisions(self.catalog, lines, after=self._read_to):
                self.refresh()
                return

    def _with_copies(self, act: ReviewAction) -> ReviewAction:
        """On the grid every face stands for its copies, too; where labels are confirmed, for those with its label."""
        items = self.scheduler.items
        together: dict[str, None] = {}
        for sample_id in act.samples:
            number = items.number.get(sample_id)
            others = [] if number is None else reached(items, self.state, number)[0]
            if KEYS[act.key].does == "confirm":
                others = [each for each in others if items.label[each] == items.label[number]]
            together |= dict.fromkeys([sample_id, *(items.ids[each] for each in others)])
        return act._replace(samples=tuple(together))

    def _lines(self, reviewer: str, act: ReviewAction, page: str, at: str, now: float) -> list[Decision]:
        if KEYS[act.key].does == "undo":
            return [self._undo(reviewer, act, page, at, now)]
        if self._reader.has_relabelled(act.samples, act.reading):
            raise InvalidAction("the label changed while it was on your screen; look again, and press once more")
        act = still_asked(act, lambda sample_id: self.scheduler.is_settled(sample_id, reviewer))
        act = self._with_copies(act) if page == "grid" else act
        return to_lines(act, [self._label(each) for each in act.samples], reviewer=reviewer, at=at)

    def _label(self, sample_id: str) -> Label:
        number = self.scheduler.items.number.get(sample_id)
        if number is None:
            raise InvalidAction("this picture is not in the workspace; reload the page")
        items = self.scheduler.items
        return Label(words(int(items.label[number])), given_text(items, number))

    def _undo(self, reviewer: str, act: ReviewAction, page: str, at: str, now: float) -> Decision:
        taken = self.state.latest(reviewer, SCREENS[page])
        if not taken:
            raise InvalidAction("there is nothing of yours to undo on this page")
        if page == "queue":  # before it is open again, so that nobody else is shown it
            again = [line.sample_id for line in taken]
            self.claim_pictures(lambda: self._claims.hold(reviewer, [*again, *self._claims.held(reviewer)], now))
        return undo_line(act, taken[0].action, reviewer=reviewer, at=at)

    def _choices(self) -> dict[str, list[str]]:
        items = self.scheduler.items
        reasons = [DISPUTED, *(KINDS[code] for code in np.unique(items.kind).tolist() if code)]
        return {"source": list(items.sources), "reason": reasons}

    def _cards(self, reviewer: str, filters: Filters, now: float) -> tuple[list[dict[str, Any]], ReviewProgress]:
        chosen = self.claim_pictures(lambda: self.scheduler.next_cards(reviewer, filters, now, _AHEAD))
        return [self._card(number, screen) for number, screen in chosen], self.scheduler.progress(reviewer, filters)

    def _card(self, number: int, screen: str) -> dict[str, Any]:
        blind = self.votes > 1 or screen != "queue"
        return full_card(self.scheduler.items, self.state, self.thumbnails, number, screen=screen, blind=blind)
