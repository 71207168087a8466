"""The rules of inheritance, withdrawal, gold and keepers, as properties over generated histories."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from curate.components import connect
from curate.version.placement import COPY, GOLD, NO_SPLIT, TOUCHES_GOLD, WITHDRAWN, Candidates, Placement, place

RATIOS = (0.8, 0.1, 0.1)
TRAIN, VAL, TEST = range(3)


def candidates(samples: int, **given: object) -> Candidates:
    """Samples of one label, each its own group and lineage, unless said otherwise."""
    own = np.arange(samples)
    plain = {
        "label": np.zeros(samples, np.int64),
        "unfit": np.full(samples, "", object),
        "group": own,
        "keeper": np.zeros(samples, bool),
        "area": np.full(samples, 2304),
        "lineage": own,
        "inherited": np.full(samples, NO_SPLIT),
        "gold": np.zeros(samples, bool),
        "gone": np.zeros(samples, bool),
        "fenced": np.full(samples, NO_SPLIT),
        "official": np.full(samples, NO_SPLIT),
        "order": np.arange(samples) * 7919 % 101,
    }
    return Candidates(**{**plain, **{name: np.array(value) for name, value in given.items()}})


def put(own: Candidates, *, official: bool = False, copies: bool = False) -> Placement:
    return place(own, ratios=RATIOS, keep_official_splits=official, keep_copies=copies)


def generation(
    random: np.random.Generator, samples: int, before: Candidates | None, last: Placement | None
) -> Candidates:
    """A later state of the same workspace: more samples, more edges, other labels; splits and gold as released.

    Some pictures that were tested on are no longer delivered; they may come back.
    """
    known = 0 if before is None else len(before.label)
    edges = random.integers(0, samples, (samples // 6, 2))
    edges = np.concatenate([edges, np.stack([np.arange(known), before.lineage], axis=1)]) if before else edges
    copies = edges[random.random(len(edges)) < 0.5]
    unfit = np.where(random.random(samples) < 0.1, "label is open", "").astype(object)
    inherited, gold = np.full(samples, NO_SPLIT), np.zeros(samples, bool)
    fenced = np.full(samples, NO_SPLIT)
    if before is not None and last is not None:
        inherited[:known] = last.split
        gold[:known] = (last.split == TEST) & (before.gold if before.gold.any() else True)
        fenced[:known] = np.maximum(before.fenced, np.where(gold[:known], GOLD, NO_SPLIT))
        fenced[:known] = np.maximum(fenced[:known], np.where(last.split == TEST, TEST, NO_SPLIT))
    gone = (fenced != NO_SPLIT) & (random.random(samples) < 0.1)
    label = random.integers(0, 4, samples)
    label[((unfit != "") & ~gold) | gone] = -1
    lineage = connect(samples, edges)
    return candidates(
        samples, label=label, unfit=unfit, lineage=lineage, group=connect(samples, copies), inherited=inherited,
        gold=gold, gone=gone, fenced=fenced, keeper=random.random(samples) < 0.3, order=(lineage * 7919) % 1013,
        official=np.where(random.random(samples) < 0.5, random.integers(0, 3, samples), NO_SPLIT),
    )  # fmt: skip


def history(seed: int, *, official: bool, copies: bool) -> list[tuple[Candidates, Placement]]:
    random = np.random.default_rng(seed)
    states: list[tuple[Candidates, Placement]] = []
    for samples in (120, 150, 150, 260):
        before, last = states[-1] if states else (None, None)
        own = generation(random, samples, before, last)
        states.append((own, put(own, official=official, copies=copies)))
    return states


modes = pytest.mark.parametrize(("official", "copies"), [(False, False), (False, True), (True, False), (True, True)])


@modes
@pytest.mark.parametrize("seed", range(25))
def test_no_lineage_group_lies_in_two_splits(seed: int, official: bool, copies: bool) -> None:
    for own, placed in history(seed, official=official, copies=copies):
        kept = placed.split != NO_SPLIT
        for lineage in np.unique(own.lineage[kept]):
            assert len(set(placed.split[kept & (own.lineage == lineage)].tolist())) == 1


@modes
@pytest.mark.parametrize("seed", range(25))
def test_a_sample_of_parent_and_child_keeps_its_split(seed: int, official: bool, copies: bool) -> None:
    states = history(seed, official=official, copies=copies)
    for (_, last), (_, placed) in itertools.pairwise(states):
        now = placed.split[: len(last.split)]
        both = (last.split != NO_SPLIT) & (now != NO_SPLIT)
        assert both.any()
        assert now[both].tolist() == last.split[both].tolist()


@modes
@pytest.mark.parametrize("seed", range(25))
def test_the_gold_test_loses_what_is_gone_and_never_grows(seed: int, official: bool, copies: bool) -> None:
    states = history(seed, official=official, copies=copies)
    gold = set(np.flatnonzero(states[0][1].split == TEST).tolist())
    for own, placed in states[1:]:
        gold -= set(np.flatnonzero(own.gone).tolist())
        assert set(np.flatnonzero(own.gold & (placed.split == TEST)).tolist()) == gold


@modes
@pytest.mark.parametrize("seed", range(25))
def test_nothing_is_trained_on_that_belongs_with_what_was_ever_tested(seed: int, official: bool, copies: bool) -> None:
    for own, placed in history(seed, official=official, copies=copies):
        tested = np.unique(own.lineage[own.gone | (own.fenced != NO_SPLIT)])
        assert not np.isin(own.lineage[np.isin(placed.split, (TRAIN, VAL))], tested).any()


@modes
@pytest.mark.parametrize("seed", range(25))
def test_every_sample_is_a_row_or_says_why_not(seed: int, official: bool, copies: bool) -> None:
    for own, placed in history(seed, official=official, copies=copies):
        assert ((placed.left_out == "") == (placed.split != NO_SPLIT)).all()
        assert (own.label[placed.split != NO_SPLIT] >= 0).all()
        if not copies:
            kept = (placed.split != NO_SPLIT) & ~own.gold
            assert np.bincount(own.group[kept]).max() == 1


@pytest.mark.parametrize("seed", range(25))
def test_the_order_of_samples_does_not_matter(seed: int) -> None:
    own, placed = history(seed, official=False, copies=False)[-1]
    order = np.random.default_rng(seed).permutation(len(own.label))
    back = np.argsort(order)
    moved = {name: getattr(own, name)[order] for name in Candidates.__dataclass_fields__}
    shuffled = Candidates(**{**moved, "group": back[moved["group"]], "lineage": back[moved["lineage"]]})
    again = put(shuffled)
    assert (again.split != NO_SPLIT).sum() == (placed.split != NO_SPLIT).sum()
    assert np.bincount(again.split + 1).tolist() == np.bincount(placed.split + 1).tolist()


def test_new_evidence_withdraws_the_lower_split() -> None:
    own = candidates(4, lineage=[0, 0, 2, 2], inherited=[TRAIN, VAL, TRAIN, NO_SPLIT])
    placed = put(own)
    assert placed.split.tolist() == [NO_SPLIT, VAL, TRAIN, TRAIN]
    assert placed.left_out.tolist() == [WITHDRAWN, "", "", ""]


def test_a_new_sample_joins_the_highest_split_it_touches_but_never_gold() -> None:
    own = candidates(
        4, lineage=[0, 0, 2, 2], inherited=[TEST, NO_SPLIT, TEST, NO_SPLIT], gold=[False, False, True, False]
    )
    placed = put(own)
    assert placed.split.tolist() == [TEST, TEST, TEST, NO_SPLIT]
    assert placed.left_out.tolist() == ["", "", "", TOUCHES_GOLD]


def test_test_rows_are_not_withdrawn_when_they_meet_gold() -> None:
    own = candidates(2, lineage=[0, 0], inherited=[TEST, TEST], gold=[True, False])
    assert put(own).split.tolist() == [TEST, TEST]


def test_one_picture_of_a_group_is_kept() -> None:
    own = candidates(3, group=[0, 0, 0], lineage=[0, 0, 0], keeper=[False, True, False])
    assert put(own).left_out.tolist() == [COPY, "", COPY]
    assert put(own, copies=True).left_out.tolist() == ["", "", ""]


def test_where_the_keeper_is_unfit_the_largest_is_kept() -> None:
    own = candidates(
        3, group=[0, 0, 0], lineage=[0, 0, 0], keeper=[False, True, False], area=[10, 99, 20], unfit=["", "no", ""]
    )
    assert put(own).left_out.tolist() == [COPY, "no", ""]


def test_gold_copies_all_stay_and_their_new_copies_do_not() -> None:
    own = candidates(
        3, group=[0, 0, 0], lineage=[0, 0, 0], keeper=[False, False, True], inherited=[TEST, TEST, NO_SPLIT],
        gold=[True, True, False],
    )  # fmt: skip
    assert put(own).left_out.tolist() == ["", "", COPY]
    assert put(own, copies=True).left_out.tolist() == ["", "", TOUCHES_GOLD]


def test_gold_pictures_stay_when_their_label_is_gone() -> None:
    own = candidates(2, unfit=["label is open", "label is open"], gold=[True, False], inherited=[TEST, TRAIN])
    placed = put(own)
    assert placed.split.tolist() == [TEST, NO_SPLIT]
    assert placed.left_out.tolist() == ["", "label is open"]


def test_official_splits_are_kept_and_leaks_move_up() -> None:
    own = candidates(5, lineage=[0, 0, 2, 2, 4], official=[TRAIN, TEST, TRAIN, VAL, TRAIN])
    placed = put(own, official=True, copies=True)
    assert placed.split.tolist() == [TEST, TEST, VAL, VAL, TRAIN]
    assert placed.moved.tolist() == [True, False, True, False, False]


def test_official_splits_of_pictures_that_are_left_out_for_their_label_do_not_count() -> None:
    own = candidates(2, lineage=[0, 0], official=[TRAIN, TEST], unfit=["", "label is open"])
    assert put(own, official=True).split.tolist() == [TRAIN, NO_SPLIT]


def test_inheritance_comes_before_official_splits() -> None:
    own = candidates(1, official=[TEST], inherited=[TRAIN])
    assert put(own, official=True).split.tolist() == [TRAIN]


def test_ratios_apply_to_new_lineage_groups_alone() -> None:
    old = candidates(200, inherited=[TRAIN] * 100 + [NO_SPLIT] * 100)
    placed = put(replace(old, order=np.arange(200)))
    assert np.bincount(placed.split[100:]).tolist() == [80, 10, 10]
