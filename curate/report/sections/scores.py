"""What the version scores: means and intervals over seeds, class by class, and what is taken for what."""

from collections.abc import Sequence

import numpy as np

from curate.benchmark.intervals import mean_interval
from curate.report.charts import IntervalRow, confusion_plot, interval_plot
from curate.report.markup import Markup, card, code, join, note, row, sentence, table, warning
from curate.report.reported import ReportedVersion
from curate.report.seed_runs import SeedRuns, group_runs, measure, spread
from curate.scores import Score

__all__ = ["show_scores"]

_MEASURES = ("accuracy", "accuracy_mirrored", "macro_f1", "balanced_accuracy")
_SHOWN = ("accuracy", "mirror-averaged", "macro F1", "balanced accuracy")


def show_scores(subject: ReportedVersion) -> Markup:
    """A table of all recipes and parts, and for each recipe recall by class and the confusion matrix."""
    groups = group_runs(subject.scores)
    damaged = _damaged(subject)
    if not groups:
        return join(*damaged, sentence("No scores yet: ", code(f"curate benchmark {subject.name}")))
    leaking = [runs for runs in groups if runs.leaks]
    warned = warning(
        "LEAKS: copies of scored pictures are trained on, so that these scores are too high; they are never compared "
        "with leak-free ones."
    )
    return join(
        *damaged,
        _table(groups),
        note("Means over seeds; in brackets the 95 % interval, which one run alone does not have."),
        *[join(warned, _nearness(leaking))] * bool(leaking),
        *(_plots(runs, index) for index, runs in enumerate(groups)),
    )


def _damaged(subject: ReportedVersion) -> list[Markup]:
    """What is left out, if anything is."""
    names = subject.evidence.damaged_scores
    return [warning(f"Damaged and left out: {', '.join(names)}; `curate verify {subject.name}` says why.")] * bool(
        names
    )


def _table(groups: Sequence[SeedRuns]) -> Markup:
    rows = [
        (
            runs.title,
            part,
            runs.scores[0].scored[part].pictures,
            len(runs.scores),
            *(spread(measure(runs.scores, part, name)) for name in _MEASURES),
            _plain(runs.scores, part, "ece"),
        )
        for runs in groups
        for part in runs.scores[0].scored
    ]
    return table(["recipe and protocol", "part", "pictures", "seeds", *_SHOWN, "ECE"], rows)


def _nearness(leaking: Sequence[SeedRuns]) -> Markup:
    names = ("accuracy_near_copy", "accuracy_no_near_copy")
    rows = [
        (runs.title, runs.part, *(spread(measure(runs.scores, runs.part, name)) for name in names)) for runs in leaking
    ]
    columns = ["recipe and protocol", "part", "with a near copy in training", "without"]
    return table(columns, rows, title="Accuracy on scored pictures")


def _plain(scores: Sequence[Score], part: str, name: str) -> str:
    return f"{np.mean([getattr(score.scored[part], name) for score in scores if part in score.scored]):.3f}"


def _plots(runs: SeedRuns, index: int) -> Markup:
    return card(
        f"{runs.title}, {runs.part}",
        row(_recall(runs, index), _confusion(runs, index)),
    )


def _recall(runs: SeedRuns, index: int) -> Markup:
    intervals = []
    for class_index, label in enumerate(runs.scores[0].classes):
        seen = [score.scored[runs.part].classes[class_index] for score in runs.scores]
        recalls = [each.recall for each in seen if each.recall is not None]
        if recalls:
            interval = mean_interval(np.array(recalls))
            intervals.append(IntervalRow(f"{label}  ({seen[0].support:,})", *interval, warns=runs.leaks))
    how = "one run" if len(runs.scores) == 1 else "mean and 95 % interval over seeds"
    caption = f"Recall by class of {runs.title} on {runs.part}: {how}; pictures in brackets."
    return interval_plot(f"recall{index}", intervals, xlabel="recall", caption=caption, width_in=4.8, full_range=True)


def _confusion(runs: SeedRuns, index: int) -> Markup:
    counts = np.sum([score.scored[runs.part].confusion for score in runs.scores], axis=0)
    classes = runs.scores[0].classes
    several = "" if len(runs.scores) == 1 else f"; in brackets predictions, {len(runs.scores)} for each picture"
    caption = f"What {runs.title} takes the pictures of each class for, in percent of the class{several}."
    return confusion_plot(
        f"confusion{index}", counts, classes, classes, axes_are=("label", "predicted"), caption=caption
    )
