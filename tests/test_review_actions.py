"""What browsers send is checked before anything is decided; what was decided is summed up."""

import pytest

from curate.decisions import Decision
from curate.emotions import BASIC_EMOTIONS
from curate.errors import InvalidAction
from curate.review.actions import PICTURE_KEYS, Label, ReviewAction, label_warning, read_action, reviewer_name, to_lines
from curate.review.overview import summarise_decisions

NAME = "0123456789abcdef" * 2
AT = "2026-01-01T00:00:00+00:00"


def test_a_key_press_is_read() -> None:
    sent = {"action": NAME, "key": "6", "samples": ["a"], "screen": "repeat", "reading": 2}
    assert read_action(sent, "queue") == ReviewAction(NAME, "6", ("a",), "repeat", 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "../../etc/passwd"},
        {"action": "A" * 32},
        {"key": "q"},
        {"screen": "grid"},
        {"samples": "a"},
        {"samples": ["a"] * 501},
        {"reading": "2"},
    ],
    ids=str,
)
def test_what_no_key_sends_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidAction):
        read_action({"action": NAME, "key": "6", "samples": ["a"], "screen": "queue", "reading": 1} | wrong, "queue")


def test_pairs_are_written_in_order() -> None:
    lines = to_lines(
        ReviewAction(NAME, "n", ("b", "a"), "duplicates", 1), [Label("sad", "sad")] * 2, reviewer="ann", at=AT
    )
    assert lines == [
        Decision(action=NAME, kind="different", sample_id="a", other_id="b", reviewer="ann", at=AT, screen="duplicates")
    ]


def test_an_emotion_that_versions_do_not_hold_carries_a_warning() -> None:
    labels = [each.label for each in PICTURE_KEYS if label_warning(each.label, BASIC_EMOTIONS)]
    assert labels == ["contempt"]
    assert label_warning("contempt", BASIC_EMOTIONS) == (
        "Contempt is not among [policy] classes in curate.toml, so that versions leave such pictures out."
    )
    assert not label_warning("contempt", (*BASIC_EMOTIONS, "contempt"))


def test_a_hidden_repeat_asks_about_one_picture() -> None:
    sent = {"action": NAME, "key": "6", "samples": ["a", "b"], "screen": "repeat-mirrored", "reading": 1}
    assert read_action(sent, "queue").samples == ("a",)


def test_names_of_reviewers_are_plain_and_short() -> None:
    assert reviewer_name("  Ann\t\x00 Lee\n") == "Ann Lee"
    assert reviewer_name("e\u0301va") == "\u00e9va"
    assert reviewer_name("\u202eann") == "ann"
    assert len(reviewer_name("x" * 100)) == 60
    assert reviewer_name(" \n") == ""


def test_the_log_at_a_glance() -> None:
    def say(who: str, sample: str, label: str, screen: str = "queue") -> Decision:
        return Decision(
            action=f"{who}{sample}{screen}",
            kind="relabel",
            sample_id=sample,
            label=label,
            reviewer=who,
            at=AT,
            screen=screen,
        )

    log = [say("ann", "1", "sad"), say("bob", "1", "fear"), say("ann", "2", "sad"), say("bob", "2", "sad")]
    log += [
        say("ann", "1", "sad", "repeat"),
        Decision(action="u", kind="undo", reviewer="bob", at=AT, undoes="bob2queue"),
    ]
    seen = summarise_decisions(log)
    assert seen.disputed == {"1"}
    assert seen.reviewers[0]["relabelled"] == seen.reviewers[0]["pictures"] == 2
    assert seen.reviewers[1] == {
        "reviewer": "bob", "pictures": 1, "relabelled": 1, "confirmed": 0, "confirmed, not given": 0,
        "excluded": 0, "skipped": 0, "undone": 1, "says as given": "0 of 0",
    }  # fmt: skip
    assert seen.consistency == [
        {
            "reviewer": "ann", "again": 1, "same": "1 of 1", "mirrored": 0,
            "same mirrored": "0 of 0",
        }
    ]  # fmt: skip
    assert seen.agreement == [{"reviewers": "ann, bob", "shared pictures": 1, "agree": "0 %", "Cohen's kappa": "0.00"}]
    assert seen.confusions == [{"one": "ann", "says": "sad", "other": "bob", "says too": "fear", "pictures": 1}]
    assert seen.fleiss == "-1.00"
