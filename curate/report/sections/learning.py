"""Learning curves: loss and accuracy by epoch, where the runs were made in this workspace."""

from curate.report.charts import Curve, curve_plot
from curate.report.markup import Markup, card, code, join, row, sentence
from curate.report.reported import ReportedVersion
from curate.report.seed_runs import SeedRuns, group_runs
from curate.runs.history import Epoch

__all__ = ["show_learning"]


def show_learning(subject: ReportedVersion) -> Markup:
    """For each recipe two plots, with one line for each seed."""
    groups = group_runs(subject.scores)
    if not groups:
        return sentence("No scores yet: ", code(f"curate benchmark {subject.name}"))
    cards = []
    for index, runs in enumerate(groups):
        histories = _histories(subject, runs)
        if histories:
            plots = [_plot(histories, what, index, runs) for what in ("loss", "accuracy")]
            cards.append(card(runs.title, row(*plots)))
    if not cards:
        return sentence(
            "No learning curves: only networks are trained epoch by epoch, and their curves stay in the workspace that "
            "trained them."
        )
    return join(*cards)


def _histories(subject: ReportedVersion, runs: SeedRuns) -> dict[int, tuple[Epoch, ...]]:
    """Seed -> its epochs."""
    known = subject.evidence.histories
    return {score.seed: known[score.name] for score in runs.scores if known.get(score.name)}


def _plot(histories: dict[int, tuple[Epoch, ...]], what: str, index: int, runs: SeedRuns) -> Markup:
    curves = []
    for series, (seed, epochs) in enumerate(histories.items()):
        curves.append(Curve(f"training, seed {seed}", [getattr(each, what) for each in epochs], series=series))
        held_out = [getattr(each, f"val_{what}") for each in epochs]
        if any(value is not None for value in held_out):
            curves.append(Curve(f"stopping set, seed {seed}", held_out, dashed=True, series=series))
    caption = f"{what.capitalize()} of {runs.title} by epoch."
    return curve_plot(f"{what}{index}", curves, ylabel=what, caption=caption)
