"""The session deals every picture once, takes every decision once, and loses none."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reviewing import ALL, AT, EVERY, contradict, fill, press, shown, suspects_for

from curate.catalog.decisions import append_decisions
from curate.decisions import Decision
from curate.errors import InvalidAction
from curate.review.actions import ReviewAction
from curate.review.cases import copies_to_settle, disputes_to_settle
from curate.review.grid import grid_page
from curate.review.queue import DISPUTED, Filters
from curate.review.session import ReviewSession
from curate.review.thumbnails import label_now
from curate.workspace import Workspace


@pytest.fixture
def names(workspace: Workspace, tmp_path: Path) -> list[str]:
    """Twelve faces said to be happy; the first is the most suspect."""
    return fill(workspace, 12, tmp_path)


@pytest.fixture
def desks(workspace: Workspace, names: list[str]) -> Iterator["Desks"]:
    made = Desks(workspace, names)
    yield made
    for session in made.opened:
        session.close()


class Desks:
    def __init__(self, workspace: Workspace, names: list[str]) -> None:
        self.workspace, self.names = workspace, names
        self.opened: list[ReviewSession] = []

    def open(self, *, votes: int = 1, repeats: float = 0.0) -> ReviewSession:
        self.opened.append(
            ReviewSession(self.workspace, votes=votes, repeats=repeats, suspects=lambda _: suspects_for(self.names))
        )
        return self.opened[-1]


def test_the_worst_label_is_shown_first(desks: Desks, names: list[str]) -> None:
    assert shown(desks.open(), "ann") == names[:3]


def test_what_is_worth_a_look_is_counted_and_how_many_labels_are_expected_to_be_wrong(
    desks: Desks, names: list[str]
) -> None:
    """Qualities go from 0.1 up to 0.83; six of them are below a half."""
    session = desks.open()
    before = session.cards("ann", ALL, 0.0)[1]
    press(session, "ann", "6", names[0])
    after = session.cards("ann", ALL, 0.0)[1]
    assert (before.left, before.worth, before.wrong) == (12, 6, 6)
    assert (after.left, after.worth, after.wrong, after.seconds_each) == (11, 5, 6, 0.0)


def test_what_is_decided_is_not_shown_again(desks: Desks, names: list[str]) -> None:
    session = desks.open()
    press(session, "ann", "6", names[0])
    press(session, "ann", "y", names[1])
    press(session, "ann", "x", names[2])
    assert shown(session, "ann") == names[3:6]
    log = session.workspace.decisions()
    assert log[["kind", "label", "given", "reviewer", "at", "screen"]].to_numpy().tolist() == [
        ["relabel", "sad", "happy", "ann", AT, "queue"],
        ["confirm", "happy", "happy", "ann", AT, "queue"],
        ["exclude", "", "happy", "ann", AT, "queue"],
    ]


def test_the_key_of_the_label_on_screen_confirms_it(desks: Desks, names: list[str]) -> None:
    session = desks.open()
    press(session, "ann", "4", names[0])
    assert session.workspace.decisions()[["kind", "label"]].to_numpy().tolist() == [["confirm", "happy"]]


def test_two_reviewers_do_not_meet_until_one_goes_away(desks: Desks, names: list[str]) -> None:
    session = desks.open()
    assert shown(session, "ann") == names[:3]
    assert shown(session, "bob") == names[3:6]
    assert shown(session, "cem", now=2000.0) == names[:3]


def test_a_server_that_died_takes_up_where_it_was(desks: Desks, names: list[str]) -> None:
    before = desks.open()
    assert (shown(before, "ann"), shown(before, "bob")) == (names[:3], names[3:6])
    after = desks.open()
    assert (shown(after, "bob"), shown(after, "ann")) == (names[3:6], names[:3])


def test_an_action_that_arrives_again_is_taken_once(desks: Desks, names: list[str]) -> None:
    session = desks.open()
    action = press(session, "ann", "6", names[0])
    press(session, "ann", "6", names[0], action=action)
    press(desks.open(), "ann", "6", names[0], action=action)
    assert len(session.workspace.decisions()) == 1


def test_an_undo_that_arrives_again_takes_back_one_action(desks: Desks, names: list[str]) -> None:
    session = desks.open()
    press(session, "ann", "6", names[0])
    press(session, "ann", "6", names[1])
    press(session, "ann", "u", action="f" * 32)
    press(session, "ann", "u", action="f" * 32)
    assert shown(session, "ann")[:2] == [names[1], names[2]]


def test_what_is_undone_is_shown_at_once(desks: Desks, names: list[str]) -> None:
    session = desks.open()
    for name in shown(session, "ann"):
        press(session, "ann", "6", name)
    assert shown(session, "ann") == names[3:6]
    press(session, "ann", "u")
    assert shown(session, "ann") == [names[2], names[3], names[4]]
    press(session, "ann", "u")
    assert shown(session, "ann") == [names[1], names[2], names[3]]


def test_nobody_undoes_the_work_of_others_or_of_another_page(desks: Desks, names: list[str]) -> None:
    session = desks.open()
    press(session, "ann", "6", names[0], names[1], page="grid")
    with pytest.raises(InvalidAction, match="nothing of yours"):
        press(session, "bob", "u", page="grid")
    with pytest.raises(InvalidAction, match="on this page"):
        press(session, "ann", "u")
    press(session, "ann", "u", page="grid", screen="grid")
    assert shown(session, "ann") == names[:3]


def test_skipped_pictures_come_last_and_only_for_who_skipped(desks: Desks, names: list[str]) -> None:
    session = desks.open()
    assert shown(session, "ann") == names[:3]
    press(session, "ann", "s", names[0])
    assert shown(session, "ann") == names[1:4]
    assert shown(session, "bob")[0] == names[0]
    for name in names[1:]:
        press(session, "ann", "y", name)
    assert shown(session, "ann", now=2000.0) == [names[0]]


def test_decisions_of_other_processes_are_seen(desks: Desks, names: list[str]) -> None:
    session = desks.open()
    line = Decision(action="other", kind="relabel", sample_id=names[0], label="sad", reviewer="dora", at=AT)
    with session.workspace.catalog() as catalog:
        append_decisions(catalog, [line])
    assert shown(session, "ann") == names[1:4]


def test_a_label_that_is_not_there_cannot_be_confirmed(desks: Desks, names: list[str], tmp_path: Path) -> None:
    contradict(desks.workspace, tmp_path, [11])
    session = ReviewSession(desks.workspace, suspects=lambda _: suspects_for(names[:3]))
    desks.opened.append(session)
    assert shown(session, "ann") == [names[0], names[11], names[1]]
    with pytest.raises(InvalidAction, match="no label to confirm"):
        press(session, "ann", "y", names[11])
    with pytest.raises(InvalidAction, match="not in the workspace"):
        press(session, "ann", "6", "0" * 64)
    assert session.workspace.decisions().empty


def test_filters_narrow_the_queue(desks: Desks, names: list[str], tmp_path: Path) -> None:
    contradict(desks.workspace, tmp_path, [11])
    session = ReviewSession(desks.workspace, repeats=0.0, suspects=lambda _: suspects_for(names[:4]))
    desks.opened.append(session)
    assert shown(session, "ann", Filters(split="val")) == [names[11], names[3], names[7]]
    assert shown(session, "ann", Filters(source="others")) == [names[11]]
    assert shown(session, "ann", Filters(reason="given labels contradict each other")) == [names[11]]
    assert shown(session, "ann", Filters(label="sad", by="suggested")) == names[:3]
    assert shown(session, "ann", Filters(label="sad", by="given")) == [names[11]]
    assert shown(session, "ann", Filters(label="sad", by="now")) == []
    assert shown(session, "ann", Filters(source="no such source")) == []
    assert session.choices() == {
        "source": ["fer2013", "others"],
        "reason": [DISPUTED, "given labels contradict each other", "looks like something else"],
    }


def test_open_labels_say_why_they_are_open(workspace: Workspace, tmp_path: Path) -> None:
    from layouts import png, write_tree

    from curate.ingest import ingest_source

    tree = {"happy/a.png": png(1), "sad/b.png": png(1), "grin/c.png": png(2), "happy/d.png": png(3)}
    ingest_source(workspace, write_tree(tmp_path / "faces", tree))
    session = ReviewSession(workspace)
    reasons = [(card["label"], card["reason"]) for card in session.cards("ann", ALL, 0.0)[0]]
    session.close()
    assert reasons == [
        ("", "given labels contradict each other"),
        ("", "the given label is none that is known"),
        ("happy", ""),
    ]


def test_with_two_votes_a_picture_needs_two_reviewers(desks: Desks, names: list[str]) -> None:
    session = desks.open(votes=2)
    assert shown(session, "ann") == shown(session, "bob") == names[:3]
    assert shown(session, "cem") == names[3:6]
    press(session, "ann", "6", names[0])
    assert shown(session, "ann") == [names[1], names[2], names[3]]
    press(session, "bob", "6", names[0])
    assert shown(session, "bob")[0] == names[1]
    assert session.cards("ann", ALL, 0.0)[1][:3] == (1, 1, 11)


def test_a_tie_goes_to_a_third_reviewer_first_and_then_back(desks: Desks, names: list[str]) -> None:
    session = desks.open(votes=2)
    press(session, "ann", "6", names[0])
    press(session, "bob", "4", names[0])
    assert shown(session, "cem")[0] == names[0]
    assert names[0] not in shown(session, "ann")
    assert shown(session, "ann", Filters(reason=DISPUTED), now=2000.0) == [names[0]]
    press(session, "cem", "6", names[0])
    assert shown(session, "ann", Filters(reason=DISPUTED), now=4000.0) == []
    assert session.do(lambda: session.state.pictures[names[0]].label) == "sad"


def test_disputed_pictures_that_were_skipped_let_the_others_through(desks: Desks, names: list[str]) -> None:
    session = desks.open(votes=2)
    for name in names[:2]:
        press(session, "ann", "6", name)
        press(session, "bob", "4", name)
    assert shown(session, "cem")[:2] == names[:2]
    for name in names[:2]:
        press(session, "cem", "s", name)
    assert shown(session, "cem") == names[2:5]
    assert shown(session, "cem", Filters(reason=DISPUTED)) == names[:2]
    case = disputes_to_settle(session, "cem")["cases"][0]
    assert case["faces"][0]["lines"][-2:] == ["ann: sad", "bob: happy"]


def test_what_others_said_is_hidden_when_votes_are_counted(desks: Desks, names: list[str]) -> None:
    session = desks.open(votes=2)
    press(session, "ann", "6", names[0])
    assert session.cards("bob", ALL, 0.0)[0][0]["history"] == []


def test_hidden_repeats_look_like_any_other_picture(workspace: Workspace, tmp_path: Path) -> None:
    names = fill(workspace, 60, tmp_path)
    session = ReviewSession(workspace, repeats=0.3, suspects=lambda _: suspects_for(names))
    seen = []
    for _ in range(60):
        card = session.cards("ann", ALL, 0.0)[0][0]
        seen.append((card["screen"], card["sample"], card["picture"], card["history"]))
        press(session, "ann", "6", card["sample"], screen=card["screen"])
    session.close()
    first = {sample: picture for screen, sample, picture, _ in seen if screen == "queue"}
    repeats = [each for each in seen if each[0] != "queue"]
    assert {each[0] for each in repeats} == {"repeat", "repeat-mirrored"}
    assert all((first[sample] == picture) == (screen == "repeat") for screen, sample, picture, _ in repeats)
    assert all(history == [] for *_, history in repeats)
    assert len({sample for _, sample, *_ in repeats}) == len(repeats)
    assert len(first) == 60 - len(repeats)


def test_many_threads_lose_and_double_nothing(desks: Desks, names: list[str]) -> None:
    session = desks.open()

    def work(reviewer: str) -> list[str]:
        done = []
        while cards := session.cards(reviewer, ALL, 0.0)[0]:
            act = ReviewAction(f"{reviewer}{len(done):030d}", "6", (cards[0]["sample"],), "queue", 1)
            for _ in range(2):
                session.act(reviewer, act, "queue", at=AT, now=0.0)
            done.append(cards[0]["sample"])
        return done

    with ThreadPoolExecutor(4) as pool:
        done = [sample for part in pool.map(work, ["ann", "bob", "cem", "dora"]) for sample in part]
    assert sorted(done) == sorted(names)
    assert sorted(session.workspace.decisions()["sample_id"]) == sorted(names)


def test_a_card_tells_where_a_picture_comes_from(desks: Desks, names: list[str]) -> None:
    card = desks.open().cards("ann", ALL, 0.0)[0][0]
    assert card["places"] == [{"source": "fer2013", "key": "row:0", "given": "happy", "split": "train"}]
    assert (card["label"], card["why"]) == ("happy", "as given")
    assert (card["given"], card["suggested"], card["quality"]) == (
        [{"label": "happy", "by": "fer2013"}],
        ["sad", "fear"],
        0.1,
    )
    assert (card["reason"], card["chances"], card["history"], card["copies"]) == ("the model says sad", None, [], [])
    assert len(card["similar"]) == 6
    assert names[0] not in {each["sample"] for each in card["similar"]}
    assert card["picture"].startswith("data:image/png;base64,")


def test_a_sheet_relabels_many_at_once_and_takes_it_back_whole(desks: Desks, names: list[str]) -> None:
    session = desks.open()

    def sheet() -> list[str]:
        return [
            each["sample"] for each in grid_page(session, "ann", Filters("happy", "given"), start=0, now=0.0)["faces"]
        ]

    assert sheet() == names
    press(session, "ann", "6", *names[2:9], page="grid")
    assert sheet() == names[:2] + names[9:]
    press(session, "ann", "u", page="grid")
    assert sheet() == names


def test_copies_with_conflicting_labels_get_one_label(workspace: Workspace, tmp_path: Path) -> None:
    from layouts import face, write_tree

    from curate.duplicates import find_duplicates
    from curate.images import encode_jpeg
    from curate.ingest import ingest_source

    files = {"happy/a.jpg": encode_jpeg(face(1), 95), "sad/b.jpg": encode_jpeg(face(1), 60)}
    ingest_source(workspace, write_tree(tmp_path / "faces", files))
    find_duplicates(workspace)
    session = ReviewSession(workspace)
    found = copies_to_settle(session, "ann", doubtful=False)
    assert (found["left"], found["cases"][0]["title"], found["cases"][0]["is_pair"]) == (
        1,
        "2 copies, labels happy, sad",
        True,
    )
    press(session, "ann", "n", *found["cases"][0]["samples"], page="duplicates")
    assert copies_to_settle(session, "ann", doubtful=False)["left"] == 0
    press(session, "ann", "u", page="duplicates")
    press(session, "ann", "4", *found["cases"][0]["samples"], page="duplicates")
    assert copies_to_settle(session, "ann", doubtful=False)["left"] == 0
    session.close()


@pytest.fixture
def copies(workspace: Workspace, tmp_path: Path) -> Iterator[ReviewSession]:
    """Three encodings of one face, each with a label of its own, and a face of its own."""
    from layouts import face, png, write_tree

    from curate.duplicates import find_duplicates
    from curate.images import encode_jpeg
    from curate.ingest import ingest_source

    labels = {"happy": 95, "sad": 85, "fear": 70}
    files = {f"{label}/a.jpg": encode_jpeg(face(1), quality) for label, quality in labels.items()}
    ingest_source(workspace, write_tree(tmp_path / "faces", files | {"happy/z.png": png(2)}))
    find_duplicates(workspace)
    session = ReviewSession(workspace, repeats=0.0)
    yield session
    session.close()


def test_of_copies_the_one_that_a_version_would_hold_is_shown_and_its_key_decides_all(copies: ReviewSession) -> None:
    (card, other), progress = copies.cards("ann", ALL, 0.0)
    assert (len(card["group"]), len(other["group"]), progress.left) == (3, 1, 2)
    assert (set(card["reach"]), card["reach"][0], card["apart"]) == (set(card["group"]), card["sample"], "")
    press(copies, "ann", "6", card["sample"])
    card = next(each for each in copies.cards("ann", EVERY, 0.0)[0] if len(each["group"]) == 3)
    assert len(card["reach"]) == 2


def test_copies_that_somebody_held_apart_are_decided_one_by_one(copies: ReviewSession) -> None:
    card = copies.cards("ann", ALL, 0.0)[0][0]
    press(copies, "ann", "n", *card["group"][:2], page="duplicates")
    card = copies.cards("ann", ALL, 0.0)[0][0]
    assert card["reach"] == [card["sample"]]
    assert card["apart"] == "a reviewer said that some of them do not show the same photograph"


def test_on_the_grid_a_face_stands_for_its_copies(copies: ReviewSession) -> None:
    card = copies.cards("ann", ALL, 0.0)[0][0]
    press(copies, "ann", "5", card["sample"], page="grid")
    assert set(copies.workspace.decisions()["sample_id"]) == set(card["group"])


def test_a_key_decides_a_whole_group_and_undo_takes_it_back_whole(copies: ReviewSession) -> None:
    card = copies.cards("ann", ALL, 0.0)[0][0]
    press(copies, "ann", "5", *card["group"])
    assert not set(shown(copies, "ann")) & set(card["group"])
    labels = copies.workspace.samples().set_index("sample_id")["label"]
    assert set(labels[card["group"]]) == {"neutral"}
    press(copies, "ann", "u")
    assert shown(copies, "ann")[0] == card["sample"]


def test_confirming_a_group_gives_all_copies_the_label_on_screen(copies: ReviewSession) -> None:
    (copies.workspace.folder / "curate.toml").write_text('policy.groups = "none"', encoding="utf-8")
    copies.catch_up()
    collection = copies.scheduler.items
    happy = next(
        each for each in range(4) if collection.members(each) and label_now(collection, copies.state, each) == "happy"
    )
    group = [collection.ids[each] for each in (happy, *collection.members(happy))]
    press(copies, "ann", "y", *group)
    log = copies.workspace.decisions()
    assert set(zip(log["kind"], log["label"], log["given"], strict=True)) == {
        ("confirm", "happy", "happy"),
        ("relabel", "happy", "sad"),
        ("relabel", "happy", "fear"),
    }


def test_anybody_can_settle_what_reviewers_disagree_on(desks: Desks, names: list[str]) -> None:
    session = desks.open(votes=2)
    press(session, "ann", "6", names[0])
    press(session, "bob", "4", names[0])
    case = disputes_to_settle(session, "ann")["cases"][0]
    assert case["faces"][0]["lines"][-2:] == ["ann: sad", "bob: happy"]
    press(session, "ann", "4", names[0], page="settle")
    assert disputes_to_settle(session, "ann")["left"] == 0
