"""Train, val and test: lineage groups are dealt out whole, so that every label has its share in every split. Pure."""

import numpy as np

from curate.sample import OFFICIAL_SPLITS

__all__ = ["assign_splits"]

_SPLITS = len(OFFICIAL_SPLITS)


def assign_splits(
    lineage: np.ndarray, label: np.ndarray, *, ratios: tuple[float, ...], order: np.ndarray
) -> np.ndarray:
    """Deal rows out by lineage group, stratified by label.

    Groups of several rows go first, the largest foremost, each to the split where it lessens the squared distance from
    the wanted counts most (relative to these counts, so that a group larger than the need of val or test goes to
    train). Single rows then fill what is missing, label by label. A label that has at least as many groups as there
    are splits is wanted at least once in each.

    Args:
        lineage: (N,) int64 number of each row's lineage group.
        label: (N,) int64, at least 0.
        ratios: shares of train, val and test; they sum to 1. A split with share 0 stays empty.
        order: (N,) key of each row's group, the same for its rows, by which ties are broken; it must not depend on the
            order of rows.

    Returns:
        (N,) int64 index into `OFFICIAL_SPLITS`; independent of the order of rows.
    """
    _, first, group = np.unique(lineage, return_index=True, return_inverse=True)
    counts = np.zeros((len(first), label.max(initial=0) + 1), np.int64)
    np.add.at(counts, (group, label), 1)
    wanted = _wanted(counts, ratios)
    split = np.full(len(first), -1, np.int64)
    size, key = counts.sum(axis=1), order[first]
    several = np.flatnonzero(size > 1)
    need: np.ndarray = _place_several(counts, several[np.lexsort((key[several], -size[several]))], wanted, split)
    _place_singles(counts, size, key, need, split)
    result: np.ndarray = split[group]
    return result


def _wanted(counts: np.ndarray, ratios: tuple[float, ...]) -> np.ndarray:
    """(splits, labels) float: how many rows each split should have of each label."""
    share = np.array(ratios, float)
    wanted = share[:, None] * counts.sum(axis=0)
    used = share > 0
    groups = (counts > 0).sum(axis=0)
    for label in np.flatnonzero(groups >= used.sum()):
        short = used & (wanted[:, label] < 1)
        missing = (1 - wanted[short, label]).sum()
        wanted[short, label] = 1
        wanted[np.argmax(wanted[:, label]), label] -= missing
    return np.asarray(wanted)


def _place_several(counts: np.ndarray, groups: np.ndarray, wanted: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Place groups in that order, in `split`; what is still needed, (splits, labels)."""
    need = wanted.tolist()
    used = [number for number in range(_SPLITS) if wanted[number].any()]
    weight = (1 / np.maximum(wanted, 1e-9)).tolist()
    for group in groups.tolist():
        held = [(label, count) for label, count in enumerate(counts[group].tolist()) if count]
        cost = {
            number: sum(count * (count - 2 * need[number][label]) * weight[number][label] for label, count in held)
            for number in used
        }
        best = min(used, key=cost.__getitem__)
        split[group] = best
        for label, count in held:
            need[best][label] -= count
    return np.array(need)


def _place_singles(counts: np.ndarray, size: np.ndarray, key: np.ndarray, need: np.ndarray, split: np.ndarray) -> None:
    """Fill what is needed with single rows, in `split`; what rounding leaves is carried to the next label."""
    carry = np.zeros(_SPLITS)
    single = np.flatnonzero(size == 1)
    label = counts[single].argmax(axis=1) if len(single) else np.zeros(0, np.int64)
    for number in range(counts.shape[1]):
        own = single[label == number]
        own = own[np.argsort(key[own], kind="stable")]
        due = need[:, number] + carry
        taken = _apportion(due, len(own))
        carry = np.clip(due - taken, -1, 1)
        split[own] = np.repeat(np.arange(_SPLITS), taken)


def _apportion(due: np.ndarray, count: int) -> np.ndarray:
    """Whole numbers that sum to `count`, as near to `due` as can be (largest remainders; none below zero)."""
    share = np.maximum(due, 0)
    share = share * count / share.sum() if share.sum() else np.eye(_SPLITS)[0] * count
    taken = np.floor(share + 1e-9).astype(np.int64)
    rest = count - taken.sum()
    taken[np.argsort(-(share - taken), kind="stable")[:rest]] += 1
    return np.asarray(taken)
