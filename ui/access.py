"""Who may see anything, and who is reviewing."""

import hmac

import streamlit as st

from curate._ui.settings import settings
from curate.review.actions import reviewer_name

__all__ = ["admit", "reviewer"]


def admit() -> None:
    """Stop here unless the browser knows the token."""
    token = settings().token
    if st.session_state.get("admitted"):
        _keep_in_url("token", token)
        return
    if not hmac.compare_digest(st.query_params.get("token", "").encode(), token.encode()):
        st.title("A token is needed")
        st.text("Open the address that `curate review` printed; it ends in ?token= and a long number.")
        st.stop()
    st.session_state["admitted"] = True


def reviewer() -> str:
    """Who is reviewing: by the address (?reviewer=ann), or asked for; nothing else is shown until it is known."""
    name = st.session_state.get("reviewer") or reviewer_name(st.query_params.get("reviewer", ""))
    if not name:
        name = _ask()
    st.session_state["reviewer"] = name
    _keep_in_url("reviewer", name)
    return name


def _ask() -> str:
    st.title("Who is reviewing?")
    with st.form("reviewer form", width=420):
        typed = st.text_input("Your name", max_chars=60, help="It stands beside every decision you take.")
        sent = st.form_submit_button("Start")
    name = reviewer_name(typed or "")
    if not (sent and name):
        st.stop()
    st.session_state["reviewer"] = name
    st.rerun()


def _keep_in_url(name: str, value: str) -> None:
    """Going to another page clears the address; a reload must find it complete."""
    if value and st.query_params.get(name) != value:
        st.query_params[name] = value
