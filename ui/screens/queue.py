"""Queue: one large face after the other; one key decides."""

import time

import streamlit as st

from curate._ui.access import reviewer
from curate._ui.boards import mount
from curate._ui.freshness import read_again, tell_news
from curate._ui.settings import desk
from curate.emotions import LABELS
from curate.review.collection import SPLITS
from curate.review.keys import QUEUE_KEYS
from curate.review.queue import Filters

__all__ = ["page"]


def page() -> None:
    """Show the page."""
    _board(_choose())


def _choose() -> Filters:
    choices = desk().choices() | {"label": list(LABELS), "split": list(SPLITS[1:])}
    with st.sidebar:
        st.subheader("Show only")
        titles = {"label": "Class", "source": "Source", "reason": "Reason", "split": "Split"}
        chosen = {
            name: st.selectbox(title, ["", *choices[name]], format_func=_or_all, key=f"filter {name}")
            for name, title in titles.items()
        }
        st.button("Read the workspace again", on_click=read_again,
                  help="What changed is read anyway; this reads all of it.")  # fmt: skip
    return Filters(**{name: value or "" for name, value in chosen.items()})


@st.fragment
def _board(filters: Filters) -> None:
    name, reading = reviewer(), tell_news()
    cards, progress = desk().cards(name, filters, time.time())
    mount("queue", "queue", name, QUEUE_KEYS, {"reading": reading, "cards": cards, "progress": progress._asdict()})


def _or_all(choice: str) -> str:
    return choice or "all"
