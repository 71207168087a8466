"""Grid: sixty faces of one label; mark those that do not belong there, one key decides them all."""

import time

import streamlit as st

from curate._ui.access import reviewer
from curate._ui.boards import mount
from curate._ui.freshness import show_news
from curate._ui.screens.filters import choose
from curate._ui.settings import session
from curate.emotions import LABELS
from curate.review.actions import PICTURE_KEYS, Key
from curate.review.grid import grid_page
from curate.review.queue import EVERYTHING, Filters
from curate.review.scope import SCOPES

__all__ = ["page"]

_BY = {"now": "faces whose label is now", "given": "faces that a source calls", "suggested": "faces suggested as"}
_TURNING = (Key("a", "all", "", "mark all or none"), Key("n", "turn", "", "next"), Key("b", "turn", "", "back"))
_KEYS = (*(each for each in PICTURE_KEYS if each.does != "skip" and each.key != "enter"), *_TURNING)


def page() -> None:
    """Show the page."""
    st.session_state.setdefault("grid label", "happy")
    choices = {"by": list(_BY), "label": LABELS, "scope": [*SCOPES, EVERYTHING]}
    _board(Filters(**choose("grid", choices, words=_words, widths=(1.5, 1, 2.5))))


@st.fragment
def _board(filters: Filters) -> None:
    name, reading = reviewer(), show_news()
    start = st.session_state.get("grid start", 0) if st.session_state.get("grid filters") == filters else 0
    sheet = grid_page(session(), name, filters, start=start, now=time.time())
    st.session_state["grid start"], st.session_state["grid filters"] = sheet["start"], filters
    title = f"{_BY[filters.by]} {filters.label.replace('_', ' ')}".capitalize()
    mount("sheet", "grid", name, _KEYS, sheet | {"reading": reading, "title": title}, on_turn_change=_turn)


def _words(name: str, choice: str) -> str:
    return _BY[choice] if name == "by" else choice.replace("_", " ")


def _turn() -> None:
    wanted = st.session_state["grid"].get("turn")
    if isinstance(wanted, int | float):
        st.session_state["grid start"] = max(0, int(wanted))
