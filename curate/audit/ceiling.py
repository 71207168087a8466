"""The human ceiling: how far a panel of annotators agrees with itself on pictures that it saw more than once.

Where a dataset holds the same pixels several times and each copy was voted on anew, two copies are one picture and two
panels. The ceiling is the agreement of the two strict top votes, over all pairs of occurrences of one sample with votes
of one panel in one source, where both top votes are strict. All ten columns count, unknown and not-a-face too. Pairs
with equal counts count as well: ten annotators who all see a smile agree, and to leave them out would keep only the
doubtful pictures. A panel whose pairs are mostly equal was not asked again but copied, and says nothing.

FER+: `label.csv` (2016) holds separate panels, `fer2013new.csv` (2017) one for all copies.
"""

from collections.abc import Iterator

import numpy as np

from curate.audit.dataset import Facts, Occurrences
from curate.audit.values import Ceiling
from curate.labels import UNRESOLVED, plurality

__all__ = ["measure_ceilings", "wilson_interval"]

_NORMAL_95 = 1.959964


def measure_ceilings(facts: Facts, occurrences: Occurrences) -> tuple[Ceiling, ...]:
    """The ceiling of every panel that voted on copies, by source, then panel."""
    votes = facts.votes
    order = np.argsort(occurrences.number)
    chosen = np.flatnonzero(np.isin(votes.occurrence, occurrences.number))
    row = order[np.searchsorted(occurrences.number, votes.occurrence[chosen], sorter=order)]
    panels, panel = np.unique(votes.panel[chosen], return_inverse=True)
    ceilings = []
    for source in np.unique(occurrences.source[row]):
        for index, name in enumerate(panels.tolist()):
            mask = (occurrences.source[row] == source) & (panel == index)
            pairs = pairs_of_equal(occurrences.sample[row[mask]])
            if len(pairs):
                counts = votes.counts[chosen[mask]]
                ceilings.append(_ceiling(facts.sources[source], name, counts[pairs[:, 0]], counts[pairs[:, 1]]))
    return tuple(ceilings)


def pairs_of_equal(values: np.ndarray) -> np.ndarray:
    """(M, 2) int64 positions of every two equal entries of (N,) values, the earlier position first."""
    order = np.argsort(values, kind="stable")
    return np.concatenate([np.zeros((0, 2), np.int64), *_pairs_at_each_distance(values, order)])


def wilson_interval(hits: int, trials: int) -> tuple[float, float]:
    """95 % interval of a share, within [0, 1]; pairs are taken as independent.

    Source: Wilson 1927, Probable inference, the law of succession, and statistical inference, JASA 22, 209-212.

    Example:
        >>> low, high = wilson_interval(70, 100)
        >>> round(low, 3), round(high, 3)
        (0.604, 0.781)
    """
    share, z2 = hits / trials, _NORMAL_95**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _NORMAL_95 * np.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(float(centre - half), 0.0), min(float(centre + half), 1.0)


def _pairs_at_each_distance(values: np.ndarray, order: np.ndarray) -> Iterator[np.ndarray]:
    """Equal values are neighbours once sorted: look one place ahead, then two, until nothing is equal."""
    for step in range(1, len(values)):
        equal = values[order[step:]] == values[order[:-step]]
        if not equal.any():
            return
        yield np.stack([order[:-step][equal], order[step:][equal]], axis=1)


def _ceiling(source: str, panel: str, one: np.ndarray, two: np.ndarray) -> Ceiling:
    equal = int((one == two).all(axis=1).sum())
    tops = plurality(one), plurality(two)
    clear = (tops[0] != UNRESOLVED) & (tops[1] != UNRESOLVED)
    trials, hits = int(clear.sum()), int((tops[0] == tops[1])[clear].sum())
    separate = equal * 2 <= len(one)
    low, high = wilson_interval(hits, trials) if separate and trials else (None, None)
    agreement = hits / trials if separate and trials else None
    return Ceiling(source, panel, len(one), equal, separate, trials, hits, agreement, low, high)
