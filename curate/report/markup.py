"""HTML by functions: what is not `Markup` already is text from somewhere else, and is escaped."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple
from unicodedata import category

__all__ = [
    "Content",
    "FaceTile",
    "Markup",
    "card",
    "code",
    "element",
    "escaped",
    "faces",
    "join",
    "note",
    "sentence",
    "table",
    "warning",
]


@dataclass(frozen=True, slots=True)
class Markup:
    """Finished HTML; only this module and `plots` make it from text."""

    html: str


_UNSEEN = ("Cc", "Cf", "Cs")
_LONGEST_WORD = 40
"""Longer ones are broken wherever the line ends."""

Content = Markup | str
"""What may stand in an element; plain text is escaped."""


class FaceTile(NamedTuple):
    """One picture and what stands below it.

    Attributes:
        png: the picture as PNG bytes.
        lines: captions, one a line; plain text, whatever it contains.
    """

    png: bytes
    lines: tuple[str, ...]


def escaped(text: str) -> str:
    """Text as HTML; a replacement character stands for what nobody sees, such as marks that turn a line around."""
    return escape("".join("\ufffd" if category(each) in _UNSEEN and each not in "\n\t" else each for each in text))


def element(tag: str, *content: Content, **attributes: str) -> Markup:
    """One element; an underscore at the end of an attribute's name is dropped (`class_`), others become hyphens."""
    shown = "".join(f' {name.rstrip("_").replace("_", "-")}="{escaped(value)}"' for name, value in attributes.items())
    return Markup(f"<{tag}{shown}>{join(*content).html}</{tag}>")


def join(*content: Content) -> Markup:
    """Several pieces, one after the other."""
    return Markup("".join(each.html if isinstance(each, Markup) else _isolated(each) for each in content))


def sentence(*content: Content) -> Markup:
    """A paragraph."""
    return element("p", *content)


def note(*content: Content) -> Markup:
    """A paragraph that is less important than what it explains."""
    return element("p", *content, class_="note")


def warning(*content: Content) -> Markup:
    """A paragraph that nobody should miss."""
    return element("p", *content, class_="warning")


def code(text: str) -> Markup:
    """A command or a piece of a file, as it is to be typed."""
    return element("code", text)


def card(title: str, *content: Content) -> Markup:
    """A titled part of a section that printing keeps on one page."""
    return element("div", element("h3", title), *content, class_="card")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> Markup:
    """A table whose numbers are right-aligned.

    Args:
        columns: their names; all empty = no line of names.
        rows: texts, numbers, `Markup`, and None for nothing.
        title: above it; empty = none.
    """
    filled = [list(row) for row in rows]
    numeric = [all(_is_number(row[place]) for row in filled) for place in range(len(columns))]
    kinds = ["number" if each else "words" for each in numeric]
    head = [element("th", name, class_=kind, scope="col") for name, kind in zip(columns, kinds, strict=True)]
    body = [
        element("tr", *(element("td", _cell(value), class_=kind) for value, kind in zip(row, kinds, strict=True)))
        for row in filled
    ]
    caption = [element("caption", title)] if title else []
    above = [element("thead", element("tr", *head))] if any(columns) else []
    inside = element("table", *caption, *above, element("tbody", *body))
    return element("div", inside, class_="table")


def faces(shown: Iterable[FaceTile]) -> Markup:
    """Pictures side by side."""
    return element("div", *map(_face, shown), class_="faces")


def _face(face: FaceTile) -> Markup:
    data = base64.b64encode(face.png).decode("ascii")
    lines = [element("span", line) for line in face.lines if line]
    name = escaped(", ".join(filter(None, face.lines)))
    picture = Markup(f'<img alt="{name}" src="data:image/png;base64,{data}">')
    return element("figure", picture, element("figcaption", *lines), class_="face")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | None) or (isinstance(value, str) and value.endswith("%"))


def _cell(value: object) -> Content:
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    text = f"{value:,}" if isinstance(value, int | float) else str(value)
    return element("span", text, class_="long") if max(map(len, text.split()), default=0) > _LONGEST_WORD else text


def _isolated(text: str) -> str:
    """Escaped; a name that is read from the right turns nothing around it."""
    return escaped(text) if text.isascii() else f"<bdi>{escaped(text)}</bdi>"
