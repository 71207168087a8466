"""How often the 95 % intervals of `curate compare` hold the true difference, by simulation.

    python benchmarks/compare_coverage.py [--simulations 400] [--seed 0]

Two versions are scored on the same pictures, of which some are hard and most are easy; either version has pictures that
it is better at, and every run its own noise of training. Designs are numbers of runs on either side. The constant in
`difference_interval` was chosen on the first family of settings; the second was held apart, and differs in pictures,
classes, lineage groups, difficulty and noise. Coverage should lie in .93 to .97.
"""

import argparse
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from curate.benchmark.intervals import difference_interval, item_variance
from curate.benchmark.statistics import RunMeasures, measure_runs

DESIGNS = ((3, 3), (5, 5), (10, 10), (3, 5), (3, 10), (10, 3), (2, 10), (10, 2), (2, 5))
RUNS = 10
MEASURES = ("accuracy", "macro F1")


class Setting(NamedTuple):
    """What is simulated.

    Attributes:
        pictures: in the gold test.
        noise_a, noise_b: standard deviation of a run's log odds of being right; 0.1 = about 1.5 points of accuracy.
        better: of version b, in log odds.
        ease: mean and standard deviation of a picture's log odds of being recognised.
        own: standard deviation of what one version finds easier than the other.
        group: pictures of one lineage, which are equally hard.
        sizes: shares of the classes.
        tails: degrees of freedom of the noise, as Student's t of that variance; 0 = normal.
    """

    pictures: int
    noise_a: float
    noise_b: float
    better: float = 0.0
    ease: tuple[float, float] = (0.9, 2.0)
    own: float = 0.3
    group: int = 1
    sizes: tuple[float, ...] = (0.25, 0.25, 0.25, 0.25)
    tails: int = 0


_SEVEN = (0.25, 0.18, 0.17, 0.14, 0.12, 0.11, 0.03)
FAMILIES: Mapping[str, tuple[Setting, ...]] = {
    "chosen on": (
        Setting(1_000, 0.03, 0.03),
        Setting(1_000, 0.1, 0.1, better=0.2),
        Setting(1_000, 0.3, 0.3),
        Setting(1_000, 0.1, 0.02),
        Setting(1_000, 0.3, 0.03),
        Setting(1_000, 0.3, 0.1),
        Setting(1_000, 0.02, 0.1),
        Setting(1_000, 0.03, 0.3, better=-0.2),
        Setting(300, 0.2, 0.05),
        Setting(300, 0.05, 0.05),
    ),
    "held apart": (
        Setting(600, 0.05, 0.05, ease=(0.4, 1.5), own=0.5, sizes=_SEVEN),
        Setting(600, 0.2, 0.2, ease=(0.4, 1.5), own=0.5, group=3, sizes=_SEVEN, better=0.1),
        Setting(600, 0.25, 0.05, ease=(0.4, 1.5), own=0.1, sizes=_SEVEN),
        Setting(600, 0.04, 0.4, ease=(1.5, 2.5), own=0.5, group=3, sizes=_SEVEN),
        Setting(600, 0.15, 0.01, ease=(1.5, 2.5), own=0.1, sizes=(0.5, 0.3, 0.2)),
        Setting(600, 0.01, 0.15, ease=(1.5, 2.5), own=0.1, sizes=(0.5, 0.3, 0.2), better=0.3),
        Setting(600, 0.15, 0.15, ease=(0.4, 1.5), sizes=(0.5, 0.3, 0.2), tails=6),
        Setting(600, 0.35, 0.07, ease=(0.4, 1.5), group=5, sizes=(0.5, 0.3, 0.2), tails=6),
        Setting(1_800, 0.12, 0.03, own=0.2, group=2),
        Setting(1_800, 0.05, 0.06, own=0.2, better=0.1),
    ),
}


