"""Pairs that the duplicate search left to people: how many, and how many of them would join different splits."""

import numpy as np

from curate.audit.dataset import Occurrences, Samples
from curate.audit.values import Doubt
from curate.leaks import NO_SPLIT
from curate.sample import OFFICIAL_SPLITS

__all__ = ["count_doubt"]

_TRAIN = OFFICIAL_SPLITS.index("train")


def count_doubt(samples: Samples, occurrences: Occurrences, doubtful: np.ndarray, *, whole_groups: bool) -> Doubt:
    """Doubtful pairs between the audited pictures.

    Args:
        samples: all of the workspace.
        occurrences: those audited, with their splits.
        doubtful: (K, 2) indices of samples.
        whole_groups: a picture stands for its duplicate group: so in a version, which holds one of the group.
    """
    unit = samples.group if whole_groups else np.arange(len(samples.group))
    inside = np.zeros((len(unit), len(OFFICIAL_SPLITS)), bool)
    placed = occurrences.split != NO_SPLIT
    inside[unit[occurrences.sample[placed]], occurrences.split[placed]] = True
    audited = np.zeros(len(unit), bool)
    audited[unit[occurrences.sample]] = True
    pairs = doubtful[audited[unit[doubtful]].all(axis=1)]
    open_pairs = pairs[samples.group[pairs[:, 0]] != samples.group[pairs[:, 1]]]
    one, two = inside[unit[open_pairs[:, 0]]], inside[unit[open_pairs[:, 1]]]
    across = one.any(axis=1) & two.any(axis=1) & ((one | two).sum(axis=1) > 1)
    trained = np.zeros(len(unit), bool)
    trained[samples.group[inside[unit][:, _TRAIN]]] = True
    leads = np.concatenate([open_pairs[two[:, _TRAIN], 0], open_pairs[one[:, _TRAIN], 1]])
    tested = inside[unit[leads], _TRAIN + 1 :].any(axis=1) & ~trained[samples.group[leads]]
    return Doubt(len(pairs), int(across.sum()), len(np.unique(unit[leads[tested]])))
