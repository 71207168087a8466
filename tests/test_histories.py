"""Whatever is done to a workspace, and in whatever order: no photograph, person or film gets on two sides."""

import histories
from histories import Augment, Decide, Forget, Freeze, Ingest, Judge, Patch, Step, history
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PHOTOGRAPHS = st.sets(st.integers(0, histories.PHOTOGRAPHS - 1), min_size=6, max_size=18).map(sorted).map(tuple)
PLACE = st.integers(0, 99)
INGEST = st.builds(Ingest, PHOTOGRAPHS, st.integers(0, 3), st.booleans(), st.booleans())
FREEZE = st.builds(
    Freeze, st.integers(0, 7).map(lambda number: number == 7), st.booleans(), st.booleans(), st.integers(0, 2)
)
FORGET = st.builds(Forget, PLACE, st.booleans(), st.integers(0, 3))
PEOPLE = st.one_of(
    st.builds(Decide, PLACE, st.integers(0, 2), st.booleans()), st.builds(Judge, PLACE, PLACE), st.builds(Patch)
)
AUGMENT = st.builds(Augment, st.booleans(), st.booleans())
thorough = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@thorough
@given(INGEST, FREEZE, st.lists(st.one_of(FORGET, FORGET, INGEST, PEOPLE, FREEZE), max_size=5), FREEZE)
def test_nothing_gets_on_two_sides(first: Ingest, release: Freeze, done: list[Step], last: Freeze) -> None:
    with history() as world:
        assert world.run([first, release, *done, last]) == []


@thorough
@given(INGEST, FREEZE, AUGMENT, st.lists(st.one_of(FORGET, INGEST, PEOPLE, AUGMENT), max_size=4), FREEZE)
def test_nothing_that_was_augmented_and_comes_back_gets_on_two_sides(
    first: Ingest, release: Freeze, augment: Augment, done: list[Step], last: Freeze
) -> None:
    with history() as world:
        assert world.run([first, release, augment, *done, last]) == []
