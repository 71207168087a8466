"""The blocks that sections are made of; their HTML is in `templates/blocks.html`, where plain text is escaped."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from curate.html import Content, Markup, block

__all__ = [
    "Content",
    "FaceTile",
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


class FaceTile(NamedTuple):
    """One picture and what stands below it.

    Attributes:
        png: the picture as PNG bytes.
        lines: captions, one a line; plain text, whatever it contains.
    """

    png: bytes
    lines: tuple[str, ...]


def join(*content: Content) -> Markup:
    """Several pieces, one after the other."""
    return block("join", content)


def sentence(*content: Content) -> Markup:
    """A paragraph."""
    return block("paragraph", content, "")


def note(*content: Content) -> Markup:
    """A paragraph that is less important than what it explains."""
    return block("paragraph", content, "note")


def warning(*content: Content) -> Markup:
    """A paragraph that nobody should miss."""
    return block("paragraph", content, "warning")


def code(text: str) -> Markup:
    """A command or a piece of a file, as it is to be typed."""
    return block("code", text)


def preformatted(text: str) -> Markup:
    """Commands or a file, line by line."""
    return block("preformatted", text)


def strong(text: str) -> Markup:
    """Text that is set off."""
    return block("strong", text)


def unbroken(text: str) -> Markup:
    """Text that no line end divides."""
    return block("unbroken", text)


def bullets(title: str, items: Sequence[Content]) -> Markup:
    """A titled list."""
    return block("bullets", title, items)


def card(title: str, *content: Content) -> Markup:
    """A titled part of a section that printing keeps on one page."""
    return block("card", title, content)


def row(*content: Content, kind: str = "") -> Markup:
    """Blocks side by side, as far as there is room.

    Args:
        content: the blocks.
        kind: class of the style sheet: `beside`, `groups` or `halves`; empty = all equally wide.
    """
    return block("row", content, kind)


def faces(tiles: Iterable[FaceTile]) -> Markup:
    """Pictures side by side."""
    return block("faces", [*tiles])


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
