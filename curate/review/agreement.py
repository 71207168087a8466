"""How far reviewers agree, with each other and with themselves."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from curate.decisions import REPEAT_SCREENS, Decision, active_decisions

__all__ = [
    "Consistency",
    "PairAgreement",
    "answers_by_reviewer",
    "cohen_kappa",
    "compare_reviewers",
    "fleiss_kappa",
    "measure_consistency",
]

EXCLUDED = "exclude"
"""The answer of a reviewer who left a picture out."""


class PairAgreement(NamedTuple):
    """Two reviewers on the pictures that both decided.

    Attributes:
        shared: how many.
        agreement: share on which both said the same; NaN without shared pictures.
        kappa: Cohen's; NaN where it is not defined.
        confusions: (answer of a, answer of b, count) where they differ, most frequent first.
    """

    a: str
    b: str
    shared: int
    agreement: float
    kappa: float
    confusions: tuple[tuple[str, str, int], ...]


class Consistency(NamedTuple):
    """A reviewer who was shown pictures once more unannounced.

    Attributes:
        repeats: pictures shown again.
        same: decided the same way again.
        mirrored, mirrored_same: those of them that were shown mirrored.
    """

    reviewer: str
    repeats: int
    same: int
    mirrored: int
    mirrored_same: int


def answers_by_reviewer(log: Iterable[Decision]) -> dict[str, dict[str, str]]:
    """Reviewer -> sample_id -> their last answer (a label, or `exclude`); hidden repeats and skips do not count."""
    answers: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for line in active_decisions(log):
        answer = _answer(line)
        if answer and line.screen not in REPEAT_SCREENS:
            answers[line.reviewer][line.sample_id] = answer
    return dict(answers)


def compare_reviewers(answers: Mapping[str, Mapping[str, str]]) -> list[PairAgreement]:
    """Every two reviewers who share pictures, in alphabetical order."""
    found = []
    for a, b in combinations(sorted(answers), 2):
        shared = sorted(answers[a].keys() & answers[b].keys())
        if shared:
            pairs = [(answers[a][name], answers[b][name]) for name in shared]
            same = sum(one == two for one, two in pairs)
            differing = Counter(pair for pair in pairs if pair[0] != pair[1])
            confusions = tuple((one, two, count) for (one, two), count in sorted(differing.items(), key=_most_first))
            found.append(PairAgreement(a, b, len(shared), same / len(shared), cohen_kappa(pairs), confusions))
    return found


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Agreement of two raters beyond chance.

    Args:
        pairs: the answers of both to each subject.

    Returns:
        1 = always the same, 0 = as often as by chance, below 0 = less often; NaN without pairs, or where both always
        gave one and the same answer.

    Source: Cohen 1960, A Coefficient of Agreement for Nominal Scales, Educational and Psychological Measurement 20(1).

    Example:
        >>> cohen_kappa([("sad", "sad"), ("fear", "fear"), ("sad", "fear"), ("fear", "fear")])
        0.5
    """
    if not pairs:
        return float("nan")
    names = sorted({name for pair in pairs for name in pair})
    table = np.zeros((len(names), len(names)))
    for one, two in pairs:
        table[names.index(one), names.index(two)] += 1 / len(pairs)
    expected = float(table.sum(axis=1) @ table.sum(axis=0))
    return float("nan") if expected >= 1 else float((np.trace(table) - expected) / (1 - expected))


def fleiss_kappa(counts: np.ndarray) -> float:
    """Agreement of many raters beyond chance; subjects may have different numbers of raters.

    Args:
        counts: (N, K) how many raters gave each of K answers to each of N subjects; subjects with fewer than two
            raters are left out.

    Returns:
        1 = always the same, 0 = as by chance; NaN where it is not defined.

    Source: Fleiss 1971, Measuring Nominal Scale Agreement Among Many Raters, Psychological Bulletin 76(5); with unequal
        numbers, the agreement of each subject is the share of its pairs of raters that agree.

    Example:
        >>> round(fleiss_kappa(np.array([[3, 0], [0, 3], [2, 1]])), 3)
        0.55
    """
    raters = counts.sum(axis=1)
    counts, raters = counts[raters > 1], raters[raters > 1]
    if not len(counts):
        return float("nan")
    observed = float(((counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1))).mean())
    shares = counts.sum(axis=0) / counts.sum()
    expected = float((shares**2).sum())
    return float("nan") if expected >= 1 else (observed - expected) / (1 - expected)


def measure_consistency(log: Iterable[Decision]) -> list[Consistency]:
    """How often each reviewer repeated their own answer, by reviewer."""
    lines = active_decisions(log)
    first: dict[tuple[str, str], str] = {}
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        answer = _answer(line)
        if not answer:
            continue
        if line.screen not in REPEAT_SCREENS:
            first[line.reviewer, line.sample_id] = answer
        elif (line.reviewer, line.sample_id) in first:
            same = answer == first[line.reviewer, line.sample_id]
            mirrored = line.screen == REPEAT_SCREENS[1]
            counts[line.reviewer].update(
                {"repeats": 1, "same": int(same), "mirrored": int(mirrored), "mirrored same": int(mirrored and same)}
            )
    return [
        Consistency(name, own["repeats"], own["same"], own["mirrored"], own["mirrored same"])
        for name, own in sorted(counts.items())
    ]


def _answer(line: Decision) -> str:
    """A label, `exclude`, or nothing for lines that decide nothing about one picture."""
    if line.kind in ("relabel", "confirm"):
        return line.label
    return EXCLUDED if line.kind == "exclude" else ""


def _most_first(item: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    return -item[1], item[0]
