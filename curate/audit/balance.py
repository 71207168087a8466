"""Counts: classes and quality flags."""

import numpy as np

from curate.audit.dataset import Facts, Occurrences
from curate.audit.values import Balance
from curate.emotions import LABELS
from curate.hashing import QUALITY_FLAGS
from curate.labels import UNRESOLVED

__all__ = ["count_classes", "count_flags"]


def count_classes(facts: Facts, occurrences: Occurrences, classes: tuple[str, ...]) -> tuple[Balance, ...]:
    """Class counts of every audited source, and of the resolved labels of its samples.

    Args:
        facts: the workspace.
        occurrences: the occurrences audited.
        classes: those of the policy, over which the ratio is taken.
    """
    by_source = {
        facts.sources[number]: occurrences.label[occurrences.source == number]
        for number in np.unique(occurrences.source)
    }
    resolved = facts.samples.label[np.unique(occurrences.sample)]
    return tuple(_balance(name, label, classes) for name, label in {**by_source, "resolved": resolved}.items())


def count_flags(flags: list[str], sample: np.ndarray) -> dict[str, int]:
    """Quality flag -> how many of the samples of these numbers bear it; every flag of `QUALITY_FLAGS`."""
    raised = [flags[number].split() for number in sample if flags[number]]
    return {name: sum(name in each for each in raised) for name in QUALITY_FLAGS}


def _balance(name: str, label: np.ndarray, classes: tuple[str, ...]) -> Balance:
    counts = np.bincount(label[label != UNRESOLVED], minlength=len(LABELS)).tolist()
    labels = {each: count for each, count in zip(LABELS, counts, strict=True) if count}
    wanted = [labels[each] for each in classes if each in labels]
    ratio = max(wanted) / min(wanted) if len(wanted) > 1 else None
    return Balance(name, labels, ratio, tuple(each for each in classes if each not in labels))
