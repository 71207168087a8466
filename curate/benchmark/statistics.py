"""How certain a difference is: pure functions of stored predictions."""

from dataclasses import dataclass
from math import exp, lgamma, log
from typing import NamedTuple

import numpy as np

from curate.benchmark.metrics import macro_f1

__all__ = [
    "ClassChange",
    "Difference",
    "Interval",
    "compare_predictions",
    "mcnemar_p",
    "mean_interval",
    "seeds_needed",
    "t_quantile",
]

_DRAWS = 2_000
_DRAWN_AT_ONCE = 200
_LOW, _HIGH = 0.025, 0.975
_NORMAL_95 = 1.959964

_T_95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
)  # fmt: skip
"""97.5 % quantiles of Student's t for 1 to 20 degrees of freedom. Source: NIST/SEMATECH e-Handbook, 1.3.6.7.2."""


class Interval(NamedTuple):
    """An estimate and its 95 % interval; bounds are None where one run leaves the spread unknown."""

    estimate: float
    low: float | None
    high: float | None

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference is shown."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


class ClassChange(NamedTuple):
    """Mean recall of one class on either side; None = it does not occur."""

    label: str
    support: int
    recall_a: float | None
    recall_b: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What separates two sets of runs on the same pictures; differences are b minus a.

    Attributes:
        pictures: compared.
        seeds_a, seeds_b: runs on either side.
        accuracy_a, accuracy_b, macro_f1_a, macro_f1_b: means over runs.
        accuracy, macro_f1: the differences.
        only_a_right, only_b_right: pictures that only one side gets right, by the mean probabilities of its runs.
        mcnemar: p of these two counts if both sides were equally good; the noise of training is no part of it.
        classes: class by class.
        seeds_needed: runs each side that would show an accuracy difference of this size; None = no number would, as the
            pictures are too few.
    """

    pictures: int
    seeds_a: int
    seeds_b: int
    accuracy_a: float
    accuracy_b: float
    macro_f1_a: float
    macro_f1_b: float
    accuracy: Interval
    macro_f1: Interval
    only_a_right: int
    only_b_right: int
    mcnemar: float
    classes: tuple[ClassChange, ...]
    seeds_needed: int | None

    @property
    def verdict(self) -> str:
        """`better`, `worse` (b than a, by accuracy) or `no difference shown`."""
        if not self.accuracy.excludes_zero:
            return "no difference shown"
        return "better" if self.accuracy.estimate > 0 else "worse"


def compare_predictions(
    labels: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    *,
    groups: np.ndarray,
    classes: tuple[str, ...],
    seed: int = 0,
    draws: int = _DRAWS,
) -> Difference:
    """Compare two sets of runs on the same pictures.

    Pictures are drawn anew by whole lineage groups, the same for both sides. To each draw comes the noise of training:
    the pooled variance of the runs, as Student's t of few runs. (Runs of a and b are not paired: their seeds depend on
    what is trained on.) To resample three runs instead would make intervals far too narrow.

    Args:
        labels: (N,) int.
        a: (S, N, K) probabilities of S runs.
        b: likewise, of as many or another number of runs.
        groups: (N,) lineage group of each picture.
        classes: K names.
        seed: of the draws.
        draws: how many.

    Source: Efron and Tibshirani 1993, An introduction to the bootstrap, chapters 8 (clusters) and 13 (percentiles);
        weights of Poisson(1) for counts of drawing with replacement: Hanley and MacGibbon 2006.
    """
    cells = [_cells_by_group(labels, each, groups, len(classes)) for each in (a, b)]
    whole = [side.sum(axis=1) for side in cells]
    own = [_measures(side) for side in whole]
    intervals, needed = _intervals(cells, own, np.random.default_rng(seed), draws)
    right = [side.mean(axis=0).argmax(axis=1) == labels for side in (a, b)]
    only_a, only_b = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    return Difference(
        pictures=len(labels),
        seeds_a=len(a),
        seeds_b=len(b),
        accuracy_a=float(own[0][0].mean()),
        accuracy_b=float(own[1][0].mean()),
        macro_f1_a=float(own[0][1].mean()),
        macro_f1_b=float(own[1][1].mean()),
        accuracy=intervals[0],
        macro_f1=intervals[1],
        only_a_right=only_a,
        only_b_right=only_b,
        mcnemar=mcnemar_p(only_a, only_b),
        classes=_class_changes(whole[0], whole[1], classes),
        seeds_needed=needed,
    )


def mcnemar_p(only_a: int, only_b: int) -> float:
    """Exact two-sided p of McNemar's test.

    Source: McNemar 1947; as a binomial test of the discordant pairs, Agresti 2013, Categorical data analysis, 11.1.1.
    """
    total, fewer = only_a + only_b, min(only_a, only_b)
    tail = sum(exp(_log_choose(total, k) - total * log(2)) for k in range(fewer + 1))
    return min(1.0, 2 * tail)


def seeds_needed(difference: float, item_variance: float, run_variance: float | None) -> int | None:
    """Runs each side after which an interval around `difference` would just exclude zero.

    Args:
        difference: that is to be shown.
        item_variance: of the difference, by the choice of pictures.
        run_variance: of one run, by training; None = unknown.

    Returns:
        None where no number of runs would do.
    """
    if run_variance is None:
        return None
    room = (difference / _NORMAL_95) ** 2 - item_variance
    if room <= 0:
        return None
    return max(2, int(np.ceil(2 * run_variance / room)))


def mean_interval(values: np.ndarray) -> Interval:
    """Mean of independent runs and its 95 % interval by Student's t; one run has no interval."""
    mean = float(values.mean())
    if len(values) < 2:
        return Interval(mean, None, None)
    half = t_quantile(len(values) - 1) * float(values.std(ddof=1)) / len(values) ** 0.5
    return Interval(mean, mean - half, mean + half)


