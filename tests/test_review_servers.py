"""Several servers on one workspace: no picture is decided by two people, and a server that dies costs nothing."""

import multiprocessing
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Barrier as BarrierType
from pathlib import Path

import pytest
from reviewing import ALL, AT, fill, press, shown, suspects_for

from curate.errors import InvalidAction
from curate.review.actions import ReviewAction
from curate.review.grid import grid_page
from curate.review.queue import Filters
from curate.review.session import ReviewSession
from curate.workspace import Workspace

SPAWN = multiprocessing.get_context("spawn")


def serve(folder: Path, names: list[str], reviewers: list[str], together: BarrierType) -> None:
    """A server whose reviewers decide all there is, each picture twice sent, and end."""
    session = ReviewSession(Workspace(folder), repeats=0.0, suspects=lambda _: suspects_for(names))
    together.wait()
    with ThreadPoolExecutor(len(reviewers)) as pool:
        list(pool.map(decide_all, [session] * len(reviewers), reviewers))
    session.close()


def decide_all(session: ReviewSession, reviewer: str) -> None:
    while cards := session.cards(reviewer, ALL, 0.0)[0]:
        act = ReviewAction(uuid.uuid4().hex, "6", (cards[0]["sample"],), "queue", session.news.reading)
        for _ in range(2):
            session.act(reviewer, act, "queue", at=AT, now=0.0)


@contextmanager
def servers(workspace: Workspace, names: list[str], groups: list[list[str]]) -> Iterator[list[SpawnProcess]]:
    """One process for each group of reviewers; they begin together, and are gone afterwards."""
    together = SPAWN.Barrier(len(groups) + 1, timeout=60)
    made = [SPAWN.Process(target=serve, args=(workspace.folder, names, group, together)) for group in groups]
    for each in made:
        each.start()
    try:
        together.wait()
        yield made
    finally:
        for each in made:
            each.kill()
            each.join()


@pytest.fixture
def names(workspace: Workspace, tmp_path: Path) -> list[str]:
    """Sixty faces said to be happy."""
    return fill(workspace, 60, tmp_path)


@pytest.fixture
def desks(workspace: Workspace, names: list[str]) -> Iterator[tuple[ReviewSession, ReviewSession]]:
    """Those of two servers."""
    made = tuple(ReviewSession(workspace, repeats=0.0, suspects=lambda _: suspects_for(names)) for _ in range(2))
    yield made[0], made[1]
    for each in made:
        each.close()


def decided(workspace: Workspace) -> Counter[str]:
    return Counter(workspace.decisions()["sample_id"])


def test_reviewers_of_several_servers_decide_every_picture_once(workspace: Workspace, names: list[str]) -> None:
    with servers(workspace, names, [["ann", "bob", "cem"], ["dora", "eve", "finn"], ["gus"]]) as made:
        for each in made:
            each.join()
        assert [each.exitcode for each in made] == [0, 0, 0]
    assert decided(workspace) == Counter(names)


def test_what_another_server_shows_is_shown_to_nobody_else(
    desks: tuple[ReviewSession, ReviewSession], names: list[str]
) -> None:
    one, other = desks
    assert shown(one, "ann") == names[:3]
    assert shown(other, "bob") == names[3:6]
    sheet = grid_page(other, "cem", Filters("happy", "given"), start=0, now=0.0)
    assert [each["sample"] for each in sheet["faces"]] == names[6:]
    press(one, "ann", "6", names[0])
    press(one, "ann", "u")
    assert shown(other, "dora") == []
    assert shown(other, "ann") == names[:3]
    assert shown(other, "dora", now=2000.0) == names[:3]


def test_a_claim_from_before_the_clock_was_set_back_holds_nothing(
    desks: tuple[ReviewSession, ReviewSession], names: list[str]
) -> None:
    one, other = desks
    assert shown(one, "ann", now=1e9) == names[:3]
    assert shown(other, "bob", now=1e6) == names[:3]
    assert shown(one, "ann", now=1e6) == names[3:6]


def test_who_was_away_decides_nothing_that_another_decided(
    desks: tuple[ReviewSession, ReviewSession], names: list[str]
) -> None:
    one, other = desks
    assert shown(one, "ann") == names[:3]
    assert shown(other, "bob", now=2000.0) == names[:3]
    press(other, "bob", "4", names[0])
    with pytest.raises(InvalidAction, match="somebody else decided this"):
        press(one, "ann", "6", names[0])
    with pytest.raises(InvalidAction, match="somebody else decided this"):
        press(one, "ann", "x", names[0], page="grid")
    press(one, "ann", "6", *names[:3], page="grid")
    press(other, "bob", "6", names[0])
    assert one.workspace.decisions()[["reviewer", "sample_id"]].to_numpy().tolist() == [
        ["bob", names[0]], ["ann", names[1]], ["ann", names[2]], ["bob", names[0]],
    ]  # fmt: skip


def test_a_server_that_is_killed_loses_and_doubles_nothing(workspace: Workspace, names: list[str]) -> None:
    with servers(workspace, names, [["ann", "bob"], ["cem", "dora"]]) as made:
        while len(decided(workspace)) < 10:
            assert made[0].exitcode is None
        made[0].kill()
        made[0].join()
        before = decided(workspace)
        made[1].join()
        assert made[1].exitcode == 0
    assert before <= decided(workspace)
    session = ReviewSession(workspace, repeats=0.0, suspects=lambda _: suspects_for(names))
    while left := shown(session, "eve", now=2000.0):
        press(session, "eve", "6", left[0])
    session.close()
    assert decided(workspace) == Counter(names)
