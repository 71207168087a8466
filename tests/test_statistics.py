import numpy as np
import pytest

from curate.benchmark.intervals import mcnemar_p, mean_interval, seeds_needed, t_quantile
from curate.benchmark.statistics import Difference, compare_predictions

CLASSES = ("a", "b", "c", "d")
PICTURES = 1_200
RUN_SPREAD = 0.03
"""Of one run's log odds of being right; on pictures like these, 0.45 points of accuracy."""


def runs(
    odds: np.ndarray, labels: np.ndarray, *, seeds: int, rng: np.random.Generator, better: float = 0.0
) -> np.ndarray:
    """(S, N, K) probabilities of runs that get picture n right with log odds `odds[n] + better` + noise of the run."""
    probs = np.full((seeds, len(labels), len(CLASSES)), 0.1)
    for run in probs:
        chance = 1 / (1 + np.exp(-(odds + better + rng.normal(0, RUN_SPREAD))))
        wrong = (labels + rng.integers(1, len(CLASSES), len(labels))) % len(CLASSES)
        run[np.arange(len(labels)), np.where(rng.random(len(labels)) < chance, labels, wrong)] = 0.7
    return probs


def simulate(seed: int, *, seeds: int = 3, better: float = 0.0, pictures: int = PICTURES) -> Difference:
    """Compare two versions with disjoint seeds on new pictures, of which some are hard and most are easy."""
    rng = np.random.default_rng(seed)
    labels, odds = rng.integers(len(CLASSES), size=pictures), rng.normal(0.9, 2.0, pictures)
    own = [odds + rng.normal(0, 0.3, pictures) for _ in range(2)]  # either version has pictures that it is better at
    a = runs(own[0], labels, seeds=seeds, rng=rng)
    b = runs(own[1], labels, seeds=seeds, rng=rng, better=better)
    return compare_predictions(labels, a, b, groups=np.arange(pictures), classes=CLASSES)


def test_versions_that_do_not_differ_are_seldom_called_different() -> None:
    verdicts = [simulate(seed).verdict for seed in range(200)]
    assert sum(verdict != "no difference shown" for verdict in verdicts) <= 16


def test_intervals_are_not_wider_than_they_need_to_be() -> None:
    """Planted 2 points, three seeds each, 3,589 pictures: shown in at least half of the trials, never reversed."""
    found = [simulate(seed, better=0.135, pictures=3_589) for seed in range(60)]
    verdicts = [each.verdict for each in found]
    assert np.mean([each.accuracy.estimate for each in found]) == pytest.approx(0.02, abs=0.003)
    assert verdicts.count("better") >= 30
    assert verdicts.count("worse") == 0


def test_more_seeds_narrow_the_interval() -> None:
    widths = []
    for seeds in (2, 3, 10):
        found = [simulate(seed, seeds=seeds).accuracy for seed in range(10)]
        widths.append(
            np.mean([each.high - each.low for each in found if each.high is not None and each.low is not None])
        )
    assert widths[0] > widths[1] > widths[2]


def test_the_same_predictions_on_both_sides_differ_by_nothing() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(4, size=100)
    said = runs(rng.normal(1, 1, 100), labels, seeds=3, rng=rng)
    found = compare_predictions(labels, said, said, groups=np.arange(100), classes=CLASSES)
    assert (found.accuracy.estimate, found.macro_f1.estimate, found.verdict) == (0, 0, "no difference shown")
    assert (found.only_a_right, found.only_b_right, found.mcnemar) == (0, 0, 1.0)
    assert found.seeds_needed is None


def test_a_comparison_equals_what_is_computed_by_hand() -> None:
    labels = np.array([0, 0, 1, 1])
    sure = np.eye(2)
    a = np.stack([sure[[0, 1, 1, 1]], sure[[0, 1, 1, 0]]])
    b = np.stack([sure[[0, 0, 1, 1]], sure[[0, 0, 1, 0]]])
    found = compare_predictions(labels, a, b, groups=np.array(["x", "x", "y", "y"]), classes=("p", "q"))
    assert (found.accuracy_a, found.accuracy_b) == (0.625, 0.875)
    assert found.accuracy.estimate == 0.25
    assert [each[1:] for each in found.classes] == [(2, 0.5, 1.0), (2, 0.75, 0.75)]
    assert (found.only_a_right, found.only_b_right) == (0, 1)


