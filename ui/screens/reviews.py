"""Reviews: who decided what, how far reviewers agree, and what they disagree on."""

from typing import Any

import pandas as pd
import streamlit as st

from curate._ui.access import reviewer
from curate._ui.boards import ONE_LABEL, mount
from curate._ui.freshness import show_news
from curate._ui.settings import session
from curate.review.cases import disputes_to_settle
from curate.review.overview import DecisionSummary, log_to_csv, summarise_decisions, tabulate_log

__all__ = ["page"]

_SCREEN = st.column_config.Column(width=125)


def page() -> None:
    """Show the page."""
    seen = session().do(lambda: (session().refresh(), summarise_decisions(session().state.lines))[1])
    if not seen.log:
        st.text("Nobody has decided anything yet.")
        return
    agreement, settle, log = st.tabs(["Agreement", f"To settle ({len(seen.disputed)})", "All decisions"])
    with agreement:
        _agreement(seen)
    with settle:
        _settle()
    with log:
        st.dataframe(tabulate_log(seen.log), hide_index=True, height=480, column_config={"screen": _SCREEN})
        st.download_button("Export as CSV", log_to_csv(seen.log).encode(), "decisions.csv", "text/csv")


def _agreement(seen: DecisionSummary) -> None:
    st.subheader("Reviewers")
    st.dataframe(pd.DataFrame(seen.reviewers), hide_index=True)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("The same picture once more")
        st.caption("Some pictures come back unannounced, half of them mirrored: does a reviewer say the same?")
        _table(seen.consistency, "No picture came back yet.")
    with right:
        st.subheader("Between reviewers")
        st.text(f"Fleiss' kappa over all pictures with two or more answers: {seen.fleiss}")
        _table(seen.agreement, "No two reviewers decided the same picture yet; “--votes 2” asks two of them.")
        if seen.confusions:
            st.subheader("Where they differ")
            st.dataframe(pd.DataFrame(seen.confusions), hide_index=True)


def _table(rows: list[dict[str, Any]], nothing: str) -> None:
    """A table, or a sentence where it would be empty."""
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True)
    else:
        st.text(nothing)


@st.fragment
def _settle() -> None:
    name, reading = reviewer(), show_news()
    found = disputes_to_settle(session(), name)
    found["nothing"] = "Reviewers agree on every picture that more than one of them decided."
    mount("cases", "settle", name, ONE_LABEL, found | {"reading": reading})
