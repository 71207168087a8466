"""What each key of the reviewer does; one key decides one face: the picture on screen, and the copies that agree."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from curate.emotions import LABELS

__all__ = ["KEYS", "PAIR_KEYS", "PICTURE_KEYS", "PIXELS_KEY", "QUEUE_KEYS", "Does", "Key", "label_warning"]

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


def label_warning(label: str, classes: Sequence[str]) -> str:
    """What to know before an emotion is named that versions do not hold; empty = nothing."""
    if not label or label in classes or label in _NO_EMOTION:
        return ""
    return (
        f"{label.capitalize()} is not among [policy] classes in curate.toml, so that versions leave such pictures out."
    )
