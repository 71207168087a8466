"""What changes in a workspace while people review it is read beside their work."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from layouts import face, write_tree
from reviewing import ALL, AT, contradict, fill, press, shown, suspects_for

from curate.catalog.decisions import append_decisions
from curate.decisions import Decision
from curate.duplicates import find_duplicates
from curate.errors import InvalidAction, StorageFull
from curate.images import encode_jpeg
from curate.ingest import forget_source, ingest_source
from curate.review.queue import Filters
from curate.review.scope import SCOPES, SETTLED
from curate.review.session import ReviewSession
from curate.workspace import Workspace

UNREADABLE = "The workspace changed and cannot be read now. What you see is as it was; what you decide is kept."


@pytest.fixture
def names(workspace: Workspace, tmp_path: Path) -> list[str]:
    return fill(workspace, 6, tmp_path)


@pytest.fixture
def readings() -> list[Workspace]:
    """One entry for each time that a session read the workspace."""
    return []


@pytest.fixture
def session(workspace: Workspace, names: list[str], readings: list[Workspace]) -> Iterator[ReviewSession]:
    def suspects(view: Workspace) -> pd.DataFrame:
        readings.append(view)
        return suspects_for(names)

    made = ReviewSession(workspace, repeats=0.0, suspects=suspects)
    yield made
    made.close()


def set_rule(workspace: Workspace, given: str) -> None:
    """How given labels become one, in curate.toml."""
    config = workspace.folder / "curate.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('given = "unanimous"', f"given = {given}"), "utf-8")


def test_nothing_new_is_not_read_again(session: ReviewSession, names: list[str], readings: list[Workspace]) -> None:
    press(session, "ann", "6", names[0])
    with session.workspace.catalog() as catalog:
        append_decisions(
            catalog, [Decision(action="other", kind="relabel", sample_id=names[1], label="sad", reviewer="dora", at=AT)]
        )
    assert shown(session, "ann") == names[2:5]
    session.catch_up()
    assert (len(readings), session.news.words) == (1, "")


def test_what_was_ingested_is_read_and_the_place_is_kept(
    session: ReviewSession, names: list[str], tmp_path: Path
) -> None:
    press(session, "ann", "6", names[0])
    assert shown(session, "ann") == names[1:4]
    contradict(session.workspace, tmp_path, [5, 20, 21])
    session.catch_up()
    assert shown(session, "ann") == names[1:4]
    assert session.news == (2, "The workspace was read again: pictures came or went. 8 pictures, 2 more.")
    assert session.choices()["source"] == ["fer2013", "others"]
    forget_source(session.workspace, "others")
    session.catch_up()
    assert session.news == (3, "The workspace was read again: pictures came or went. 6 pictures, 2 fewer.")


def test_copies_and_rules_are_noticed(session: ReviewSession, tmp_path: Path) -> None:
    copies = {"sad/a.jpg": encode_jpeg(face(0), 90)}
    ingest_source(session.workspace, write_tree(tmp_path / "copies", copies))
    session.catch_up()
    find_duplicates(session.workspace)
    session.catch_up()
    assert session.news.words == "The workspace was read again: copies were searched. 7 pictures."
    set_rule(session.workspace, '"majority"')
    session.catch_up()
    assert session.news.words == "The workspace was read again: curate.toml was edited. 7 pictures."


def test_nobody_waits_for_the_reading_but_who_asks(session: ReviewSession, names: list[str], tmp_path: Path) -> None:
    contradict(session.workspace, tmp_path, [20])
    press(session, "ann", "6", names[0])
    assert shown(session, "ann") == names[1:4]
    session.catch_up()
    assert len(session.scheduler.items.ids) == 7


def test_a_label_that_changed_on_screen_is_not_confirmed_unseen(
    session: ReviewSession, names: list[str], tmp_path: Path
) -> None:
    seen = session.news.reading
    contradict(session.workspace, tmp_path, [0])
    set_rule(session.workspace, '["others"]')
    session.catch_up()
    (card,) = session.cards("ann", Filters(scope=SCOPES[SETTLED]), 0.0)[0]  # the label is the suggested one now
    assert (card["sample"], card["label"]) == (names[0], "sad")
    for key in ("y", "6"):
        with pytest.raises(InvalidAction, match="changed while it was on your screen"):
            press(session, "ann", key, names[0], reading=str(seen))
    press(session, "ann", "y", names[1], reading=str(seen))
    press(session, "ann", "6", names[0])
    assert session.workspace.decisions()["sample_id"].tolist() == [names[1], names[0]]


def test_a_broken_configuration_does_not_stop_the_work(session: ReviewSession, names: list[str]) -> None:
    config = session.workspace.folder / "curate.toml"
    sound = config.read_text(encoding="utf-8")
    config.write_text("[policy\n", encoding="utf-8")
    press(session, "ann", "6", names[0])
    session.catch_up()
    assert shown(session, "ann") == names[1:4]
    assert session.news == (2, UNREADABLE)
    config.write_text(sound, encoding="utf-8")
    session.catch_up()
    assert session.news == (2, UNREADABLE)


def test_what_cannot_be_read_leaves_what_there_was(workspace: Workspace, names: list[str], tmp_path: Path) -> None:
    is_full = False

    def suspects(view: Workspace) -> pd.DataFrame:
        if is_full:
            raise StorageFull("no space")
        return suspects_for(names)

    session = ReviewSession(workspace, repeats=0.0, suspects=suspects)
    is_full = True
    contradict(workspace, tmp_path, [20])
    session.catch_up()
    assert session.news.words == UNREADABLE
    assert shown(session, "ann") == names[:3]
    with pytest.raises(StorageFull):
        session.reload()
    is_full = False
    session.reload()
    assert len(session.cards("ann", ALL, 0.0)[0]) == 3
    assert len(session.scheduler.items.ids) == 7
    session.close()
