"""What changed since the parent: rows by kind, class by class, by whom; and whether it made the version better."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from curate.benchmark.intervals import Interval
from curate.errors import VersionNotFound
from curate.manifest import VersionDiff, diff_versions
from curate.report.charts import confusion_plot
from curate.report.markup import Markup, code, join, note, sentence, table
from curate.report.reported import ReportedVersion

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["show_changes"]

_MOST = 12


def show_changes(subject: ReportedVersion) -> Markup:
    """The difference to the parent, and the comparison of scores."""
    named = subject.header.parent
    if named is None:
        return sentence(f"{subject.name} starts its line: nothing stands before it.")
    try:
        parent = subject.parent_of(subject.header)
    except VersionNotFound:
        return sentence(f"The parent {named.name} is not in this workspace, so that changes are not known.")
    if parent is None:
        return sentence(f"The version {named.name} in this workspace is another one than the parent of {subject.name}.")
    diff = diff_versions(parent, subject.version)
    return join(_kinds(diff), _worth(subject), _relabelled(diff), _classes(diff), _removed(diff), _added(diff))


def _kinds(diff: VersionDiff) -> Markup:
    kinds = ("added", "removed", "relabelled", "moved", "withdrawn")
    rows = [("as they were", diff.same), *((kind, len(getattr(diff, kind))) for kind in kinds)]
    title = f"From {diff.a} to {diff.b}"
    remark = [note("Withdrawn rows are among the removed ones.")] * bool(len(diff.withdrawn))
    return join(table(["what happened", "pictures"], rows, title=title), *remark)


def _relabelled(diff: VersionDiff) -> Markup:
    changed = diff.relabelled
    if changed.empty:
        return join()
    by = changed["label_by"].fillna("nobody in particular") + " (" + changed["label_origin"] + ")"
    labels = sorted({*changed["label_a"], *changed["label_b"]})
    index = {label: i for i, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(counts, (changed["label_a"].map(index), changed["label_b"].map(index)), 1)
    caption = f"Relabelled pictures: from the label in {diff.a} (pictures in brackets) to that in {diff.b}, in percent."
    return join(
        table(["by whom", "relabelled"], _counted(by)),
        confusion_plot("relabelled", counts, labels, labels, axes_are=(diff.a, diff.b), caption=caption),
    )


def _classes(diff: VersionDiff) -> Markup:
    columns = ["class", diff.a, diff.b, "added", "removed", "relabelled to", "relabelled from"]
    rows = [(c.label, c.before, c.after, c.added, c.removed, c.relabelled_to, c.relabelled_from) for c in diff.classes]
    return table(columns, rows, title="Class by class")


def _removed(diff: VersionDiff) -> Markup:
    rows = _counted(diff.removed["why"])
    return table(["removed because", "pictures"], rows) if rows else join()


def _added(diff: VersionDiff) -> Markup:
    made = diff.added["transform"].dropna()
    return table(["added by augmentation", "pictures"], _counted(made)) if len(made) else join()


def _counted(values: "pd.Series[str]") -> list[tuple[str, int]]:
    counts = Counter(values.tolist())
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST]


def _worth(subject: ReportedVersion) -> Markup:
    evidence = subject.evidence
    if evidence.comparisons:
        verdicts = [sentence(f"{each.recipe}: {each.sentence}.") for each in evidence.comparisons]
        rows = [
            (e.recipe, *_points(e.difference.accuracy), *_points(e.difference.macro_f1)) for e in evidence.comparisons
        ]
        columns = ["recipe", "accuracy", "95 % interval", "macro F1", "95 % interval"]
        return join(*verdicts, table(columns, rows, title="Scores, change in percentage points"))
    parent = subject.header.parent_name
    reason = evidence.not_compared or "neither was scored"
    return sentence(
        f"Whether it is better than {parent} is not known: {reason}. ", code(f"curate compare {parent} {subject.name}")
    )


def _points(change: Interval) -> tuple[str, str]:
    if change.low is None or change.high is None:
        return f"{100 * change.estimate:+.1f}", "unknown: one run"
    return f"{100 * change.estimate:+.1f}", f"{100 * change.low:+.1f} to {100 * change.high:+.1f}"
