"""Labels that contradict each other: within pictures and groups, between sources, and between labels and votes."""

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from curate.emotions import LABEL_INDEX, LABELS
from curate.labellers import Labeller, labellers_of
from curate.labels import UNRESOLVED, Ballots, PanelVotes
from curate.report.charts import confusion_plot
from curate.report.markup import Markup, join, note, row, sentence, table
from curate.report.plots import short
from curate.report.reported import ReportedVersion

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["show_conflicts"]

_PLOTS = 4
_MOST = 4


def show_conflicts(subject: ReportedVersion) -> Markup:
    """Counts of contradictions, agreement of labellers, and a heat map of every two labellers that share pictures."""
    return join(_contradictions(subject), _agreement(subject), _heat_maps(subject), _ceilings(subject))


def _contradictions(subject: ReportedVersion) -> Markup:
    audits = {"as delivered": subject.evidence.delivered, subject.name: subject.evidence.released}
    if None in audits.values():
        return sentence("Contradictions are not counted here: the catalog of this workspace does not hold the sources.")
    rows = [
        (where, each.where, each.count, each.counted_before, each.occurrences, _most_often(each.confusions))
        for where, audit in audits.items()
        if audit
        for each in audit.conflicts
    ]
    title = "Given labels that contradict each other"
    return table(
        ["where", "within", "count", "of these in the row above", "occurrences", "most often"], rows, title=title
    )


def _agreement(subject: ReportedVersion) -> Markup:
    audit = subject.evidence.delivered
    if audit is None:
        return join()
    if not audit.disagreements:
        return sentence("No two sources or panels of annotators label the same pictures.")
    rows = [
        (each.a, each.b, each.shared, f"{each.agreement:.1%}", _most_often(each.confusions))
        for each in audit.disagreements
    ]
    return table(
        ["one", "other", "shared", "agree", "most often differ"], rows, title="How far labellers agree, as delivered"
    )


def _most_often(confusions: tuple[tuple[str, str, int], ...]) -> str:
    return ", ".join(f"{a} / {b} {count:,}" for a, b, count in confusions[:_MOST])


def _heat_maps(subject: ReportedVersion) -> Markup:
    labellers = _labellers(subject.occurrences)
    plots: list[Markup] = []
    for one, other in combinations(labellers, 2):
        both = (one.label != UNRESOLVED) & (other.label != UNRESOLVED)
        differ = one.label[both] != other.label[both]
        if one.panel is not None or not differ.any() or len(plots) == _PLOTS:
            continue
        plots.append(_heat_map(f"labels{len(plots)}", one, other, both))
    return row(*plots) if plots else join()


def _labellers(occurrences: "pd.DataFrame") -> list[Labeller]:
    names, sample = np.unique(occurrences["sample_id"].to_numpy(str), return_inverse=True)
    sources = list(dict.fromkeys(occurrences["source"].tolist()))
    source = occurrences["source"].map({name: number for number, name in enumerate(sources)}).to_numpy(np.int64)
    label = occurrences["given_label"].map(LABEL_INDEX).fillna(UNRESOLVED).to_numpy(np.int64)
    counts = occurrences[[f"votes_{name}" for name in LABELS]].fillna(0).to_numpy(np.int64)
    given, voted = label != UNRESOLVED, counts.any(axis=1)
    votes = PanelVotes(sample[voted], source[voted], np.full(voted.sum(), ""), counts[voted])
    return labellers_of(sources, len(names), given=Ballots(sample[given], source[given], label[given]), votes=votes)


def _title(labeller: Labeller) -> str:
    return short(f"{'labels' if labeller.panel is None else 'votes'} of {labeller.source}")


def _heat_map(name: str, one: Labeller, other: Labeller, both: np.ndarray) -> Markup:
    counts = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(counts, (one.label[both], other.label[both]), 1)
    rows, columns = np.flatnonzero(counts.sum(axis=1)), np.flatnonzero(counts.sum(axis=0))
    titles = (_title(one), _title(other))
    caption = (
        f"The {int(both.sum()):,} pictures that both label: the {titles[0]} row by row (pictures in brackets), "
        f"and in percent the {titles[1]} for the same pictures."
    )
    named = [[LABELS[each] for each in chosen] for chosen in (rows, columns)]
    return confusion_plot(name, counts[np.ix_(rows, columns)], *named, axes_are=titles, caption=caption)


def _ceilings(subject: ReportedVersion) -> Markup:
    audit = subject.evidence.delivered
    known = [each for each in audit.ceilings if each.agreement is not None] if audit else []
    if not known:
        return note("How far people agree with each other is not known: no panel of annotators saw pictures twice.")
    rows = [
        (each.source, each.panel, each.clear, f"{each.agreement:.1%}", f"{each.low:.1%} to {each.high:.1%}")
        for each in known
    ]
    title = "Human ceiling: two panels on identical pictures"
    return table(["source", "panel", "pairs", "agree", "95 % interval"], rows, title=title)
