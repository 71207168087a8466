"""Telling how far work is."""

import pytest

from curate.progress import part_of


@pytest.mark.parametrize(
    ("total", "steps", "told"),
    [(10, [5, 5], [10, 10]), (3, [1, 1, 1], [6, 7, 7]), (4, [1], [5, 15]), (None, [9], [20])],
)
def test_a_part_moves_the_larger_task_by_its_worth(total: int | None, steps: list[int], told: list[int]) -> None:
    seen: list[int] = []
    with part_of(seen.append, 20) as progress, progress("one step", total, unit="pictures") as advance:
        for step in steps:
            advance(step)
    assert seen == told
