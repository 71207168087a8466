"""What was given, by whom, and what the label is now and why: shown apart, logged apart, counted apart."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from layouts import VOTE_HEADER, face, png, table_text, votes_for, write_tree, write_zip
from reviewing import ALL, AT, press

from curate.catalog.decisions import append_decisions, decision_rows
from curate.catalog.migrations import APPLICATION_ID, MIGRATIONS
from curate.decisions import Decision
from curate.duplicates import find_duplicates
from curate.images import encode_jpeg
from curate.ingest import ingest_source
from curate.review.overview import summarise_decisions
from curate.review.queue import EVERYTHING, Filters
from curate.review.session import ReviewSession
from curate.workspace import Workspace


@pytest.fixture
def outvoted(workspace: Workspace, tmp_path: Path) -> tuple[Workspace, str]:
    """Three copies of one face in two sources, two of them sad; the sample that is angry, whose label is sad now."""
    files = {"sad/a.jpg": encode_jpeg(face(1), 95), "sad/b.jpg": encode_jpeg(face(1), 85)}
    ingest_source(workspace, write_tree(tmp_path / "first", files))
    ingest_source(workspace, write_tree(tmp_path / "second", {"angry/c.png": png(1), "happy/z.png": png(2)}))
    find_duplicates(workspace)
    table = workspace.occurrences()
    return workspace, table.loc[table["given_label"] == "angry", "sample_id"].item()


@pytest.fixture
def session(outvoted: tuple[Workspace, str]) -> Iterator[ReviewSession]:
    made = ReviewSession(outvoted[0], repeats=0.0)
    yield made
    made.close()


def test_a_card_tells_what_was_given_from_what_the_label_is_now_and_why(
    session: ReviewSession, outvoted: tuple[Workspace, str]
) -> None:
    (card,) = session.cards("ann", Filters("angry", "given", scope=EVERYTHING), 0.0)[0]
    assert card["sample"] == outvoted[1]
    assert (card["label"], card["why"]) == ("sad", "most of its copies say so")
    assert card["given"] == [{"label": "angry", "by": "second"}]


def test_annotators_are_named_with_what_they_gave(workspace: Workspace, tmp_path: Path) -> None:
    table = table_text(VOTE_HEADER, [["Training", "fer0000000.png", *votes_for("sad", others=3)]])
    files = {"FER2013Train/fer0000000.png": png(1), "fer2013new.csv": table}
    ingest_source(workspace, write_zip(tmp_path / "ferplus.zip", files))
    session = ReviewSession(workspace, repeats=0.0)
    card = session.cards("ann", ALL, 0.0)[0][0]
    session.close()
    assert (card["label"], card["why"]) == ("sad", "annotators' votes say so")
    assert card["given"] == [{"label": "", "by": "10 votes of ferplus: sad 7, unknown 3"}]


def test_the_log_holds_what_was_shown_and_what_was_given(
    session: ReviewSession, outvoted: tuple[Workspace, str]
) -> None:
    workspace, sample = outvoted
    press(session, "ann", "y", sample)
    press(session, "ann", "1", sample)
    log = workspace.decisions()
    assert log[["kind", "label", "shown", "given"]].to_numpy().tolist() == [
        ["confirm", "sad", "sad", "angry"],
        ["relabel", "angry", "sad", "angry"],
    ]


def test_confirming_a_label_that_no_source_gave_is_not_agreement_with_a_given_one() -> None:
    def say(sample: str, label: str, shown: str, given: str | None, who: str = "ann") -> Decision:
        kind = "confirm" if label == shown else "relabel"
        return Decision(
            action=f"{who}{sample}",
            kind=kind,
            sample_id=sample,
            label=label,
            reviewer=who,
            at=AT,
            shown=shown,
            given=given,
        )

    log = [say("a", "sad", "sad", "sad"), say("b", "sad", "sad", "angry"), say("c", "angry", "sad", "angry, fear")]
    log += [say("d", "sad", "happy", "happy"), say("e", "sad", "sad", None), say("f", "sad", "sad", "")]
    (row,) = summarise_decisions(log).reviewers
    assert row == {
        "reviewer": "ann",
        "pictures": 6,
        "relabelled": 2,
        "confirmed": 1,
        "confirmed, not given": 2,
        "confirmed, given not logged": 1,
        "excluded": 0,
        "skipped": 0,
        "undone": 0,
        "says as given": "2 of 4",
    }


def test_lines_that_older_releases_wrote_read_as_they_meant(tmp_path: Path) -> None:
    folder = Workspace.create(tmp_path / "old").folder
    with sqlite3.connect(folder / ".curate" / "catalog.sqlite") as old:
        for script in MIGRATIONS[:7]:
            old.executescript(script)
        old.execute("PRAGMA user_version = 7")
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute("INSERT INTO samples VALUES (1, x'aa', 'L', 48, 48, x'00', 0, 0, 0, 0, '')")
        old.execute(
            "INSERT INTO decisions (action, kind, sample, other, label, reviewer, at, screen, note, undoes, given)"
            " VALUES ('a1', 'confirm', 1, NULL, 'surprise', 'ann', ?, 'queue', '', '', 'surprise')",
            (AT,),
        )
    old.close()
    was = Decision(
        action="a1",
        kind="confirm",
        sample_id="aa",
        label="surprise",
        reviewer="ann",
        at=AT,
        screen="queue",
        shown="surprise",
        given=None,
    )
    with Workspace(folder).catalog() as catalog:
        assert decision_rows(catalog) == [was]
        assert (was.shown, was.given) == ("surprise", None)
        new = Decision(
            action="a2",
            kind="relabel",
            sample_id="aa",
            label="sad",
            reviewer="bob",
            at=AT,
            shown="surprise",
            given="angry",
        )
        append_decisions(catalog, [new])
        assert decision_rows(catalog) == [was, new]
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            catalog.connection.execute("UPDATE decisions SET source_labels = 'sad'")
