"""Dealing out lineage groups: whole, by ratio, every label with its share, whatever the order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.version.splits import assign_splits

RATIOS = (0.8, 0.1, 0.1)


def generated(seed: int, *, groups: int, largest: int, labels: int = 7) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lineage, label and order of rows in groups of 1 to `largest`; half of the groups are single rows."""
    random = np.random.default_rng(seed)
    sizes = np.where(random.random(groups) < 0.5, 1, random.integers(1, largest + 1, groups))
    lineage = np.repeat(np.arange(groups), sizes)
    weights = random.dirichlet(np.ones(labels))
    label = random.choice(labels, len(lineage), p=weights)
    return lineage, label, random.integers(0, 2**62, groups)[lineage]


many = st.tuples(st.integers(0, 10**6), st.integers(1, 300), st.integers(1, 12))


@given(many)
@settings(max_examples=60, deadline=None)
def test_a_lineage_group_is_never_cut(case: tuple[int, int, int]) -> None:
    lineage, label, order = generated(case[0], groups=case[1], largest=case[2])
    split = assign_splits(lineage, label, ratios=RATIOS, order=order)
    assert set(split.tolist()) <= {0, 1, 2}
    assert all(len(set(split[lineage == number].tolist())) == 1 for number in np.unique(lineage))


@given(many)
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter(case: tuple[int, int, int]) -> None:
    lineage, label, order = generated(case[0], groups=case[1], largest=case[2])
    split = assign_splits(lineage, label, ratios=RATIOS, order=order)
    shuffled = np.random.default_rng(case[0]).permutation(len(lineage))
    renamed = lineage.max() - lineage
    again = assign_splits(renamed[shuffled], label[shuffled], ratios=RATIOS, order=order[shuffled])
    assert again.tolist() == split[shuffled].tolist()


@given(many, st.sampled_from([RATIOS, (0.6, 0.2, 0.2), (0.5, 0.0, 0.5), (1.0, 0.0, 0.0)]))
@settings(max_examples=100, deadline=None)
def test_ratios_hold_within_one_group_and_one_row_a_label(
    case: tuple[int, int, int], ratios: tuple[float, ...]
) -> None:
    lineage, label, order = generated(case[0], groups=case[1], largest=case[2])
    counts = np.bincount(assign_splits(lineage, label, ratios=ratios, order=order), minlength=3)
    largest, labels = np.bincount(lineage).max(), len(np.unique(label))
    assert (np.abs(counts - np.array(ratios) * len(lineage)) <= largest + labels).all()
    assert not counts[np.array(ratios) == 0].any()


@pytest.mark.parametrize("seed", range(20))
def test_every_label_has_its_share_within_a_percentage_point(seed: int) -> None:
    lineage, label, order = generated(seed, groups=6000, largest=4)
    split = assign_splits(lineage, label, ratios=RATIOS, order=order)
    whole = np.bincount(label, minlength=7) / len(label)
    for number in range(3):
        own = label[split == number]
        assert np.abs(np.bincount(own, minlength=7) / len(own) - whole).max() < 0.01


@pytest.mark.parametrize("seed", range(20))
def test_a_rare_label_with_three_groups_is_in_every_split(seed: int) -> None:
    lineage, label, order = generated(seed, groups=400, largest=3, labels=6)
    rare = np.array([len(order) + 1, len(order) + 2, len(order) + 2, len(order) + 3])
    lineage, label = np.concatenate([lineage, rare]), np.concatenate([label, np.full(4, 6)])
    order = np.concatenate([order, [5, 6, 6, 7]])
    split = assign_splits(lineage, label, ratios=RATIOS, order=order)
    assert set(split[label == 6].tolist()) == {0, 1, 2}


def test_a_group_larger_than_the_need_of_val_and_test_goes_to_train() -> None:
    lineage = np.concatenate([np.zeros(50, np.int64), np.arange(1, 51)])
    split = assign_splits(lineage, np.zeros(100, np.int64), ratios=RATIOS, order=lineage)
    assert set(split[:50].tolist()) == {0}
    assert np.bincount(split).tolist() == [80, 10, 10]


def test_single_rows_meet_the_ratios_exactly() -> None:
    label = np.repeat([0, 1, 2], [100, 50, 10])
    split = assign_splits(np.arange(160), label, ratios=RATIOS, order=np.arange(160))
    table = [[int(((split == s) & (label == k)).sum()) for k in range(3)] for s in range(3)]
    assert table == [[80, 40, 8], [10, 5, 1], [10, 5, 1]]


def test_nothing_gives_nothing() -> None:
    empty = np.zeros(0, np.int64)
    assert assign_splits(empty, empty, ratios=RATIOS, order=empty).tolist() == []
