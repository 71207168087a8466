"""Duplicates: copies with conflicting labels, and pairs that may or may not show one photograph."""

from collections.abc import Sequence

import streamlit as st

from curate._ui.access import reviewer
from curate._ui.boards import ONE_LABEL, mount
from curate._ui.freshness import show_news
from curate._ui.screens.filters import choose
from curate._ui.settings import session
from curate.review.actions import PAIR_KEYS
from curate.review.cases import copies_to_settle, doubts_to_settle

__all__ = ["page"]

_CONFLICTS, _DOUBTFUL = "copies with conflicting labels", "doubtful pairs"
_ACROSS = "across official splits"

_GROUP = (*(each for each in PAIR_KEYS if each.does == "different"), *ONE_LABEL)
_PAIR = (*PAIR_KEYS, *(each for each in ONE_LABEL if each.does in ("skip", "undo", "help")))


def page() -> None:
    """Show the page."""
    choices: dict[str, Sequence[str]] = {"what": (_CONFLICTS, _DOUBTFUL), "splits": ("", _ACROSS)}
    if st.session_state.get("copies what") == _DOUBTFUL:
        choices["reason"] = ("", *doubts_to_settle(session()))
    _board(choose("copies", choices, words=_words, widths=(1.3, 1.2, 2)[: len(choices)]))


def _words(name: str, choice: str) -> str:
    return choice or {"splits": "whatever their splits", "reason": "doubtful for whatever reason"}[name]


@st.fragment
def _board(chosen: dict[str, str]) -> None:
    name, reading = reviewer(), show_news()
    doubtful = chosen["what"] == _DOUBTFUL
    across = chosen["splits"] == _ACROSS
    found = copies_to_settle(session(), name, doubtful=doubtful, reason=chosen.get("reason", ""), across=across)
    found["nothing"] = (
        "None by these filters; choose others above. The command “curate duplicates” looks for copies; what was "
        "decided is not shown again."
    )
    mount("cases", "duplicates", name, _PAIR if doubtful else _GROUP, found | {"reading": reading})
