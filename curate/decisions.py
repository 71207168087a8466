"""What people decided: the log, and what it comes to. Pure; the log itself is append-only and lies in the catalog."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Literal, NamedTuple

__all__ = [
    "DECISION_FIELDS",
    "KINDS",
    "REPEAT_SCREENS",
    "Decision",
    "Kind",
    "Settled",
    "Verdict",
    "active_decisions",
    "decision_values",
    "fold",
]

Kind = Literal["relabel", "confirm", "exclude", "skip", "same", "different", "undo"]
KINDS: tuple[Kind, ...] = ("relabel", "confirm", "exclude", "skip", "same", "different", "undo")

REPEAT_SCREENS = ("repeat", "repeat-mirrored")
"""Screens on which a picture is shown once more to see whether a reviewer says the same; these decide nothing."""

_ON_PICTURES, _ON_PAIRS = ("relabel", "confirm", "exclude"), ("same", "different")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of the log.

    Attributes:
        action: which action of the reviewer it belongs to; one action may decide many pictures, and is undone whole.
        kind: one of `KINDS`.
        sample_id: the picture; empty for undo.
        other_id: the other picture of a pair, in `same` and `different`; else empty. sample_id < other_id.
        label: what the picture shows, in `relabel` and `confirm`; else empty.
        reviewer: who.
        at: when, ISO 8601 with offset.
        screen: where it was decided, such as `queue`, `grid`, `duplicates`.
        note: what the reviewer wrote.
        undoes: the action that `undo` takes back; else empty.
        shown: the label that the screen showed, whatever settled it; empty = none.
        given: the labels that sources gave the picture, as known at that moment, in the order of `LABELS` with ", "
            between them; empty = none gave one. None = not recorded, as in lines that older releases wrote.
    """

    action: str
    kind: Kind
    sample_id: str = ""
    other_id: str = ""
    label: str = ""
    reviewer: str
    at: str
    screen: str = "queue"
    note: str = ""
    undoes: str = ""
    shown: str = ""
    given: str | None = None

    @property
    def given_labels(self) -> tuple[str, ...]:
        """`given`, label by label; empty also where it was not recorded."""
        return tuple(self.given.split(", ")) if self.given else ()


DECISION_FIELDS = tuple(field.name for field in fields(Decision))
decision_values = attrgetter(*DECISION_FIELDS)
"""The fields of a decision as a tuple, in order."""


class Verdict(NamedTuple):
    """What reviewers settled about one picture: its label (empty = leave it out), by whom, and when last."""

    label: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What the log comes to.

    Attributes:
        pictures: sample_id -> verdict of most reviewers.
        disputed: sample_ids on which as many reviewers say one thing as another; they are as good as undecided.
        pairs: (sample_id, other_id) -> True where most reviewers say that both show one photograph, else False; pairs
            on which reviewers are divided are missing.
        reviewers: sample_id -> how many reviewers decided it.
    """

    pictures: dict[str, Verdict]
    disputed: frozenset[str]
    pairs: dict[tuple[str, str], bool]
    reviewers: dict[str, int]


def active_decisions(log: Iterable[Decision]) -> list[Decision]:
    """The decisions that were not taken back, without the undoing itself; a reviewer undoes only their own."""
    lines = list(log)
    undone = {(line.reviewer, line.undoes) for line in lines if line.kind == "undo"}
    return [line for line in lines if line.kind != "undo" and (line.reviewer, line.action) not in undone]


def fold(log: Iterable[Decision]) -> Settled:
    """Settle every picture and pair by the last word of each reviewer, and the majority of reviewers.

    Args:
        log: oldest first. Skips and hidden repeats decide nothing.
    """
    last: defaultdict[str, dict[str, Decision]] = defaultdict(dict)
    paired: defaultdict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for line in active_decisions(log):
        if line.screen in REPEAT_SCREENS:
            continue
        if line.kind in _ON_PICTURES:
            last[line.sample_id][line.reviewer] = line
        elif line.kind in _ON_PAIRS:
            paired[line.sample_id, line.other_id][line.reviewer] = line.kind == "same"
    pictures = {sample_id: _majority(list(lines.values())) for sample_id, lines in last.items()}
    votes = {pair: sum(1 if same else -1 for same in answers.values()) for pair, answers in paired.items()}
    return Settled(
        pictures={sample_id: verdict for sample_id, verdict in pictures.items() if verdict is not None},
        disputed=frozenset(sample_id for sample_id, verdict in pictures.items() if verdict is None),
        pairs={pair: balance > 0 for pair, balance in votes.items() if balance},
        reviewers={sample_id: len(lines) for sample_id, lines in last.items()},
    )


def _majority(lines: Sequence[Decision]) -> Verdict | None:
    """What most say of one picture; None when the leading answers are tied."""
    answers = Counter(_answer(line) for line in lines).most_common(2)
    if len(answers) > 1 and answers[0][1] == answers[1][1]:
        return None
    agreeing = [line for line in lines if _answer(line) == answers[0][0]]
    by = ", ".join(sorted(line.reviewer for line in agreeing))
    return Verdict(answers[0][0], by, max(line.at for line in agreeing))


def _answer(line: Decision) -> str:
    return "" if line.kind == "exclude" else line.label
