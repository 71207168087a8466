"""Pairs of perceptual hashes: exact, whatever the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.hashing import hash_pairs


def pairs_by_comparing_all(hashes: np.ndarray, within_bits: int) -> list[list[int]]:
    distance = np.bitwise_count(hashes[:, None] ^ hashes[None])
    return np.argwhere(np.triu(distance <= within_bits, 1)).tolist()


def clustered_hashes(seed: int, *, count: int, clusters: int, flips: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 2**64, clusters, dtype=np.uint64)[rng.integers(0, clusters, count)]
    for _ in range(flips):
        hashes = hashes ^ (np.uint64(1) << rng.integers(0, 64, count).astype(np.uint64))
    return hashes


@pytest.mark.parametrize("within_bits", range(13))
def test_every_close_pair_among_few_hashes_is_found_once_and_in_order(within_bits: int) -> None:
    hashes = clustered_hashes(within_bits, count=900, clusters=60, flips=6)
    assert hash_pairs(hashes, within_bits=within_bits).tolist() == pairs_by_comparing_all(hashes, within_bits)


@pytest.mark.parametrize("within_bits", [1, 4, 8])
def test_every_close_pair_among_many_hashes_is_found_by_keys(within_bits: int) -> None:
    clustered = clustered_hashes(1, count=12_000, clusters=3_000, flips=5)
    crowded = np.random.default_rng(2).integers(0, 2**40, 300, dtype=np.uint64)  # runs of one key, beyond neighbours
    hashes = np.concatenate([clustered, clustered[:50], crowded])
    found = hash_pairs(hashes, within_bits=within_bits)
    expected = [
        (row, row + 1 + column)
        for row in range(len(hashes))
        for column in np.flatnonzero(np.bitwise_count(hashes[row + 1 :] ^ hashes[row]) <= within_bits)
    ]
    assert np.array_equal(found, expected)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 31), st.integers(0, 63).map(lambda bit: 1 << bit))),
    st.integers(0, 12),
)
def test_hash_pairs_are_those_of_comparing_all(values: list[int], within_bits: int) -> None:
    hashes = np.array(values, np.uint64)
    assert hash_pairs(hashes, within_bits=within_bits).tolist() == pairs_by_comparing_all(hashes, within_bits)


@pytest.mark.parametrize("values", [[], [7]])
def test_nothing_pairs_with_itself(values: list[int]) -> None:
    found = hash_pairs(np.array(values, np.uint64), within_bits=12)
    assert (found.shape, found.dtype) == ((0, 2), np.int64)


def test_equal_hashes_pair_all_with_all() -> None:
    hashes = np.full(300, 2**63, np.uint64)
    assert np.array_equal(hash_pairs(hashes, within_bits=0), np.stack(np.triu_indices(300, 1), axis=1))


def test_more_pairs_than_wanted_are_refused_before_they_are_made() -> None:
    with pytest.raises(CurateError, match=r"more than 50,000,000 pairs of 200,000 perceptual hashes"):
        hash_pairs(np.zeros(200_000, np.uint64), within_bits=4)
    with pytest.raises(CurateError, match="more than 100 pairs of 256"):
        hash_pairs(np.arange(256, dtype=np.uint64), within_bits=8, at_most=100)