def test_pictures_of_one_lineage_count_as_one_draw() -> None:
    rng = np.random.default_rng(1)
    few = rng.integers(4, size=150)
    a, b = (np.repeat(runs(rng.normal(1, 5, 150), few, seeds=8, rng=rng), 8, axis=1) for _ in range(2))
    labels = np.repeat(few, 8)
    widths = []
    for groups in (np.arange(1_200), np.repeat(np.arange(150), 8)):
        low, high = compare_predictions(labels, a, b, groups=groups, classes=CLASSES).accuracy[1:]
        assert low is not None
        assert high is not None
        widths.append(high - low)
    assert widths[1] > 2 * widths[0]  # eight times as many pictures would have made it 0.35 times as wide


def test_mcnemar_equals_the_exact_binomial_test() -> None:
    assert mcnemar_p(0, 5) == pytest.approx(2 / 32)
    assert mcnemar_p(8, 2) == pytest.approx(2 * (1 + 10 + 45) / 1024)
    assert mcnemar_p(3, 3) == 1.0
    assert 0 < mcnemar_p(400, 500) < 0.001


def test_seeds_needed_grow_as_the_difference_shrinks_until_pictures_are_too_few() -> None:
    found = [seeds_needed(points / 100, 0.004**2, 0.005**2) for points in (3, 1.5, 1, 0.7)]
    assert found == [2, 2, 5, None]
    assert seeds_needed(0.02, 0.004**2, None) is None


def test_the_interval_of_a_mean_is_that_of_student() -> None:
    found = mean_interval(np.array([0.60, 0.62, 0.64]))
    assert found == pytest.approx((0.62, 0.62 - 4.303 * 0.02 / 3**0.5, 0.62 + 4.303 * 0.02 / 3**0.5), rel=1e-4)
    assert mean_interval(np.array([0.6])) == (0.6, None, None)
    assert [round(t_quantile(freedom), 3) for freedom in (1, 20, 30, 100)] == [12.706, 2.086, 2.042, 1.984]


def covered(*, seeds: tuple[int, int], noise: tuple[float, float], trials: int = 400, pictures: int = 500) -> float:
    """Share of intervals that hold the true difference in accuracy, where either side has its own noise of training."""
    rng = np.random.default_rng(20)
    groups, hits = np.arange(pictures), 0
    for _ in range(trials):
        labels, odds = rng.integers(len(CLASSES), size=pictures), rng.normal(0.9, 2.0, pictures)
        own = [odds + rng.normal(0, 0.3, pictures) for _ in range(2)]
        a, b = (
            np.concatenate([runs(side + rng.normal(0, spread), labels, seeds=1, rng=rng) for _ in range(count)])
            for side, spread, count in zip(own, noise, seeds, strict=True)
        )
        low, high = compare_predictions(labels, a, b, groups=groups, classes=CLASSES).accuracy[1:]
        assert low is not None
        assert high is not None
        truth = expected_accuracy(noise[1]) - expected_accuracy(noise[0])
        hits += low <= truth <= high
    return hits / trials


def expected_accuracy(noise: float) -> float:
    """Of a run with that spread, over all pictures."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    spread = (2.0**2 + 0.3**2 + noise**2 + RUN_SPREAD**2) ** 0.5
    return float(weights @ (1 / (1 + np.exp(-(0.9 + spread * nodes)))) / weights.sum())


@pytest.mark.parametrize(
    ("seeds", "noise"),
    [((3, 3), (0.1, 0.1)), ((3, 3), (0.3, 0.02)), ((3, 10), (0.3, 0.02))],
    ids=["equal", "unequal noise", "few noisy runs against many quiet ones"],
)
def test_intervals_hold_the_true_difference_in_95_of_100_comparisons(
    seeds: tuple[int, int], noise: tuple[float, float]
) -> None:
    assert covered(seeds=seeds, noise=noise) == pytest.approx(0.95, abs=0.03)


def test_a_side_with_one_run_has_no_interval_however_many_the_other_has() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(4, size=100)
    a, b = (runs(rng.normal(1, 1, 100), labels, seeds=seeds, rng=rng) for seeds in (1, 5))
    found = compare_predictions(labels, a, b, groups=np.arange(100), classes=CLASSES)
    assert (found.accuracy.low, found.macro_f1.high, found.seeds_needed) == (None, None, None)
    assert found.verdict == "no difference shown"
