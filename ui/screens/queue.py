"""Queue: one large face after the other; one key decides."""

import time

import streamlit as st

from curate._ui.access import reviewer
from curate._ui.boards import mount
from curate._ui.freshness import read_again, show_news
from curate._ui.screens.filters import choose
from curate._ui.settings import session
from curate.emotions import LABELS
from curate.review.actions import QUEUE_KEYS
from curate.review.items import SPLITS
from curate.review.queue import EVERYTHING, Filters
from curate.review.scope import SCOPES

__all__ = ["page"]


_ALL = {"label": "all classes", "source": "all sources", "reason": "whatever the reason", "split": "all splits"}


def page() -> None:
    """Show the page."""
    _board(_choose())


def _choose() -> Filters:
    known = session().choices() | {"label": list(LABELS), "split": list(SPLITS[1:])}
    choices = {"scope": [*SCOPES, EVERYTHING]} | {name: ["", *known[name]] for name in _ALL}
    chosen = choose("queue", choices, words=_words, widths=(3, 1.4, 1.6, 2.4, 1.2))
    with st.sidebar:
        st.button("Read the workspace again", on_click=read_again,
                  help="What changed is read anyway; this reads all of it.")  # fmt: skip
    return Filters(**chosen)


@st.fragment
def _board(filters: Filters) -> None:
    name, reading = reviewer(), show_news()
    cards, progress = session().cards(name, filters, time.time())
    mount("queue", "queue", name, QUEUE_KEYS, {"reading": reading, "cards": cards, "progress": progress._asdict()})


def _words(name: str, choice: str) -> str:
    return choice.replace("_", " ") if choice else _ALL[name]
