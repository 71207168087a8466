"""Counts: classes, quality flags, and labels without a meaning."""

import numpy as np

from curate.audit.facts import Facts, Occurrences
from curate.audit.report import Balance, Unmapped
from curate.config import Config
from curate.emotions import LABELS, nearest_label
from curate.hashing import QUALITY_FLAGS
from curate.labels import OPEN
from curate.resolution import canonical_givens

__all__ = ["count_classes", "count_flags", "find_unmapped"]


def count_classes(facts: Facts, own: Occurrences, classes: tuple[str, ...]) -> tuple[Balance, ...]:
    """Class counts of every audited source, and of the resolved labels of its samples.

    Args:
        facts: the workspace.
        own: the occurrences audited.
        classes: those of the policy, over which the ratio is taken.
    """
    by_source = {facts.sources[number]: own.label[own.source == number] for number in np.unique(own.source)}
    resolved = facts.samples.label[np.unique(own.sample)]
    return tuple(_balance(name, label, classes) for name, label in {**by_source, "resolved": resolved}.items())


def count_flags(flags: list[str], sample: np.ndarray) -> dict[str, int]:
    """Quality flag -> how many of the samples of these numbers bear it; every flag of `QUALITY_FLAGS`."""
    raised = [flags[number].split() for number in sample if flags[number]]
    return {name: sum(name in each for each in raised) for name in QUALITY_FLAGS}


def find_unmapped(facts: Facts, own: Occurrences, config: Config) -> tuple[Unmapped, ...]:
    """Labels as delivered that stand for no canonical label, most frequent first."""
    givens = facts.givens
    counts = np.bincount(own.given_id, minlength=max(givens.id, default=0) + 1)
    rows = zip(givens.id, givens.source, givens.raw, canonical_givens(givens, config), strict=True)
    found = [
        Unmapped(source, raw, int(counts[number]), nearest_label(raw))
        for number, source, raw, label in rows
        if label is None and counts[number]
    ]
    return tuple(sorted(found, key=lambda each: (-each.pictures, each.source, each.label)))


def _balance(name: str, label: np.ndarray, classes: tuple[str, ...]) -> Balance:
    counts = np.bincount(label[label != OPEN], minlength=len(LABELS)).tolist()
    labels = {each: count for each, count in zip(LABELS, counts, strict=True) if count}
    wanted = [labels[each] for each in classes if each in labels]
    ratio = max(wanted) / min(wanted) if len(wanted) > 1 else None
    return Balance(name, labels, ratio, tuple(each for each in classes if each not in labels))
