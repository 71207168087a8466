"""All scores of a workspace, as means over seeds with intervals; ranked only among runs that may be compared.

Labels and pictures of a gold test are those of the newest version of its line: labels may be corrected, and pictures
leave with a source that was forgotten. So what a run predicted is measured again on these. A score whose predictions
are not here keeps the labels and pictures of its day, and is not ranked against the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from curate.benchmark.figures import save_figure
from curate.benchmark.gold import GoldLabels, gold_labels
from curate.benchmark.intervals import Interval, mean_interval
from curate.benchmark.metrics import measure
from curate.benchmark.recipe_digest import revision_of, same_recipe
from curate.benchmark.score_check import sound_scores
from curate.manifest import Version
from curate.runs.folder import folder_of
from curate.scores import Score
from curate.workspace import Workspace

__all__ = ["LeaderboardRow", "plot_leaderboard", "rank_scores"]


class LeaderboardRow(NamedTuple):
    """One version with one recipe under one protocol.

    Attributes:
        rank: among versions of the same line, recipe (and its settings), protocol, source, labels and pictures of the
            gold test, from 1; equal accuracies share a rank; others are not ranked against each other.
        version, line, recipe, protocol, source: which.
        revision: of the recipe; None = of an older release, and another state of it than any revision.
        environments: what computed the runs, in words; see `Environment.computes`.
        environments_differ: those of the versions that it is ranked with are not all the same.
        leaks: the protocol does.
        part: that is shown: the gold test, else test, else val.
        pictures: of that part.
        labels_of: the version whose labels of the gold test count; None = another part is shown.
        outdated: there is a newer version, but what these runs predicted is not here.
        no_longer_gold: pictures of the version's gold test that the newest version does not hold or label; they do not
            count.
        seeds: runs.
        not_sealed: how many of them carry no digests, as older releases wrote them.
        accuracy, macro_f1, balanced_accuracy: mean and 95 % interval over seeds.
    """

    rank: int
    version: str
    line: str
    recipe: str
    protocol: str
    source: str | None
    revision: int | None
    environments: tuple[str, ...]
    environments_differ: bool
    leaks: bool
    part: str
    pictures: int
    labels_of: str | None
    outdated: bool
    no_longer_gold: int
    seeds: int
    not_sealed: int
    accuracy: Interval
    macro_f1: Interval
    balanced_accuracy: Interval


def rank_scores(workspace: Workspace) -> list[LeaderboardRow]:
    """Every version, recipe and protocol that was scored: leak-free first, then by recipe and accuracy.

    Raises:
        VersionDamaged: a version cannot be read. (Damaged scores are left out; `damaged_scores` names them.)
    """
    scores: dict[tuple[Any, ...], list[Score]] = {}
    newest: dict[str, GoldLabels] = {}
    versions = {name: workspace.version(name) for name in workspace.version_names()}
    for name, version in versions.items():
        for stored in sound_scores(version).sound:
            line = stored.line
            if line not in newest:
                newest[line] = gold_labels(version)
            score = _measured_again(stored, version, newest[line])
            rules = (*same_recipe(score), score.protocol, score.source)
            key = (line, *rules, _measured_on(score, newest[line]), name)
            scores.setdefault(key, []).append(score)
    rivals: dict[tuple[Any, ...], list[LeaderboardRow]] = {}
    for key, runs in scores.items():
        standing = _standing(runs, newest[key[0]].version)
        rivals.setdefault(key[:-1], []).append(standing._replace(no_longer_gold=_left(versions[key[-1]], standing)))
    ranked = [row for group in rivals.values() for row in _ranked(group)]
    return sorted(ranked, key=lambda e: (e.leaks, e.protocol, e.source or "", e.recipe, e.line, e.rank, e.version))


def _ranked(group: Sequence[LeaderboardRow]) -> Iterator[LeaderboardRow]:
    differ = len({name for row in group for name in row.environments}) > 1
    for row in group:
        better = sum(other.accuracy.estimate > row.accuracy.estimate for other in group)
        yield row._replace(rank=1 + better, environments_differ=differ)


def plot_leaderboard(path: Path, standings: list[LeaderboardRow], *, ceilings: Mapping[str, float]) -> None:
    """Accuracies with their intervals as a PNG file; leaking ones in red, human ceilings as lines.

    Args:
        path: of the file.
        standings: from top to bottom.
        ceilings: name -> agreement of annotators, in [0, 1].
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 1.2 + 0.45 * len(standings)), layout="constrained")
    axes = figure.subplots()
    for line, row in enumerate(standings):
        low, high = (row.accuracy.estimate if end is None else end for end in row.accuracy[1:])
        color = "tab:red" if row.leaks else "tab:blue"
        axes.plot([low, high], [line, line], color=color, linewidth=2)
        axes.plot(row.accuracy.estimate, line, "o", color=color)
    names = [f"{e.version}  {e.recipe}  {e.protocol}{' (leaks)' if e.leaks else ''}" for e in standings]
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    for index, (name, agreement) in enumerate(ceilings.items()):
        axes.axvline(agreement, color="0.4", linestyle=(0, (2, 2 + index)), label=f"human agreement, {name}")
    if ceilings:
        axes.legend(fontsize=8)
    axes.set(xlabel="accuracy, mean and 95 % interval over seeds")
    save_figure(figure, path)


