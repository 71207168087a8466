import numpy as np
import pytest

from curate.config import Policy
from curate.emotions import LABEL_INDEX, LABELS
from curate.labels import ORIGINS, UNRESOLVED, Ballots, barsoum_labels, plurality, resolve_labels

NO_VOTES = np.zeros((1, len(LABELS)), np.int64)


def resolve(
    given: list[tuple[int, str]], votes: dict[str, int] | None = None, /, **policy: object
) -> tuple[str | None, str]:
    """The label and origin of one sample with (source, label) ballots and votes."""
    counts = NO_VOTES.copy()
    for label, count in (votes or {}).items():
        counts[0, LABEL_INDEX[label]] = count
    source = np.array([number for number, _ in given], np.int64)
    label = np.array([LABEL_INDEX[name] for _, name in given], np.int64)
    ballots = Ballots(np.zeros(len(given), np.int64), source, label)
    resolved = resolve_labels(1, ballots, counts, policy=Policy(**policy), sources=("a", "b", "c"))
    code = int(resolved.label[0])
    return (None if code == UNRESOLVED else LABELS[code]), ORIGINS[int(resolved.origin[0])]


def test_unanimous_given_labels_resolve() -> None:
    assert resolve([(0, "happy"), (1, "happy")]) == ("happy", "given")


def test_contradicting_given_labels_stay_open_by_default() -> None:
    assert resolve([(0, "happy"), (1, "happy"), (2, "sad")]) == (None, "")


def test_a_source_that_contradicts_itself_stays_open_by_default() -> None:
    assert resolve([(0, "happy"), (0, "happy"), (0, "sad")]) == (None, "")


def test_majority_gives_each_source_one_ballot_however_many_copies_it_holds() -> None:
    ballots = [(0, "sad"), (0, "sad"), (0, "sad"), (1, "happy"), (2, "happy")]
    assert resolve(ballots, given="majority") == ("happy", "majority")


def test_a_tied_majority_stays_open() -> None:
    assert resolve([(0, "happy"), (1, "sad")], given="majority") == (None, "")


def test_the_first_listed_source_that_has_a_label_wins() -> None:
    assert resolve([(0, "happy"), (1, "sad")], given=("c", "b", "a")) == ("sad", "priority")


def test_sources_off_the_priority_list_count_when_they_agree() -> None:
    assert resolve([(0, "happy"), (1, "happy")], given=("c",)) == ("happy", "given")


def test_votes_leave_given_labels_alone_by_default() -> None:
    assert resolve([(0, "fear")], {"surprise": 10}) == ("fear", "given")


def test_votes_overrule_given_labels_when_the_policy_says_so() -> None:
    assert resolve([(0, "fear")], {"surprise": 6, "fear": 4}, votes="majority") == ("surprise", "votes")


def test_votes_without_a_majority_leave_the_given_label() -> None:
    assert resolve([(0, "fear")], {"surprise": 5, "fear": 5}, votes="majority") == ("fear", "given")


def test_votes_label_what_nobody_labelled() -> None:
    assert resolve([], {"sad": 8, "neutral": 2}) == ("sad", "votes")


def test_votes_do_not_settle_a_conflict_of_given_labels_unless_asked() -> None:
    assert resolve([(0, "happy"), (1, "sad")], {"sad": 10}) == (None, "")


def test_nothing_given_and_nothing_voted_is_open() -> None:
    assert resolve([]) == (None, "")


def test_a_patch_comes_before_votes_and_given_labels() -> None:
    patched = np.array([LABEL_INDEX["fear"], UNRESOLVED])
    ballots = Ballots(np.array([0, 1]), np.array([0, 0]), np.array([LABEL_INDEX["happy"]] * 2))
    counts = np.zeros((2, len(LABELS)), np.int64)
    counts[0, LABEL_INDEX["sad"]] = 10
    resolved = resolve_labels(
        2, ballots, counts, policy=Policy(votes="majority", given=("a",)), sources=("a",), patched=patched
    )
    assert [LABELS[code] for code in resolved.label] == ["fear", "happy"]
    assert [ORIGINS[code] for code in resolved.origin] == ["patch", "priority"]


def test_the_majority_of_a_group_leaves_patched_labels_alone() -> None:
    happy, sad = LABEL_INDEX["happy"], LABEL_INDEX["sad"]
    ballots = Ballots(np.arange(3), np.zeros(3, np.int64), np.array([happy, happy, sad]))
    resolved = resolve_labels(
        3,
        ballots,
        np.zeros((3, len(LABELS)), np.int64),
        policy=Policy(),
        sources=("a",),
        groups=np.zeros(3, np.int64),
        patched=np.array([sad, UNRESOLVED, UNRESOLVED]),
    )
    assert resolved.label.tolist() == [sad, happy, happy]
    assert [ORIGINS[code] for code in resolved.origin] == ["patch", "given", "group"]


@pytest.mark.parametrize(
    ("rule", "votes", "expected"),
    [
        ("majority", {"happy": 5, "sad": 5}, UNRESOLVED),
        ("majority", {"happy": 5, "sad": 4, "fear": 1}, LABEL_INDEX["happy"]),  # the single vote is dropped: 5 of 9
        ("majority", {"not_a_face": 9}, LABEL_INDEX["not_a_face"]),
        ("majority", {"happy": 1}, UNRESOLVED),
        ("probability", {"happy": 4, "sad": 3, "fear": 3}, LABEL_INDEX["happy"]),
        ("probability", {"happy": 3, "sad": 3}, UNRESOLVED),
    ],
)
def test_votes_follow_the_rules_of_the_ferplus_authors(rule: str, votes: dict[str, int], expected: int) -> None:
    counts = NO_VOTES.copy()
    for label, count in votes.items():
        counts[0, LABEL_INDEX[label]] = count
    assert barsoum_labels(counts, rule).tolist() == [expected]


def test_plurality_needs_a_strict_winner() -> None:
    assert plurality(np.array([[2, 1, 0], [1, 1, 0], [0, 0, 0]])).tolist() == [0, UNRESOLVED, UNRESOLVED]


def test_plurality_of_nothing_is_nothing() -> None:
    assert plurality(np.zeros((0, 3), np.int64)).tolist() == []
