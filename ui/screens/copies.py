"""Duplicates: copies with conflicting labels, and pairs that may or may not show one photograph."""

import streamlit as st

from curate._ui.access import reviewer
from curate._ui.boards import ONE_LABEL, mount
from curate._ui.freshness import tell_news
from curate._ui.settings import desk
from curate.review.cases import copies_to_settle
from curate.review.keys import PAIR_KEYS

__all__ = ["page"]

_CONFLICTS, _DOUBTFUL = "Copies with conflicting labels", "Doubtful pairs"

_GROUP = (*(each for each in PAIR_KEYS if each.does == "different"), *ONE_LABEL)
_PAIR = (*PAIR_KEYS, *(each for each in ONE_LABEL if each.does in ("skip", "undo", "help")))


def page() -> None:
    """Show the page."""
    chosen = st.segmented_control("What", [_CONFLICTS, _DOUBTFUL], default=_CONFLICTS, key="copies what",
                                  label_visibility="collapsed")  # fmt: skip
    _board(chosen == _DOUBTFUL)


@st.fragment
def _board(doubtful: bool) -> None:  # noqa: FBT001
    name, reading = reviewer(), tell_news()
    found = copies_to_settle(desk(), name, doubtful=doubtful)
    found["nothing"] = "The command “curate duplicates” looks for copies; what was decided is not shown again."
    mount("cases", "duplicates", name, _PAIR if doubtful else _GROUP, found | {"reading": reading})
