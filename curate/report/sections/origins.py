"""Where labels come from, and what reviewers did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from curate.labels import ORIGINS
from curate.report.charts import bar_plot
from curate.report.markup import Markup, code, join, note, row, sentence, table
from curate.report.reported import ReportedVersion
from curate.review.overview import DecisionSummary

__all__ = ["show_origins"]

_MEANING = {
    "given": "all sources that label the picture agree",
    "majority": "the majority of sources",
    "priority": "the source that is trusted most",
    "votes": "annotators' votes",
    "group": "the copies of the picture, together",
    "patch": "a patch from another workspace",
    "reviewed": "people who looked at the picture",
}
_CONFUSIONS = 10


def show_origins(subject: ReportedVersion) -> Markup:
    """A plot of origins by class, who reviewed what, and the log at a glance."""
    rows = subject.rows
    counts = rows["label_origin"].value_counts()
    present = [origin for origin in ORIGINS if counts.get(origin, 0)]
    shares = [
        (origin, int(counts[origin]), f"{counts[origin] / len(rows):.1%}", _MEANING[origin]) for origin in present
    ]
    by_class = {
        label: Counter(rows.loc[rows["label"] == label, "label_origin"].tolist()) for label in subject.header.classes
    }
    caption = f"Pictures of {subject.name} by class and by what settled their label."
    plot = bar_plot("origins", by_class, xlabel="pictures", caption=caption, parts=present)
    return join(
        row(plot, table(["origin", "pictures", "share", "settled by"], shares), kind="beside"),
        _reviewers(subject),
        _log(subject),
    )


def _reviewers(subject: ReportedVersion) -> Markup:
    named = subject.rows["label_by"].dropna().value_counts()
    if named.empty:
        return sentence(f"No label of {subject.name} was set by a reviewer or a patch.")
    by_whom = [
        (str(name), int(count)) for name, count in sorted(named.items(), key=lambda item: (-item[1], str(item[0])))
    ]
    return table(["by whom", "labels here"], by_whom, title="Set by somebody")


def _log(subject: ReportedVersion) -> Markup:
    reviews = subject.evidence.reviews
    if reviews is None:
        return sentence("What reviewers decided is not known here: this workspace has no catalog.")
    if not reviews.log:
        return sentence("No decisions yet: ", code("curate review"))
    disputed = f"; pictures on which reviewers are divided: {len(reviews.disputed):,}" if reviews.disputed else ""
    return join(
        sentence(f"Decisions in the workspace's log, as of now: {len(reviews.log):,}{disputed}."),
        _rows(reviews.reviewers, "What reviewers decided"),
        _agreement(reviews),
        _rows(reviews.consistency, "Pictures that were shown again"),
    )


def _agreement(reviews: DecisionSummary) -> Markup:
    if len(reviews.reviewers) < 2:
        return note("Agreement of reviewers needs two of them.")
    if not reviews.agreement:
        return note("No two reviewers decided the same picture yet, so that their agreement is not known.")
    return join(
        _rows(reviews.agreement, "How far reviewers agree"),
        sentence(f"Fleiss' kappa of all: {reviews.fleiss}."),
        _rows(reviews.confusions[:_CONFUSIONS], "Where they differ most often"),
    )


def _rows(rows: Sequence[Mapping[str, Any]], title: str) -> Markup:
    return table(list(rows[0]), [list(row.values()) for row in rows], title=title) if rows else join()
