"""What the server runs for every browser: access first, then the reviewer's name, then the pages."""

import streamlit as st

from curate._ui import access, freshness
from curate._ui.screens import copies, grid, queue, reviews, versions
from curate._ui.settings import session
from curate.errors import CurateError

st.set_page_config(page_title="curate review", layout="wide",
                   initial_sidebar_state="collapsed")  # fmt: skip
st.html(
    "<style>.stMainBlockContainer { padding: 4.2rem 2rem 1rem } .stAppDeployButton { display: none }"
    " .stHeading h3 { font-size: 1.15rem; padding: 0.3rem 0 } .stElementContainer:has(style) { display: none }</style>"
)
access.admit()
name = access.reviewer()
try:
    session()
    freshness.catch_up()
except CurateError as problem:
    st.title("The workspace cannot be read")
    st.text(str(problem))
    st.stop()
chosen = st.navigation(  # without icons: Streamlit takes the one of the browser's tab from another host
    [
        st.Page(queue.page, title="Queue", url_path="queue", default=True),
        st.Page(grid.page, title="Grid", url_path="grid"),
        st.Page(copies.page, title="Duplicates", url_path="duplicates"),
        st.Page(reviews.page, title="Reviews", url_path="reviews"),
        st.Page(versions.page, title="Versions", url_path="versions"),
    ],
    position="top",
)
with st.sidebar:
    st.caption("Reviewing as")
    st.text(name)
try:
    chosen.run()
except CurateError as problem:  # such as a score that somebody damaged; the other pages still work
    st.text(str(problem))
