"""Connected components of numbers and of names."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from curate.components import connect, connect_names


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_are_those_of_repeated_merging(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = graph
    expected = list(range(count))
    for a, b in edges * count:
        expected = [min(expected[a], expected[b]) if each in (expected[a], expected[b]) else each for each in expected]
    assert connect(count, np.array(edges, np.int64).reshape(-1, 2)).tolist() == expected


def test_names_are_connected_through_names_that_nobody_asked_for() -> None:
    edges = pa.table({"sample_a": ["b", "a", "x"], "sample_b": ["c", "b", "y"]})
    edges = edges.cast(pa.schema([("sample_a", pa.large_string()), ("sample_b", pa.large_string())]))
    names = pa.chunked_array([["c", "d"], ["y"]], pa.large_string())
    assert connect_names(names, edges).to_pylist() == ["a", "d", "x"]
    assert connect_names(names, edges[:0]).to_pylist() == ["c", "d", "y"]
