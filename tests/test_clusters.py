"""Search within clusters: nearly all close pairs, the same for any number of workers."""

import numpy as np
import pytest

from curate.duplicates.candidates import cosine_pairs
from curate.duplicates.clusters import bucketed_pairs, fit_centres, nearest_centres, threshold_for
from curate.executors import local_threads

CLUSTERS = 40


def unit(values: np.ndarray) -> np.ndarray:
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    """3,000 points with 300 near copies among them."""
    rng = np.random.default_rng(0)
    originals = unit(rng.normal(size=(2_700, 16)))
    copies = unit(originals[:300] + rng.normal(0, 0.05, (300, 16)))
    return np.asarray(rng.permutation(np.concatenate([originals, copies])))


@pytest.mark.parametrize("turned", [False, True])
def test_nearly_all_close_pairs_are_found_in_order(points: np.ndarray, *, turned: bool) -> None:
    others = np.roll(points, 1, axis=1) if turned else points
    queries = points.copy()
    if turned:  # give every tenth point a close one among the others
        queries[::10] = np.roll(np.roll(points, -1, axis=0), 1, axis=1)[::10]
    with local_threads(2) as executor:
        centres = fit_centres(points, CLUSTERS, executor=executor)
        found = bucketed_pairs(queries, others, centres, above=0.9, executor=executor)
        exact = cosine_pairs(queries, others, above=0.9, executor=executor).pairs
    true = set(map(tuple, exact.tolist()))
    assert found.tolist() == sorted(found.tolist())
    assert set(map(tuple, found.tolist())) <= true
    assert len(found) >= 0.98 * len(true) > 250


def test_the_result_does_not_depend_on_the_number_of_workers(points: np.ndarray) -> None:
    outcomes = []
    for workers in (1, 3):
        with local_threads(workers) as executor:
            centres = fit_centres(points, CLUSTERS, executor=executor)
            above = threshold_for(points, points, per_point=2, at_least=0.1, executor=executor)
            pairs = bucketed_pairs(points, points, centres, above=above, executor=executor)
            outcomes.append((centres.tobytes(), above, pairs.tobytes()))
    assert outcomes[0] == outcomes[1]


def test_a_threshold_leaves_about_as_many_pairs_as_wanted(points: np.ndarray) -> None:
    with local_threads(2) as executor:
        above = threshold_for(points, points, per_point=4, at_least=-1, executor=executor)
        pairs = cosine_pairs(points, points, above=above, executor=executor).pairs
        assert threshold_for(points, points, per_point=4, at_least=0.99, executor=executor) == 0.99
    assert 3.6 < len(pairs) / len(points) < 4.4


def test_there_are_no_more_homes_than_centres(points: np.ndarray) -> None:
    with local_threads(1) as executor:
        homes = nearest_centres(points[:10], points[:2], homes=4, executor=executor)
        assert homes[:2].tolist() == [[0, 1, -1, -1], [1, 0, -1, -1]]
        pairs = bucketed_pairs(points[:10], points[:10], points[:2], above=-1, executor=executor)
    assert pairs.tolist() == np.stack(np.triu_indices(10, 1), axis=1).tolist()