def _measured_again(score: Score, version: Version, newest: GoldLabels) -> Score:
    """A score with the newest labels and pictures of the gold test, if its predictions are here.

    One that is sealed and has these labels already is believed as it is.
    """
    if "gold" not in score.scored or (score.gold_labels_of == newest.version and score.is_sealed):
        return score
    predictions = folder_of(version, score).read_predictions("gold")
    if predictions is None:
        return score
    labels = newest.places(predictions.keys.tolist(), score.classes)
    inside = labels >= 0
    if not inside.any():
        return score
    again = measure(labels[inside], predictions.pred_probs[inside], list(score.classes))
    return replace(score, gold_labels_of=newest.version, scored={**score.scored, "gold": again})


def _measured_on(score: Score, newest: GoldLabels) -> tuple[Any, ...]:
    """Equal for scores of a line that are measured on the same pictures with the same labels."""
    if "gold" not in score.scored:
        return ()
    labels_of, pictures = score.gold_labels_of, score.scored["gold"].pictures
    labelled = sum(label in score.classes for label in newest.label.values())
    whole = labels_of == newest.version and pictures == labelled
    return (labels_of, *score.classes) if whole else (labels_of, score.gold, pictures, *score.classes)


def _left(version: Version, standing: LeaderboardRow) -> int:
    """Gold pictures of a version on which a standing was not measured."""
    return version.header.gold.rows - standing.pictures if standing.part == "gold" else 0


def _standing(runs: Sequence[Score], newest: str) -> LeaderboardRow:
    first = runs[0]
    part = first.main_part
    labels_of = first.gold_labels_of if part == "gold" else None
    measures = [run.scored[part] for run in runs if part in run.scored]

    def interval(name: str) -> Interval:
        return mean_interval(np.array([getattr(each, name) for each in measures]))

    return LeaderboardRow(
        rank=0,
        version=first.version,
        line=first.line,
        recipe=first.recipe,
        protocol=first.protocol,
        source=first.source,
        revision=revision_of(first),
        environments=tuple(sorted({run.environment.computes for run in runs})),
        environments_differ=False,
        leaks=first.leaks,
        part=part,
        pictures=measures[0].pictures,
        labels_of=labels_of,
        outdated=labels_of not in (None, newest),
        no_longer_gold=0,
        seeds=len(measures),
        not_sealed=sum(not run.is_sealed for run in runs),
        accuracy=interval("accuracy"),
        macro_f1=interval("macro_f1"),
        balanced_accuracy=interval("balanced_accuracy"),
    )
