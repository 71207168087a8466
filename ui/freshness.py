"""Keeping up with the workspace: what changed in it is read again, and every browser is told once."""

import streamlit as st

from curate._ui.settings import desk
from curate.errors import CurateError

__all__ = ["catch_up", "read_again", "tell_news"]

_SEEN = "reading seen"


def catch_up() -> None:
    """When a page is opened: wait until what changed is read, and say so. Key presses never wait for it."""
    st.session_state.setdefault(_SEEN, desk().news.reading)
    with st.spinner("Reading the workspace again"):  # shown only when it takes long
        desk().catch_up()
    tell_news()


def tell_news() -> int:
    """Say what was read since this browser was told last; which reading it sees now."""
    news = desk().news
    if news.reading != st.session_state.get(_SEEN):
        st.session_state[_SEEN] = news.reading
        st.toast(news.words, duration="long")
    return int(news.reading)


def read_again() -> None:
    """Read everything, changed or not."""
    try:
        desk().reload()
    except CurateError:
        st.toast("The workspace cannot be read now; `curate status` tells why.", duration="long")
