"""Candidate search: exact, whatever the data."""

import numpy as np
import pytest

from curate.duplicates.candidates import cosine_pairs
from curate.executors import local_threads


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    values = np.random.default_rng(5).normal(size=(2_500, 8)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def test_cosine_pairs_are_those_of_comparing_all_in_order(points: np.ndarray) -> None:
    others = np.roll(points, 1, axis=1)
    with local_threads(2) as executor:
        found = cosine_pairs(points, others, above=0.9, executor=executor)
    cosine = np.triu(points @ others.T, 1)
    assert np.array_equal(found.pairs, np.argwhere(cosine > 0.9))
    np.testing.assert_allclose(found.cosine, cosine[tuple(found.pairs.T)], atol=1e-6)


@pytest.mark.parametrize("count", [0, 1])
def test_one_vector_has_no_cosine_pairs(points: np.ndarray, count: int) -> None:
    with local_threads(1) as executor:
        found = cosine_pairs(points[:count], points[:count], above=-2, executor=executor)
    assert (found.pairs.shape, found.cosine.shape) == ((0, 2), (0,))
