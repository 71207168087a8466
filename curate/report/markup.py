"""The blocks that sections are made of; their HTML is in `templates/blocks.html`, where plain text is escaped."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from curate.gallery import Tile
from curate.html import Content, Markup, block

__all__ = [
    "Content",
    "Markup",
    "bullets",
    "card",
    "code",
    "faces",
    "join",
    "note",
    "preformatted",
    "row",
    "sentence",
    "strong",
    "table",
    "unbroken",
    "warning",
]

_LONGEST_WORD = 40
"""Longer ones are broken wherever the line ends."""


join = partial(block, "join")
"""Several pieces, one after the other."""

sentence = partial(block, "sentence")
"""A paragraph."""

note = partial(block, "note")
"""A paragraph that is less important than what it explains."""

warning = partial(block, "warning")
"""A paragraph that nobody should miss."""

code = partial(block, "code")
"""A command or a piece of a file, as it is to be typed."""

preformatted = partial(block, "preformatted")
"""Commands or a file, line by line."""

strong = partial(block, "strong")
"""Text that is set off."""

unbroken = partial(block, "unbroken")
"""Text that no line end divides."""

bullets = partial(block, "bullets")
"""A title, then a list of the other pieces."""

card = partial(block, "card")
"""A title, then blocks that belong to it and that printing keeps on one page."""


def row(*content: Content, kind: str = "") -> Markup:
    """Blocks side by side, as far as there is room.

    Args:
        content: the blocks.
        kind: class of the style sheet: `beside`, `groups` or `halves`; empty = all equally wide.
    """
    return block("row", kind, *content)


def faces(tiles: Iterable[Tile]) -> Markup:
    """Pictures side by side, each with its lines; empty lines are left out."""
    return block("faces", *tiles)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> Markup:
    """A table whose numbers are right-aligned.

    Args:
        columns: their names; all empty = no line of names.
        rows: texts, numbers, `Markup`, and None for nothing.
        title: above it; empty = none.
    """
    filled = [list(values) for values in rows]
    kinds = ["number" if all(_is_number(values[i]) for values in filled) else "words" for i in range(len(columns))]
    return block("table", [*zip(columns, kinds, strict=True)], [[*map(_cell, values)] for values in filled], title)


class _Cell(NamedTuple):
    text: Content
    long: bool = False


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | None) or (isinstance(value, str) and value.endswith("%"))


def _cell(value: object) -> _Cell:
    if value is None or isinstance(value, Markup):
        return _Cell(value or "")
    text = f"{value:,}" if isinstance(value, int | float) else str(value)
    return _Cell(text, long=max(map(len, text.split()), default=0) > _LONGEST_WORD)
