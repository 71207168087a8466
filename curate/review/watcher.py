"""The workspace changes while people review it: reading it again beside their work, and saying what changed."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from curate.catalog import Catalog
from curate.catalog.state import CatalogState, data_version, read_state
from curate.config import Config
from curate.errors import CurateError
from curate.review.items import ReviewItems
from curate.review.loading import read_items
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ReloadNotice", "WorkspaceWatcher"]

_CHANGES = {
    "sources": "pictures came or went",
    "copies": "copies were searched",
    "suspects": "labels were judged",
    "patches": "a patch was applied",
}
_UNREADABLE = "The workspace changed and cannot be read now. What you see is as it was; what you decide is kept."


class ReloadNotice(NamedTuple):
    """What the last reading brought: a number that grows with each, and words for whoever has not seen them.

    The words are our own, with numbers; nothing from files is in them.
    """

    reading: int
    words: str


class WorkspaceWatcher:
    """Reads the workspace, and again when it changed; for the one thread that owns the catalog, but for `news`.

    Attributes:
        news: of the last reading.
    """

    def __init__(
        self, workspace: Workspace, *, suspects: "Callable[[Workspace], pd.DataFrame]", after: Callable[[], None]
    ) -> None:
        """Read nothing yet.

        Args:
            workspace: what to read.
            suspects: where suspects come from.
            after: called after each reading.
        """
        self._workspace, self._suspects, self._after = workspace, suspects, after
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._pending: Future[_Reading] | None = None
        self._trace = _Trace(0, 0)
        self._taken: _Reading | None = None
        self._relabelled: dict[str, int] = {}
        self.news = ReloadNotice(0, "")

    def close(self) -> None:
        """Wait for a reading that is under way, and end."""
        self._worker.shutdown()

    def read(self, catalog: Catalog) -> ReviewItems:
        """Read now, and wait for it."""
        self._start(catalog)
        return self._take()

    def look(self, catalog: Catalog) -> ReviewItems | None:
        """Begin to read where something changed; once it is read, what it holds now. Never waits.

        That nothing changed takes microseconds to see; what a decision elsewhere left unchanged, milliseconds.
        """
        try:
            if self._pending is None and _trace(self._workspace, catalog) != self._trace:
                self._start(catalog, only_changed=True)
            return self._take() if self._pending is not None and self._pending.done() else None
        except CurateError:  # it is tried again when something changes again
            self.news = ReloadNotice(self.news.reading + 1, _UNREADABLE)
            return None

    def under_way(self) -> "Future[Any] | None":
        """The reading that is under way, for those who wait in another thread."""
        return self._pending

    def has_relabelled(self, sample_ids: Iterable[str], since: int) -> bool:
        """Has a picture another label now than on a screen that was made after reading `since`?"""
        return any(self._relabelled.get(each, 0) > since for each in sample_ids)

    def _start(self, catalog: Catalog, *, only_changed: bool = False) -> None:
        self._trace = _trace(self._workspace, catalog)  # first: what changes from here on is seen the next time
        mark = _Mark(read_state(catalog), replace(self._workspace.config, sources=()))
        if not (only_changed and self._taken and mark == self._taken.mark):
            self._pending = self._worker.submit(self._read, mark, self._taken)

    def _read(self, mark: "_Mark", before: "_Reading | None") -> "_Reading":
        """In a thread of its own, with a connection of its own."""
        items = read_items(self._workspace, self._suspects)
        relabelled = _find_relabelled(before.items, items) if before else []
        self._after()
        return _Reading(mark, items, relabelled)

    def _take(self) -> ReviewItems:
        pending, self._pending = self._pending, None
        if pending is None:
            raise RuntimeError("nothing is being read")
        before, taken = self._taken, pending.result()
        self._taken = taken
        self.news = ReloadNotice(self.news.reading + 1, _in_words(before, taken) if before else "")
        self._relabelled |= dict.fromkeys(taken.relabelled, self.news.reading)
        return taken.items


class _Trace(NamedTuple):
    """Shows at a glance whether anything may have changed: others wrote to the catalog, or to curate.toml."""

    commits: int
    edited_ns: int


class _Mark(NamedTuple):
    """What a reading rests on: the catalog, and curate.toml but for the list of sources, which every ingest edits."""

    stock: CatalogState
    config: Config


class _Reading(NamedTuple):
    """What was read, and the pictures whose label is not what the reading before said."""

    mark: _Mark
    items: ReviewItems
    relabelled: list[str]


def _trace(workspace: Workspace, catalog: Catalog) -> _Trace:
    try:
        edited_ns = (workspace.folder / "curate.toml").stat().st_mtime_ns
    except OSError:  # an editor is replacing it
        edited_ns = 0
    return _Trace(data_version(catalog), edited_ns)


def _in_words(before: _Reading, after: _Reading) -> str:
    old, new = before.mark, after.mark
    changed = [said for name, said in _CHANGES.items() if getattr(old.stock, name) != getattr(new.stock, name)]
    changed += ["curate.toml was edited"] if old.config != new.config else []
    count = len(after.items.ids)
    came = count - len(before.items.ids)
    more = f", {abs(came):,} {'more' if came > 0 else 'fewer'}" if came else ""
    return f"The workspace was read again: {', '.join(changed) or 'as asked'}. {count:,} pictures{more}."


def _find_relabelled(before: ReviewItems, after: ReviewItems) -> list[str]:
    """sample_ids in both whose label before any review is not the same."""
    old, new = before.label.tolist(), after.label.tolist()
    places = ((each, before.number.get(each), label) for each, label in zip(after.ids, new, strict=True))
    return [each for each, place, label in places if place is not None and old[place] != label]
