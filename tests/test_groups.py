"""Groups: connected components of verified pairs, cut where a chain stretches."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from curate.duplicates.groups import Group, group_pairs


def chain(names: str, *, weakest: int | None = None) -> dict[tuple[str, str], float]:
    return {pair: 0.8 if index == weakest else 0.9 for index, pair in enumerate(pairwise(names))}


def test_members_of_connected_pairs_form_a_group_named_after_the_smallest() -> None:
    pairs = {("d", "e"): 0.9, ("a", "c"): 0.9, ("b", "c"): 0.95}
    assert group_pairs(pairs) == [Group("a", ("a", "b", "c"), 2, ()), Group("d", ("d", "e"), 1, ())]


def test_no_pairs_make_no_groups() -> None:
    assert group_pairs({}) == []


def test_a_group_in_which_all_pairs_were_verified_has_diameter_one() -> None:
    assert group_pairs({("a", "b"): 0.9, ("a", "c"): 0.9, ("b", "c"): 0.9}) == [Group("a", ("a", "b", "c"), 1, ())]


def test_a_chain_as_long_as_allowed_stays_whole() -> None:
    assert group_pairs(chain("abcdefghi")) == [Group("a", tuple("abcdefghi"), 8, ())]


def test_a_longer_chain_is_cut_at_its_weakest_pair() -> None:
    assert group_pairs(chain("abcdefghij", weakest=6)) == [
        Group("a", tuple("abcdefg"), 6, (("g", "h"),)),
        Group("h", tuple("hij"), 2, ()),
    ]


def test_a_cut_off_single_member_is_in_no_group() -> None:
    assert group_pairs(chain("abcd", weakest=0), max_diameter=2) == [Group("b", ("b", "c", "d"), 2, ())]


def test_a_very_long_chain_is_cut_until_every_part_is_short_enough() -> None:
    names = [f"{number:03}" for number in range(60)]
    similarity = {pair: 0.9 + (index * 37 % 59) / 1000 for index, pair in enumerate(pairwise(names))}
    groups = group_pairs(similarity)
    assert max(group.diameter for group in groups) <= 8
    within = {pair for group in groups for pair in pairwise(group.members)}
    cut = {pair for group in groups for pair in group.cut}
    assert within <= set(similarity) - cut


def test_a_long_chain_of_equal_pairs_is_cut_near_its_middle() -> None:
    groups = group_pairs(chain("abcdefghijkl"))
    assert sum(len(group.members) for group in groups) == 12


def test_a_weak_pair_off_the_longest_path_stays() -> None:
    pairs = {**chain("abcd", weakest=1), ("b", "x"): 0.1}
    assert group_pairs(pairs, max_diameter=2) == [
        Group("a", ("a", "b", "x"), 2, (("b", "c"),)),
        Group("c", ("c", "d"), 1, ()),
    ]


SOME_PAIRS = st.dictionaries(
    st.tuples(st.integers(10, 30), st.integers(10, 30)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from((0.8, 0.9)),
)


@given(SOME_PAIRS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_groups_depend_on_no_order_and_are_never_wider_than_allowed(pairs, max_diameter, random) -> None:
    similarity = {(str(a), str(b)): value for (a, b), value in pairs.items()}
    shuffled = list(similarity.items())
    random.shuffle(shuffled)
    groups = group_pairs(similarity, max_diameter=max_diameter)
    assert group_pairs(dict(shuffled), max_diameter=max_diameter) == groups
    assert all(group.diameter <= max_diameter and group.group_id == min(group.members) for group in groups)
    members = [name for group in groups for name in group.members]
    assert len(members) == len(set(members))
