"""Scores of one version, grouped into runs that differ in nothing but their seed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from curate.benchmark.intervals import Interval, mean_interval
from curate.benchmark.recipe_digest import same_recipe
from curate.report.markup import Content, join, unbroken
from curate.report.plots import short
from curate.scores import Score

__all__ = ["SeedRuns", "group_runs", "measure", "spread"]


class SeedRuns(NamedTuple):
    """Runs of one recipe, its settings, and one protocol, by seed.

    Attributes:
        title: recipe and protocol in words.
        part: what counts: the gold test, else test, else val.
    """

    title: str
    leaks: bool
    part: str
    scores: tuple[Score, ...]


def group_runs(scores: Sequence[Score]) -> list[SeedRuns]:
    """Leak-free runs first, then by recipe."""
    groups: dict[tuple[Any, ...], list[Score]] = {}
    for score in scores:
        key = (score.leaks, score.protocol, score.source or "", *same_recipe(score))
        groups.setdefault(key, []).append(score)
    return [_runs(groups[key]) for key in sorted(groups)]


def _runs(scores: list[Score]) -> SeedRuns:
    first = scores[0]
    source = f" {short(first.source)}" if first.source else ""
    title = f"{short(first.recipe)}, {first.protocol}{source}{' (LEAKS)' if first.leaks else ''}"
    part = first.main_part
    return SeedRuns(title, first.leaks, part, tuple(score for score in scores if part in score.scored))


def measure(scores: Sequence[Score], part: str, name: str) -> Interval | None:
    """Mean and interval of a measure over runs; None = it was not measured."""
    seen = [getattr(score.scored[part], name) for score in scores if part in score.scored]
    known = [each for each in seen if each is not None]
    return mean_interval(np.array(known)) if known else None


def spread(interval: Interval | None) -> Content:
    """A mean and its interval in percent; empty where it was not measured."""
    if interval is None:
        return ""
    mean = f"{100 * interval.estimate:.1f}%"
    if interval.low is None or interval.high is None:
        return mean
    return join(f"{mean} ", unbroken(f"({100 * interval.low:.1f} to {100 * interval.high:.1f})"))