def t_quantile(freedom: int) -> float:
    """97.5 % quantile of Student's t, to three digits.

    Source: a table up to 20 degrees of freedom; beyond, Abramowitz and Stegun 26.7.5, first two terms.
    """
    if freedom <= len(_T_95):
        return _T_95[freedom - 1]
    z = _NORMAL_95
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def _cells_by_group(labels: np.ndarray, pred_probs: np.ndarray, groups: np.ndarray, classes: int) -> np.ndarray:
    """(S, G, K * K) float32: the confusion matrix of each run in each group."""
    _, group = np.unique(groups.astype(str), return_inverse=True)
    cell = labels * classes + pred_probs.argmax(axis=2)
    counts = np.zeros((len(pred_probs), int(group.max()) + 1, classes * classes), np.float32)
    for run, own in zip(counts, cell, strict=True):
        np.add.at(run, (group, own), 1)
    return counts


def _draw_measures(cells: list[np.ndarray], rng: np.random.Generator, draws: int) -> np.ndarray:
    """(2 sides, 2 measures, draws): mean over runs of accuracy and macro F1 when pictures are drawn anew."""
    found = np.empty((2, 2, draws))
    for start in range(0, draws, _DRAWN_AT_ONCE):
        stop = min(start + _DRAWN_AT_ONCE, draws)
        times = rng.poisson(1.0, (stop - start, cells[0].shape[1])).astype(np.float32)
        for side, counts in enumerate(cells):
            found[side, :, start:stop] = np.mean([_measures(times @ run) for run in counts], axis=0)
    return found


def _measures(cells: np.ndarray) -> np.ndarray:
    """(2, ...) accuracy and macro F1 of (..., K * K) confusion matrices."""
    classes = round(cells.shape[-1] ** 0.5)
    square = cells.reshape(*cells.shape[:-1], classes, classes)
    right = np.diagonal(square, axis1=-2, axis2=-1).sum(axis=-1)
    return np.stack([right / np.maximum(cells.sum(axis=-1), 1), macro_f1(square)])


def _intervals(
    cells: list[np.ndarray], own: list[np.ndarray], rng: np.random.Generator, draws: int
) -> tuple[list[Interval], int | None]:
    """Intervals of the differences in accuracy and macro F1, and the seeds that the first would need.

    Args:
        cells: of either side, (S, G, K * K) counts.
        own: of either side, (2, S) measures of its runs on all pictures.
        rng: of the draws.
        draws: how many.
    """
    runs = [len(side) for side in cells]
    drawn = _draw_measures(cells, rng, draws)
    spread = drawn[1] - drawn[0]
    kept = _share_of_pictures(cells, spread[0])
    found = []
    for metric in range(2):
        estimate = float(own[1][metric].mean() - own[0][metric].mean())
        around = estimate + (spread[metric] - spread[metric].mean()) * kept**0.5
        noise = _run_variance(own[0][metric], own[1][metric])
        found.append(_interval(estimate, around, noise, sum(runs) - 2, rng))
    noise = _run_variance(own[0][0], own[1][0])
    one_run = None if noise is None else noise / (1 / runs[0] + 1 / runs[1])
    return found, seeds_needed(found[0].estimate, kept * float(np.var(spread[0])), one_run)


def _share_of_pictures(cells: list[np.ndarray], drawn: np.ndarray) -> float:
    """Share of the variance of drawn accuracy differences that is due to pictures alone.

    The rest is how runs of one side disagree on a picture, which the variance between runs holds already.
    """
    disagreement = 0.0
    for counts in cells:
        if len(counts) > 1:
            diagonal = np.arange(0, counts.shape[2], round(counts.shape[2] ** 0.5) + 1)
            right = counts[:, :, diagonal].sum(axis=2)
            disagreement += float(right.var(axis=0, ddof=1).sum() / counts[0].sum() ** 2 / len(counts))
    whole = float(np.var(drawn))
    return max(0.0, 1 - disagreement / whole) if whole else 1.0


def _run_variance(a: np.ndarray, b: np.ndarray) -> float | None:
    """Variance of the difference of the means of two sets of runs, their variances taken as equal."""
    freedom = len(a) + len(b) - 2
    if not freedom:
        return None
    pooled = (np.square(a - a.mean()).sum() + np.square(b - b.mean()).sum()) / freedom
    return float(pooled * (1 / len(a) + 1 / len(b)))


def _interval(
    estimate: float, drawn: np.ndarray, run_variance: float | None, freedom: int, rng: np.random.Generator
) -> Interval:
    if run_variance is None:
        return Interval(estimate, None, None)
    noisy = drawn + rng.standard_t(freedom, len(drawn)) * run_variance**0.5
    low, high = np.quantile(noisy, (_LOW, _HIGH))
    return Interval(estimate, float(low), float(high))


def _class_changes(a: np.ndarray, b: np.ndarray, classes: tuple[str, ...]) -> tuple[ClassChange, ...]:
    """From (S, K * K) confusion matrices."""
    size = len(classes)
    recalls = []
    for side in (a, b):
        square = side.reshape(-1, size, size)
        support = square.sum(axis=2)
        recalls.append((np.diagonal(square, axis1=1, axis2=2) / np.maximum(support, 1)).mean(axis=0))
    support = a[0].reshape(size, size).sum(axis=1)
    return tuple(
        ClassChange(
            label,
            int(support[k]),
            float(recalls[0][k]) if support[k] else None,
            float(recalls[1][k]) if support[k] else None,
        )
        for k, label in enumerate(classes)
    )


def _log_choose(total: int, chosen: int) -> float:
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)
