"""All scores of a workspace, as means over seeds with intervals; ranked only among runs that may be compared."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from curate.benchmark.figures import save_figure
from curate.benchmark.statistics import Interval, mean_interval
from curate.scores import read_scores
from curate.workspace import Workspace

__all__ = ["Standing", "draw_standings", "rank_scores"]

_PARTS = ("gold", "test", "val")


class Standing(NamedTuple):
    """One version with one recipe under one protocol.

    Attributes:
        rank: among versions of the same line, recipe (and its settings), protocol and source, from 1; other standings
            are no rivals.
        version, line, recipe, protocol, source: which.
        leaks: the protocol does.
        part: that is shown: the gold test, else test, else val.
        seeds: runs.
        accuracy, macro_f1, balanced_accuracy: mean and 95 % interval over seeds.
    """

    rank: int
    version: str
    line: str
    recipe: str
    protocol: str
    source: str | None
    leaks: bool
    part: str
    seeds: int
    accuracy: Interval
    macro_f1: Interval
    balanced_accuracy: Interval


def rank_scores(workspace: Workspace) -> list[Standing]:
    """Every version, recipe and protocol that was scored: leak-free first, then by recipe and accuracy.

    Raises:
        VersionDamaged, ScoreDamaged: a version or a score cannot be read.
    """
    scores: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for name in workspace.version_names():
        for score in read_scores(workspace.manifests, name):
            rules = (score["recipe"], score["recipe_digest"], score["protocol"], score["source"])
            key = (score["line"], *rules, name)
            scores.setdefault(key, []).append(score)
    rivals: dict[tuple[Any, ...], list[Standing]] = {}
    for key, runs in scores.items():
        rivals.setdefault(key[:-1], []).append(_standing(runs))
    ranked = []
    for own in rivals.values():
        best_first = sorted(own, key=lambda each: (-each.accuracy.estimate, each.version))
        ranked += [standing._replace(rank=place) for place, standing in enumerate(best_first, 1)]
    return sorted(ranked, key=lambda e: (e.leaks, e.protocol, e.source or "", e.recipe, e.line, e.rank))


def draw_standings(path: Path, standings: list[Standing], *, ceilings: Mapping[str, float]) -> None:
    """Accuracies with their intervals as a PNG file; leaking ones in red, human ceilings as lines.

    Args:
        path: of the file.
        standings: from top to bottom.
        ceilings: name -> agreement of annotators, in [0, 1].
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 1.2 + 0.45 * len(standings)), layout="constrained")
    axes = figure.subplots()
    for place, each in enumerate(standings):
        low, high = (each.accuracy.estimate if end is None else end for end in each.accuracy[1:])
        color = "tab:red" if each.leaks else "tab:blue"
        axes.plot([low, high], [place, place], color=color, linewidth=2)
        axes.plot(each.accuracy.estimate, place, "o", color=color)
    names = [f"{e.version}  {e.recipe}  {e.protocol}{' (leaks)' if e.leaks else ''}" for e in standings]
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    for number, (name, agreement) in enumerate(ceilings.items()):
        axes.axvline(agreement, color="0.4", linestyle=(0, (2, 2 + number)), label=f"human agreement, {name}")
    if ceilings:
        axes.legend(fontsize=8)
    axes.set(xlabel="accuracy, mean and 95 % interval over seeds")
    save_figure(figure, path)


def _standing(runs: list[Mapping[str, Any]]) -> Standing:
    first = runs[0]
    part = next(each for each in _PARTS if each in first["scored"])
    seen = [run["scored"][part] for run in runs if part in run["scored"]]

    def interval(name: str) -> Interval:
        return mean_interval(np.array([each[name] for each in seen]))

    return Standing(
        rank=0,
        version=first["version"],
        line=first["line"],
        recipe=first["recipe"],
        protocol=first["protocol"],
        source=first["source"],
        leaks=first["leaks"],
        part=part,
        seeds=len(seen),
        accuracy=interval("accuracy"),
        macro_f1=interval("macro_f1"),
        balanced_accuracy=interval("balanced_accuracy"),
    )
