"""Every version that was scored, and what people would score."""

from collections.abc import Sequence

from curate.benchmark import LeaderboardRow
from curate.report.charts import IntervalRow, interval_plot
from curate.report.markup import Markup, code, join, note, sentence, strong, table
from curate.report.plots import short
from curate.report.reported import ReportedVersion
from curate.report.seed_runs import spread

__all__ = ["show_leaderboard"]

_MEASURES = ("accuracy", "macro F1", "balanced accuracy")


def show_leaderboard(subject: ReportedVersion) -> Markup:
    """A table and a plot of accuracies with intervals; human ceilings are lines."""
    standings = subject.evidence.leaderboard
    if not standings:
        return sentence("No scores yet: ", code(f"curate benchmark {subject.name}"))
    audit = subject.evidence.delivered
    ceilings = {
        f"human agreement, {each.source} votes {each.panel}": each.agreement
        for each in (audit.ceilings if audit else ())
        if each.agreement is not None
    }
    intervals = [
        IntervalRow(_name(each), *each.accuracy, warns=each.leaks, strong=each.version == subject.name)
        for each in standings
    ]
    caption = f"Accuracy of every version and recipe: mean and 95 % interval over seeds. {subject.name} is in bold" + (
        "; what leaks is drawn in another colour." if any(each.leaks for each in standings) else "."
    )
    rules = (
        "Ranks hold among versions of one line, with one recipe and one protocol; other rows are not ranked against "
        "each other."
    )
    known = "" if ceilings else " The human ceiling is not known: no panel of annotators saw pictures twice."
    return join(
        interval_plot("leaderboard", intervals, xlabel="accuracy", caption=caption, lines=ceilings),
        table(
            ["rank", "version", "recipe", "protocol", "part", "pictures", "seeds", *_MEASURES],
            [_row(each, strong_name=each.version == subject.name) for each in standings],
        ),
        note(rules + known + _unsealed(standings)),
    )


def _unsealed(standings: Sequence[LeaderboardRow]) -> str:
    names = ", ".join(dict.fromkeys(each.version for each in standings if each.not_sealed))
    return f" Some scores of {names} are not sealed: an older curate kept no digests." if names else ""


def _name(each: LeaderboardRow) -> str:
    return f"{each.version}  {short(each.recipe)}  {each.protocol}{' (LEAKS)' if each.leaks else ''}"


def _row(each: LeaderboardRow, *, strong_name: bool) -> tuple[object, ...]:
    protocol = f"{each.protocol}{' (LEAKS)' if each.leaks else ''}{f' {each.source}' if each.source else ''}"
    name = strong(each.version) if strong_name else each.version
    measures = (each.accuracy, each.macro_f1, each.balanced_accuracy)
    return (each.rank, name, each.recipe, protocol, each.part, each.pictures, each.seeds, *map(spread, measures))