def main() -> int:
    """Print coverage by design, of both measures and both families."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for family, settings in FAMILIES.items():
        seeds = np.random.SeedSequence(arguments.seed).spawn(len(settings))
        found = [
            cover(setting, np.random.default_rng(seed), arguments.simulations)
            for setting, seed in zip(settings, seeds, strict=True)
        ]
        print_table(family, np.stack(found), arguments.simulations)
    return 0


def print_table(family: str, coverage: np.ndarray, simulations: int) -> None:
    """Lowest, mean and highest over settings, from (settings, designs, measures) shares."""
    print(f"\nSettings {family}: {len(coverage)}, {simulations:,} simulations each")
    print(f"{'runs':>10}" + "".join(f"{name + ': lowest':>19}{'mean':>7}{'highest':>9}" for name in MEASURES))
    for number, (a, b) in enumerate(DESIGNS):
        cells = ""
        for metric in range(len(MEASURES)):
            shares = coverage[:, number, metric]
            cells += f"{shares.min():>19.3f}{shares.mean():>7.3f}{shares.max():>9.3f}"
        print(f"{f'{a} v {b}':>10}{cells}")


def cover(setting: Setting, rng: np.random.Generator, simulations: int) -> np.ndarray:
    """(designs, measures) share of intervals that hold the true difference."""
    truth = expected(setting, setting.noise_b, setting.better) - expected(setting, setting.noise_a, 0.0)
    hits = np.zeros((len(DESIGNS), len(MEASURES)))
    for _ in range(simulations):
        a, b = simulate(setting, rng)
        for design, (runs_a, runs_b) in enumerate(DESIGNS):
            for metric in range(len(MEASURES)):
                low, high = interval(a, b, (runs_a, runs_b), metric)
                hits[design, metric] += low <= truth[metric] <= high
    return hits / simulations


def interval(a: RunMeasures, b: RunMeasures, runs: tuple[int, int], metric: int) -> tuple[float, float]:
    """That of the first runs of either side, as `compare_predictions` makes it."""
    influences = [side.influences[metric, :count] for side, count in zip((a, b), runs, strict=True)]
    found = difference_interval(
        a.values[metric, : runs[0]],
        b.values[metric, : runs[1]],
        item_variance=item_variance(*influences),
        items=influences[0].shape[1],
    )
    if found.low is None or found.high is None:
        raise SystemExit(f"{runs} runs have no interval")
    return found.low, found.high


def simulate(setting: Setting, rng: np.random.Generator) -> tuple[RunMeasures, RunMeasures]:
    """Runs of both versions on newly drawn pictures."""
    groups = np.arange(setting.pictures) // setting.group
    classes = len(setting.sizes)
    labels = rng.choice(classes, p=setting.sizes, size=setting.pictures)
    ease = rng.normal(*setting.ease, groups[-1] + 1)[groups]
    sides = []
    for noise, better in ((setting.noise_a, 0.0), (setting.noise_b, setting.better)):
        own = ease + rng.normal(0, setting.own, groups[-1] + 1)[groups] + better
        chance = 1 / (1 + np.exp(-(own + noise * spread(setting, rng)[:, None])))
        wrong = (labels + rng.integers(1, classes, (RUNS, setting.pictures))) % classes
        predicted = np.where(rng.random(wrong.shape) < chance, labels, wrong)
        sides.append(measure_runs(labels, np.eye(classes, dtype=np.float32)[predicted], groups, classes))
    return sides[0], sides[1]


def spread(setting: Setting, rng: np.random.Generator) -> np.ndarray:
    """(RUNS,) noise of variance 1."""
    if not setting.tails:
        return rng.standard_normal(RUNS)
    return rng.standard_t(setting.tails, RUNS) * ((setting.tails - 2) / setting.tails) ** 0.5


def expected(setting: Setting, noise: float, better: float) -> np.ndarray:
    """(2,) accuracy and macro F1 of a run over all pictures that there could be."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    scale = (setting.ease[1] ** 2 + setting.own**2 + noise**2) ** 0.5
    accuracy = float(weights @ (1 / (1 + np.exp(-(setting.ease[0] + better + scale * nodes)))) / weights.sum())
    sizes = np.array(setting.sizes)
    predicted = sizes * accuracy + (1 - sizes) * (1 - accuracy) / (len(sizes) - 1)
    return np.array([accuracy, (2 * sizes * accuracy / (sizes + predicted)).mean()])


if __name__ == "__main__":
    raise SystemExit(main())
