"""Means, differences and their 95 % intervals, from independent runs."""

from typing import NamedTuple

import numpy as np

__all__ = [
    "Interval",
    "difference_interval",
    "item_variance",
    "mcnemar_p",
    "mean_interval",
    "seeds_needed",
    "t_quantile",
]

_NORMAL_95 = 1.959964

_FEW_RUNS = 5.0
"""How much more a variance estimated from few runs counts in the degrees of freedom; see `difference_interval`."""


class Interval(NamedTuple):
    """An estimate and its 95 % interval; bounds are None where one run leaves the spread unknown."""

    estimate: float
    low: float | None
    high: float | None

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference is shown."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def difference_interval(a: np.ndarray, b: np.ndarray, *, item_variance: float, items: int) -> Interval:
    """Difference of the means of two sets of independent runs, b minus a, and its 95 % interval.

    The spread of either side is estimated from its own runs, so that a few noisy runs are not believed to be as quiet
    as the many on the other side. A side with one run says nothing of its spread, and there is no interval.

    The degrees of freedom are those of Welch and Satterthwaite, in which a variance estimated from few runs counts
    1 + 5 / (runs - 1)^2 times: where it is too small by chance, the plain formula takes its uncertainty for small,
    too, and intervals of two or three noisy runs cover .87 or .92. The 5 was chosen by simulation, and was tried on
    settings that it was not chosen on (`benchmarks/compare_coverage.py`).

    Args:
        a: (S,) measure of each run of one side, S > 0.
        b: likewise of the other side.
        item_variance: of the difference, by the choice of pictures.
        items: groups of pictures that were drawn.

    Source: Welch 1947, The generalization of Student's problem when several different population variances are
        involved, Biometrika 34; Satterthwaite 1946, An approximate distribution of estimates of variance components.
    """
    estimate = float(b.mean() - a.mean())
    if min(len(a), len(b)) < 2:
        return Interval(estimate, None, None)
    parts = np.array([item_variance, a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    freedoms = np.maximum([items - 1, len(a) - 1, len(b) - 1], 1)
    if not parts.any():
        return Interval(estimate, estimate, estimate)
    weights = parts * (1 + _FEW_RUNS / np.square(freedoms, dtype=float))
    shares = weights / weights.sum()
    half = t_quantile(1 / float((shares**2 / freedoms).sum())) * float(parts.sum()) ** 0.5
    return Interval(estimate, estimate - half, estimate + half)


def item_variance(a: np.ndarray, b: np.ndarray) -> float:
    """Variance of a difference of mean measures by the choice of pictures alone, from (S, G) influences of either side.

    How runs of one side disagree on a picture is taken off: the variance between runs holds it already.
    """
    groups = a.shape[1]
    whole = float(np.square(b.mean(axis=0) - a.mean(axis=0)).sum())
    disagreement = sum(float(side.var(axis=0, ddof=1).sum()) / len(side) for side in (a, b) if len(side) > 1)
    return float(max(0.0, whole - disagreement) * groups / max(groups - 1, 1))


def mcnemar_p(only_a: int, only_b: int) -> float:
    """Exact two-sided p of McNemar's test.

    Source: McNemar 1947; as a binomial test of the discordant pairs, Agresti 2013, Categorical data analysis, 11.1.1.

    Example:
        >>> round(mcnemar_p(5, 15), 4)
        0.0414
    """
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5)))


def seeds_needed(difference: float, item_variance: float, run_variance: float | None) -> int | None:
    """Runs each side after which an interval around `difference` would just exclude zero.

    Args:
        difference: that is to be shown.
        item_variance: of the difference, by the choice of pictures.
        run_variance: of one run, by training; None = unknown.

    Returns:
        None where no number of runs would do.

    Example:
        >>> seeds_needed(0.01, item_variance=1e-5, run_variance=1e-4)
        13
    """
    if run_variance is None:
        return None
    room = (difference / _NORMAL_95) ** 2 - item_variance
    if room <= 0:
        return None
    return max(2, int(np.ceil(2 * run_variance / room)))


def mean_interval(values: np.ndarray) -> Interval:
    """Mean of independent runs and its 95 % interval by Student's t; one run has no interval.

    Example:
        >>> estimate, low, high = mean_interval(np.array([0.60, 0.62, 0.64]))
        >>> round(estimate, 3), round(low, 3), round(high, 3)
        (0.62, 0.57, 0.67)
    """
    mean = float(values.mean())
    if len(values) < 2:
        return Interval(mean, None, None)
    half = t_quantile(len(values) - 1) * float(values.std(ddof=1)) / len(values) ** 0.5
    return Interval(mean, mean - half, mean + half)


def t_quantile(freedom: float) -> float:
    """97.5 % quantile of Student's t; the degrees of freedom need not be a whole number."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
