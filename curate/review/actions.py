"""What each key of the reviewer does, and the lines of the log that a key press comes to.

One key decides one face: the picture on screen, and the copies that agree.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

from curate.decisions import REPEAT_SCREENS, Decision, Kind
from curate.emotions import LABELS
from curate.errors import InvalidAction

__all__ = [
    "KEYS", "PAIR_KEYS", "PICTURE_KEYS", "PIXELS_KEY", "QUEUE_KEYS", "SCREENS", "Does", "Key", "Label", "ReviewAction",
    "label_warning", "read_action", "reviewer_name", "still_asked", "to_lines", "undo_line",
]  # fmt: skip

_NO_EMOTION = ("unknown", "not_a_face")

Does = Literal[
    "relabel", "confirm", "exclude", "skip", "undo", "same", "different", "group", "help", "all", "turn", "pixels"
]
"""`all` and `turn` are of the grid: mark all or none, and go to the next or the previous sheet. `pixels`: show them."""


class Key(NamedTuple):
    """One key.

    Attributes:
        key: as browsers name it, in lower case.
        does: what it does.
        label: what the picture shows, where the key says so; else empty.
        words: for the list of keys on screen.
    """

    key: str
    does: Does
    label: str
    words: str


PICTURE_KEYS = (
    *(Key(str((place + 1) % 10), "relabel", label, label.replace("_", " ")) for place, label in enumerate(LABELS)),
    Key("x", "exclude", "", "exclude"),
    Key("y", "confirm", "", "the label is right"),
    Key("enter", "confirm", "", "the label is right"),
    Key("s", "skip", "", "skip"),
    Key("u", "undo", "", "undo"),
    Key("h", "help", "", "keys"),
)
"""1 to 8 the emotions in the order of `LABELS`, 9 unknown, 0 not a face. Streamlit keeps `c` and `r` for itself."""

PAIR_KEYS = (Key("m", "same", "", "same photograph"), Key("n", "different", "", "not the same"))

QUEUE_KEYS = (*PICTURE_KEYS[:-1], Key("g", "group", "", "copies too, or not"), PICTURE_KEYS[-1])
"""`g` decides nothing by itself: it says whether the next key decides the picture alone, or all of its group.

Not Shift with a key, because on some keyboards that is how digits are typed.
"""

PIXELS_KEY = Key("p", "pixels", "", "pixels, or smooth")

KEYS = {each.key: each for each in (*PICTURE_KEYS, *PAIR_KEYS)}
"""The keys that are sent, and written into the log."""

SCREENS = {
    "queue": ("queue", *REPEAT_SCREENS),
    "grid": ("grid",),
    "duplicates": ("duplicates",),
    "settle": ("settle",),
}
"""Page -> the screens it writes into the log; undo takes back what was done on the same page."""

_NAME = re.compile(r"[0-9a-f]{16,64}")
_MOST_SAMPLES = 500
_LONGEST_REVIEWER = 60


class ReviewAction(NamedTuple):
    """One key press.

    Attributes:
        action: a name that the browser made up; the same when it is sent again.
        key: one of `KEYS`.
        samples: the pictures it is about; in the queue the one on screen, then those of its copies that it decides too.
        screen: where.
        reading: of the workspace, whose labels the screen showed.
    """

    action: str
    key: str
    samples: tuple[str, ...]
    screen: str
    reading: int


def label_warning(label: str, classes: Sequence[str]) -> str:
    """What to know before an emotion is named that versions do not hold; empty = nothing."""
    if not label or label in classes or label in _NO_EMOTION:
        return ""
    return (
        f"{label.capitalize()} is not among [policy] classes in curate.toml, so that versions leave such pictures out."
    )


def read_action(message: Mapping[str, Any], page: str) -> ReviewAction:
    """Check what a browser sent from a page.

    Raises:
        InvalidAction: it is not of the form that the reviewer sends.
    """
    action, key, screen = (str(message.get(name, "")) for name in ("action", "key", "screen"))
    samples, reading = message.get("samples", []), message.get("reading")
    if not _NAME.fullmatch(action) or key not in KEYS or screen not in SCREENS[page] or not isinstance(reading, int):
        raise InvalidAction("the browser sent what no key sends; reload the page")
    if not isinstance(samples, list) or len(samples) > _MOST_SAMPLES:
        raise InvalidAction("too many pictures at once; mark fewer")
    alone = screen in REPEAT_SCREENS  # asks the reviewer again, and decides nothing about copies
    return ReviewAction(action, key, tuple(str(each) for each in samples[: 1 if alone else None]), screen, reading)


def reviewer_name(text: str) -> str:
    """A reviewer's name as it is kept: normalised, one space between words, at most 60 characters; may be empty."""
    plain = "".join(each if each.isprintable() else " " for each in unicodedata.normalize("NFC", text))
    return " ".join(plain.split())[:_LONGEST_REVIEWER].strip()


