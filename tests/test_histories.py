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
OTHER = st.one_of(
    st.builds(Forget, PLACE, st.booleans(), st.integers(0, 3)),
    INGEST,
    FREEZE,
    st.builds(Decide, PLACE, st.integers(0, 2), st.booleans()),
    st.builds(Judge, PLACE, PLACE),
    st.builds(Patch),
    st.builds(Augment, st.booleans(), st.booleans()),
)


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Deliveries and a release, then anything, then another release."""
    return [draw(INGEST), draw(FREEZE), *draw(st.lists(OTHER, max_size=6)), draw(FREEZE)]


@settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(steps())
def test_nothing_gets_on_two_sides(done: list[Step]) -> None:
    with history() as world:
        assert world.run(done) == []
