"""How scores, comparisons and the leaderboard look in a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from curate.terminal import print_table, remark, say

if TYPE_CHECKING:
    from curate.benchmark import Comparison, LeaderboardRow, ScoreCheck
    from curate.benchmark.intervals import Interval
    from curate.runs.history import Epoch
    from curate.scores import Score

__all__ = [
    "comparison_to_json",
    "epoch_line",
    "leaderboard_row_to_json",
    "print_comparison",
    "print_damaged_scores",
    "print_leaderboard",
    "print_score_check",
    "print_scores",
]


def epoch_line(epoch: "Epoch", epochs: int) -> None:
    """One line on stderr for each epoch."""
    stopping = ""
    if epoch.val_loss is not None and epoch.val_accuracy is not None:
        stopping = f"; stopping set: loss {epoch.val_loss:.3f}, accuracy {epoch.val_accuracy:.3f}"
    remark(
        f"epoch {epoch.number} of at most {epochs}: loss {epoch.loss:.3f}, accuracy {epoch.accuracy:.3f}{stopping}; "
        f"{epoch.pictures_per_s:,.0f} pictures/s"
    )


def percent(share: float | None) -> str:
    """A share with one decimal; empty where it was not measured."""
    return "" if share is None else f"{100 * share:.1f}%"


def marked(protocol: str, leaks: bool) -> str:  # noqa: FBT001
    """The protocol, with a warning where it leaks."""
    return f"{protocol} (LEAKS)" if leaks else protocol


def print_scores(scores: Sequence["Score"]) -> None:
    """Every run and every part that it was scored on, then the classes of the part that counts."""
    first = scores[0]
    rows = [
        (
            score.seed,
            part,
            measures.pictures,
            *(percent(share) for share in (measures.accuracy, measures.accuracy_mirrored)),
            *(percent(share) for share in (measures.macro_f1, measures.balanced_accuracy)),
            percent(measures.accuracy_near_copy),
            percent(measures.accuracy_no_near_copy),
            f"{measures.ece:.3f}",
        )
        for score in scores
        for part, measures in score.scored.items()
    ]
    columns = ["seed", "part", "pictures", "accuracy", "mirror-averaged", "macro F1", "balanced accuracy"]
    title = f"{first.recipe} on {first.version}, {marked(first.protocol, first.leaks)}"
    shown = [*columns, "near copy in train", "none", "ECE"]
    if not first.leaks:
        shown, rows = [*columns, "ECE"], [(*row[:7], row[9]) for row in rows]
    print_table(title, shown, rows)
    _print_classes(first)
    if first.leaks:
        say(
            f"the protocol {first.protocol} lets copies of scored pictures into training: its scores are too high, "
            "and are never compared with those of leak-free"
        )
    seconds = sum(score.seconds for score in scores)
    say(f"{first.trained_on:,} pictures trained on, {first.pictures_per_s:,.0f} a second, {seconds:,.0f} s in all")


def _print_classes(score: "Score") -> None:
    rows = score.scored[score.main_part].classes
    table = [(row.label, row.support, percent(row.precision), percent(row.recall), percent(row.f1)) for row in rows]
    title = f"By class: {score.main_part}, seed {score.seed}"
    print_table(title, ["class", "pictures", "precision", "recall", "F1"], table)


def print_comparison(comparison: "Comparison") -> None:
    """The sentence first, then what it rests on."""
    difference, a, b, unsealed = comparison.difference, comparison.a, comparison.b, comparison.not_sealed
    say(comparison.sentence)
    say(
        f"{comparison.recipe}, leak-free, {difference.pictures:,} pictures of the gold test with the labels of "
        f"{comparison.labels_of}; {difference.seeds_a} and {difference.seeds_b} runs"
        + (f", {unsealed} of them not sealed: an older curate kept no digests" if unsealed else "")
    )
    rows = [
        ("accuracy", percent(difference.accuracy_a), percent(difference.accuracy_b), *_points(difference.accuracy)),
        ("macro F1", percent(difference.macro_f1_a), percent(difference.macro_f1_b), *_points(difference.macro_f1)),
    ]
    print_table("Means over runs", ["", a, b, "change", "95 % interval"], rows)
    table = [
        (
            each.label,
            each.support,
            percent(each.recall_a),
            percent(each.recall_b),
            "" if each.recall_a is None or each.recall_b is None else f"{100 * (each.recall_b - each.recall_a):+.1f}",
        )
        for each in difference.classes
    ]
    print_table("Recall by class", ["class", "pictures", a, b, "change"], table)
    say(
        f"only {a} right: {difference.only_a_right:,} pictures, only {b} right: {difference.only_b_right:,} (McNemar "
        f"p = {difference.mcnemar:.2g}, for these runs' mean probabilities; the noise of training is no part of it)"
    )
    say("")


def comparison_to_json(comparison: "Comparison") -> dict[str, Any]:
    """All of it, with named fields."""
    fields = asdict(comparison.difference)
    for name in ("accuracy", "macro_f1"):
        fields[name] = getattr(comparison.difference, name)._asdict()
    fields["classes"] = [each._asdict() for each in comparison.difference.classes]
    return {**comparison._asdict(), "difference": {**fields, "verdict": comparison.difference.verdict}}


def print_leaderboard(standings: Sequence["LeaderboardRow"], ceilings: Mapping[str, float]) -> None:
    """One table for each protocol; what leaks is marked."""
    if not standings:
        say("no scores yet; `curate benchmark VERSION` makes some")
        return
    columns = [
        "rank",
        "version",
        "recipe",
        "protocol",
        "part",
        "pictures",
        "seeds",
        "accuracy",
        "macro F1",
        "balanced accuracy",
    ]
    rows = [
        (
            each.rank,
            each.version,
            each.recipe,
            marked(each.protocol, each.leaks) + (f" {each.source}" if each.source else ""),
            f"{each.part} as of {each.labels_of}" if each.outdated else each.part,
            each.pictures,
            each.seeds,
            *(_spread(interval) for interval in (each.accuracy, each.macro_f1, each.balanced_accuracy)),
        )
        for each in standings
    ]
    print_table("Leaderboard (mean and 95 % interval over seeds)", columns, rows)
    say("ranks hold among versions of one line, with one recipe and one protocol; other rows are no rivals")
    for line in _leaderboard_remarks(standings):
        say(line)
    for name, agreement in ceilings.items():
        say(f"human ceiling: two panels of {name} agree on {percent(agreement)} of pictures that they saw twice")


def _leaderboard_remarks(standings: Sequence["LeaderboardRow"]) -> Iterator[str]:
    """What does not stand in the table, and must be known to read it."""
    if any(row.outdated for row in standings):
        yield "some runs are scored with older labels of the gold test; `curate benchmark` them again to rank them"
    for row in standings:
        if row.environments_differ:
            made = " and with ".join(row.environments)
            yield f"ranked with runs of other environments: {row.version}, {row.recipe}, made with {made}"
    older = ", ".join(dict.fromkeys(f"{row.recipe} on {row.version}" for row in standings if row.revision is None))
    if older:
        yield f"scores of an older state of their recipe, ranked apart: {older}; `curate benchmark` them again"
    unsealed = ", ".join(dict.fromkeys(row.version for row in standings if row.not_sealed))
    if unsealed:
        why = "an older curate kept no digests; `curate verify` measures them again"
        yield f"scores of {unsealed} are not sealed: {why}"
    left = {row.version: row.no_longer_gold for row in standings if row.no_longer_gold and not row.outdated}
    if left:
        named = ", ".join(f"{count:,} of {name}" for name, count in left.items())
        yield f"gold pictures that the newest version of the line no longer holds or labels count for nobody: {named}"
    if any(row.leaks for row in standings):
        yield "LEAKS: copies of scored pictures are trained on, so that these scores are too high"


def print_damaged_scores(damaged: Sequence[str]) -> None:
    """One line about what is left out, and the first reason."""
    if damaged:
        count = "a score is" if len(damaged) == 1 else f"{len(damaged)} scores are"
        say(f"{count} damaged and left out; `curate verify` names all: {damaged[0]}")


def print_score_check(check: "ScoreCheck") -> None:
    """What was measured again, what could not be, and what is damaged; nothing where there are no scores."""
    if not check.scores:
        return
    notes = [f"{check.measured_again:,} measured again from their predictions"]
    if check.without_predictions:
        notes.append(f"predictions are not here of {', '.join(check.without_predictions)}")
    if check.not_sealed:
        notes.append(f"not sealed, as an older curate kept no digests: {', '.join(check.not_sealed)}")
    if check.of_another:
        notes.append(f"{check.of_another:,} of an earlier version of that name")
    say(f"  {check.scores:,} scores, {len(check.findings):,} damaged: {'; '.join(notes)}")
    for finding in check.findings:
        say(f"  - score: {finding}")


def leaderboard_row_to_json(standing: "LeaderboardRow") -> dict[str, Any]:
    """With named fields."""
    names = ("accuracy", "macro_f1", "balanced_accuracy")
    return {**standing._asdict(), **{name: getattr(standing, name)._asdict() for name in names}}


def _points(change: "Interval") -> tuple[str, str]:
    interval = "unknown: one run" if change.low is None or change.high is None else ""
    interval = interval or f"{100 * (change.low or 0):+.1f} to {100 * (change.high or 0):+.1f}"
    return f"{100 * change.estimate:+.1f}", interval


def _spread(interval: "Interval") -> str:
    if interval.low is None or interval.high is None:
        return percent(interval.estimate)
    return f"{percent(interval.estimate)} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"