class Label(NamedTuple):
    """What a picture was labelled when a key was pressed, as in `Decision`: what the screen showed, what was given."""

    shown: str
    given: str


def still_asked(act: ReviewAction, is_settled: Callable[[str], bool]) -> ReviewAction:
    """The act without what others settled while it was on screen: a picture that one person decides is not two's.

    The picture in the queue must be open, its copies need not. Of a grid, what is still open is decided. Where copies
    with different labels lie side by side, one of them must be open.

    Args:
        act: any.
        is_settled: of a sample_id.

    Raises:
        InvalidAction: nothing of it is asked any more.
    """
    if KEYS[act.key].does not in ("relabel", "confirm", "exclude") or act.screen not in ("queue", "grid", "duplicates"):
        return act
    asked = tuple(each for each in act.samples if not is_settled(each))
    if act.samples and (not asked or (act.screen == "queue" and asked[0] != act.samples[0])):
        raise InvalidAction("somebody else decided this while it was on your screen; here is what comes next")
    return act._replace(samples=asked) if act.screen == "grid" else act


def to_lines(act: ReviewAction, labels: Sequence[Label], *, reviewer: str, at: str) -> list[Decision]:
    """The lines of an act that decides something.

    Args:
        act: any but undo and help.
        labels: of each of its pictures.
        reviewer: who.
        at: when, ISO 8601 with offset.

    In the queue, confirming says of the copies, too, that the label of the picture on screen is right.

    Raises:
        InvalidAction: it confirms a label that is not there, or is about no picture.
    """
    key = KEYS[act.key]
    if not act.samples:
        raise InvalidAction("no picture is marked; mark some, then press the key")
    if key.does in ("same", "different"):
        pairs = zip(act.samples[::2], act.samples[1::2], strict=False)
        ordered = [(min(pair), max(pair)) for pair in pairs]
        return [
            Decision(
                action=act.action,
                kind=cast(Kind, key.does),
                sample_id=one,
                other_id=two,
                reviewer=reviewer,
                at=at,
                screen=act.screen,
            )
            for one, two in ordered
        ]
    shown = [each.shown for each in labels]
    right = [shown[0]] * len(shown) if act.screen in SCREENS["queue"] else shown
    if key.does == "confirm" and not all(right):
        raise InvalidAction("there is no label to confirm; press the key of what the face shows")
    said = right if key.does == "confirm" else [key.label] * len(labels)
    lines = zip(act.samples, said, labels, strict=True)
    return [_line(act, sample_id, label, known, reviewer=reviewer, at=at) for sample_id, label, known in lines]


def undo_line(act: ReviewAction, undoes: str, *, reviewer: str, at: str) -> Decision:
    """The line that takes an action back."""
    return Decision(action=act.action, kind="undo", reviewer=reviewer, at=at, screen=act.screen, undoes=undoes)


def _line(act: ReviewAction, sample_id: str, label: str, known: Label, *, reviewer: str, at: str) -> Decision:
    """The label that was shown is confirmed, whichever key says so; another one relabels."""
    does = KEYS[act.key].does
    kind = ("confirm" if label == known.shown else "relabel") if does in ("confirm", "relabel") else does
    return Decision(
        action=act.action,
        kind=cast(Kind, kind),
        sample_id=sample_id,
        label=label,
        reviewer=reviewer,
        at=at,
        screen=act.screen,
        **known._asdict(),
    )
