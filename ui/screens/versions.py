"""Versions: what was released, how its classes are balanced, what changed, what was scored, and how it trained."""

import pandas as pd
import streamlit as st

from curate._ui.settings import session
from curate.manifest import Version, diff_versions
from curate.runs.browse import ScoredRun, read_curves, scored_runs

__all__ = ["page"]

_MEASURES = ("accuracy", "macro_f1", "balanced_accuracy", "ece")
_SCORE_COLUMNS = ("version", "recipe", "protocol", "leaks", "scored", "seed", "pictures", *_MEASURES)
_HELP = {
    "joined": st.column_config.Column(help="Rows that have this label now and had another one"),
    "left": st.column_config.Column(help="Rows that had this label and have another one now"),
}
_COLOURS = ("#c9a86a", "#4f9583", "#8fb8d8")


def page() -> None:
    """Show the page."""
    versions = session().workspace.versions()
    if not versions:
        st.text("No version was released yet; `curate freeze v1` makes one.")
        return
    st.subheader("Released")
    st.dataframe(pd.DataFrame([_summary(each) for each in versions]), hide_index=True)
    left, right = st.columns(2, gap="large")
    with left:
        _balance(versions)
    with right:
        _difference(versions)
    _scores(versions)


def _scores(versions: list[Version]) -> None:
    """Every run that was scored, best first."""
    table = pd.concat([version.scores() for version in versions], ignore_index=True)
    st.subheader("Scores")
    if table.empty:
        st.text("No version was scored yet; `curate benchmark NAME` trains the baseline on one.")
        return
    shown = table[list(_SCORE_COLUMNS)].sort_values("accuracy", ascending=False, ignore_index=True)
    st.dataframe(shown.round(4), hide_index=True)
    runs = [run for version in versions for run in scored_runs(version)]
    st.subheader("A run")
    number = st.selectbox(
        "Run",
        range(len(runs)),
        format_func=lambda index: f"{runs[index].version}: {runs[index].name}",
        label_visibility="collapsed",
        key="run",
    )
    left, right = st.columns(2, gap="large")
    with left:
        _confusion(runs[number])
    with right:
        _curves(runs[number])


def _confusion(run: ScoredRun) -> None:
    if run.confusion is None:
        st.text("The picture of the confusion matrix is not beside the score.")
        return
    st.image(str(run.confusion), width=640)


def _curves(run: ScoredRun) -> None:
    curves = read_curves(run)
    if curves.missing:
        st.text(curves.missing)
        return
    for name, table in (("Loss", curves.loss), ("Accuracy", curves.accuracy)):
        st.line_chart(table, x_label="epoch", y_label=name, height=260, color=list(_COLOURS[: table.shape[1]]))


def _summary(version: Version) -> dict[str, object]:
    header = version.header
    return {
        "version": version.name,
        "parent": header.parent_name,
        "created": header.created[:16],
        "pictures": sum(header.split_sizes.values()),
        "withdrawn": len(header.withdrawn),
        "digest": header.digest[:12],
    }


def _balance(versions: list[Version]) -> None:
    st.subheader("Class balance")
    names = [each.name for each in versions]
    name = st.selectbox("Version", names, index=len(names) - 1, key="balance of")
    version = next(each for each in versions if each.name == name)
    table = pd.DataFrame(dict(version.header.counts)).fillna(0).astype(int)
    st.bar_chart(table, horizontal=True, height=320, color=list(_COLOURS[: table.shape[1]]))


def _difference(versions: list[Version]) -> None:
    st.subheader("What changed")
    names = [each.name for each in versions]
    if len(names) < 2:
        st.text("There is one version; the next one can be compared with it.")
        return
    one, two = st.columns(2)
    a = one.selectbox("From", names, index=len(names) - 2, key="diff a")
    b = two.selectbox("To", names, index=len(names) - 1, key="diff b")
    by_name = {each.name: each for each in versions}
    changed = diff_versions(by_name[str(a)], by_name[str(b)])
    counts = {name: len(getattr(changed, name)) for name in ("added", "removed", "relabelled", "moved")}
    st.text(", ".join(f"{count:,} {what}" for what, count in counts.items()) + f", {changed.same:,} as they were")
    if not any(counts.values()):
        return
    classes = pd.DataFrame(changed.classes).rename(columns={"relabelled_to": "joined", "relabelled_from": "left"})
    st.dataframe(classes, hide_index=True, column_config=_HELP)
    if len(changed.relabelled):
        called = {"label_a": "from", "label_b": "to", "split": "split", "label_by": "by", "sample_id": "sample_id"}
        st.dataframe(changed.relabelled[list(called)].rename(columns=called), hide_index=True, height=240)
