"""What the log comes to, kept current line by line: the same as folding it all again, at the cost of what is new."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from curate.decisions import REPEAT_SCREENS, Decision, Verdict, fold

__all__ = ["QUEUE_SCREENS", "DecisionState"]

QUEUE_SCREENS = ("queue", *REPEAT_SCREENS)
"""Screens that show one picture after the other."""

_ANSWERS = ("relabel", "confirm", "exclude")


class DecisionState:
    """The state of all pictures and pairs after the lines so far.

    Attributes:
        lines: the log, oldest first.
        actions: names of all actions in it, so that one that arrives twice is recognised.
        pictures: sample_id -> what most reviewers say.
        disputed: sample_ids on which reviewers are divided.
        pairs: (sample_id, other_id) -> do both show one photograph?
        answers: sample_id -> reviewer -> how often they answered; hidden repeats do not count.
        paired: (sample_id, other_id) -> reviewers who said something about the pair.
        skipped: (reviewer, screen) -> sample_ids that they skipped there and have not answered, longest ago first.
        decided: reviewer -> how many pictures they answered.
        history: reviewer -> what they pressed on queue screens: the line about the picture that was on screen, first of
            its action; skips, hidden repeats and those taken back too.
        undone: (reviewer, action) of all that was taken back.
    """

    def __init__(self) -> None:
        self.lines: list[Decision] = []
        self.actions: set[str] = set()
        self.pictures: dict[str, Verdict] = {}
        self.disputed: dict[str, None] = {}
        self.pairs: dict[tuple[str, str], bool] = {}
        self.answers: dict[str, Counter[str]] = {}
        self.paired: dict[tuple[str, str], set[str]] = {}
        self.skipped: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self.decided: Counter[str] = Counter()
        self.history: defaultdict[str, list[Decision]] = defaultdict(list)
        self.undone: set[tuple[str, str]] = set()
        self._of_subject: defaultdict[tuple[str, str], list[Decision]] = defaultdict(list)
        self._of_action: defaultdict[tuple[str, str], list[Decision]] = defaultdict(list)
        self._taken: defaultdict[str, list[Decision]] = defaultdict(list)

    def extend(self, lines: Iterable[Decision]) -> set[str]:
        """Add lines, newest last; returns the sample_ids whose state may have changed."""
        touched: dict[tuple[str, str], None] = {}
        for line in lines:
            self.lines.append(line)
            self.actions.add(line.action)
            if line.kind == "undo":
                self.undone.add((line.reviewer, line.undoes))
                touched |= dict.fromkeys(_subject(each) for each in self._of_action[line.reviewer, line.undoes])
            else:
                self._remember(line)
                touched[_subject(line)] = None
        for subject in touched:
            self._settle(subject)
        return {sample_id for subject in touched for sample_id in subject if sample_id}

    def latest(self, reviewer: str, screens: Iterable[str]) -> list[Decision]:
        """The lines of the reviewer's newest action on these screens that stands; empty = there is none."""
        wanted = set(screens)
        for line in reversed(self._taken[reviewer]):
            if line.screen in wanted and (reviewer, line.action) not in self.undone:
                return list(self._of_action[reviewer, line.action])
        return []

    def lines_of(self, sample_id: str) -> Iterator[Decision]:
        """What was decided about one picture and stands, oldest first, but for hidden repeats."""
        yield from (line for line in self._standing((sample_id, "")) if line.screen not in REPEAT_SCREENS)

    def _remember(self, line: Decision) -> None:
        self._of_subject[_subject(line)].append(line)
        own = self._of_action[line.reviewer, line.action]
        if not own:
            self._taken[line.reviewer].append(line)
            if line.screen in QUEUE_SCREENS:
                self.history[line.reviewer].append(line)
        own.append(line)

    def _standing(self, subject: tuple[str, str]) -> list[Decision]:
        lines = self._of_subject.get(subject, ())
        return [line for line in lines if (line.reviewer, line.action) not in self.undone]

    def _settle(self, subject: tuple[str, str]) -> None:
        lines = self._standing(subject)
        settled = fold(lines)
        if subject[1]:
            self.pairs.pop(subject, None)
            self.pairs.update(settled.pairs)
            self.paired[subject] = {line.reviewer for line in lines}
            return
        sample_id = subject[0]
        self.pictures.pop(sample_id, None)
        self.pictures.update(settled.pictures)
        self.disputed.pop(sample_id, None)
        self.disputed.update(dict.fromkeys(settled.disputed))
        stands = [line for line in lines if line.screen not in REPEAT_SCREENS]
        before = self.answers.get(sample_id, Counter())
        self.answers[sample_id] = Counter(line.reviewer for line in stands if line.kind in _ANSWERS)
        self.decided.update(self.answers[sample_id].keys())
        self.decided.subtract(before.keys())
        for seat in {(line.reviewer, line.screen) for line in self._of_subject[subject]}:
            self.skipped[seat].pop(sample_id, None)
        for line in stands:
            if line.kind == "skip" and line.reviewer not in self.answers[sample_id]:
                self.skipped[line.reviewer, line.screen][sample_id] = None


def _subject(line: Decision) -> tuple[str, str]:
    """What a line is about: a picture, or a pair."""
    return line.sample_id, line.other_id
