"""Keeping up with the workspace: what changed in it is read again, and every browser shows it once."""

import streamlit as st

from curate._ui.settings import session
from curate.errors import CurateError

__all__ = ["catch_up", "read_again", "show_news"]

_SEEN = "reading seen"


def catch_up() -> None:
    """When a page is opened: wait until what changed is read, and say so. Key presses never wait for it."""
    st.session_state.setdefault(_SEEN, session().news.reading)
    with st.spinner("Reading the workspace again"):  # shown only when it takes long
        session().catch_up()
    show_news()


def show_news() -> int:
    """Say what was read since this browser last showed it; which reading it sees now."""
    news = session().news
    if news.reading != st.session_state.get(_SEEN):
        st.session_state[_SEEN] = news.reading
        st.toast(news.words, duration="long")
    return int(news.reading)


def read_again() -> None:
    """Read everything, changed or not."""
    try:
        session().reload()
    except CurateError:
        st.toast("The workspace cannot be read now; `curate status` tells why.", duration="long")
