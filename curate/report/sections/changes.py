"""What changed since the parent: rows by kind, class by class, by whom; and whether it made the version better."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from curate.benchmark.statistics import Interval
from curate.errors import VersionNotFound
from curate.manifest import Version, VersionDiff, diff_versions
from curate.report.charts import confusion_plot
from curate.report.markup import Markup, code, join, note, sentence, table
from curate.report.reported import ReportedVersion

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["show_changes"]

_MOST = 12


def show_changes(subject: ReportedVersion) -> Markup:
    """The difference to the parent, and the comparison of scores."""
    told = subject.header["parent"]
    if told is None:
        return sentence(f"{subject.name} starts its line: nothing stands before it.")
    try:
        parent = Version(subject.version.folder.parent, told["name"], state=subject.version.state)
    except VersionNotFound:
        return sentence(f"The parent {told['name']} is not in this workspace, so that changes cannot be told.")
    if parent.header["digest"] != told["digest"]:
        return sentence(
            f"The version {told['name']} in this workspace is another one than the parent of {subject.name}."
        )
    found = diff_versions(parent, subject.version)
    return join(_kinds(found), _worth(subject), _relabelled(found), _classes(found), _removed(found), _added(found))


def _kinds(found: VersionDiff) -> Markup:
    kinds = ("added", "removed", "relabelled", "moved", "withdrawn")
    rows = [("as they were", found.same), *((kind, len(getattr(found, kind))) for kind in kinds)]
    title = f"From {found.a} to {found.b}"
    remark = [note("Withdrawn rows are among the removed ones.")] * bool(len(found.withdrawn))
    return join(table(["what happened", "pictures"], rows, title=title), *remark)


def _relabelled(found: VersionDiff) -> Markup:
    changed = found.relabelled
    if changed.empty:
        return join()
    by = changed["label_by"].fillna("nobody in particular") + " (" + changed["label_origin"] + ")"
    labels = sorted({*changed["label_a"], *changed["label_b"]})
    place = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(counts, (changed["label_a"].map(place), changed["label_b"].map(place)), 1)
    caption = (
        f"Relabelled pictures: from the label in {found.a} (pictures in brackets) to that in {found.b}, in percent."
    )
    return join(
        table(["by whom", "relabelled"], _counted(by)),
        confusion_plot("relabelled", counts, labels, labels, axes_are=(found.a, found.b), caption=caption),
    )


def _classes(found: VersionDiff) -> Markup:
    columns = ["class", found.a, found.b, "added", "removed", "relabelled to", "relabelled from"]
    rows = [(c.label, c.before, c.after, c.added, c.removed, c.relabelled_to, c.relabelled_from) for c in found.classes]
    return table(columns, rows, title="Class by class")


def _removed(found: VersionDiff) -> Markup:
    rows = _counted(found.removed["why"])
    return table(["removed because", "pictures"], rows) if rows else join()


def _added(found: VersionDiff) -> Markup:
    made = found.added["transform"].dropna()
    return table(["added by augmentation", "pictures"], _counted(made)) if len(made) else join()


def _counted(values: "pd.Series[str]") -> list[tuple[str, int]]:
    counts = Counter(values.tolist())
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST]


def _worth(subject: ReportedVersion) -> Markup:
    evidence = subject.evidence
    if evidence.comparisons:
        told = [sentence(f"{each.recipe}: {each.sentence}.") for each in evidence.comparisons]
        rows = [
            (e.recipe, *_points(e.difference.accuracy), *_points(e.difference.macro_f1)) for e in evidence.comparisons
        ]
        columns = ["recipe", "accuracy", "95 % interval", "macro F1", "95 % interval"]
        return join(*told, table(columns, rows, title="Scores, change in percentage points"))
    parent = subject.header["parent"]["name"]
    reason = evidence.not_compared or "neither was scored"
    return sentence(
        f"Whether it is better than {parent} is not known: {reason}. ", code(f"curate compare {parent} {subject.name}")
    )


def _points(change: Interval) -> tuple[str, str]:
    if change.low is None or change.high is None:
        return f"{100 * change.estimate:+.1f}", "unknown: one run"
    return f"{100 * change.estimate:+.1f}", f"{100 * change.low:+.1f} to {100 * change.high:+.1f}"
