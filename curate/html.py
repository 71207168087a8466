"""HTML from the templates in `templates/`: what is not `Markup` is text from somewhere else, and is escaped.

Templates escape by themselves. A text that is not plain ASCII is isolated, so that a name that is read from the right
turns nothing around it; in an attribute and in `<title>` it is not: `{{ name|plain }}`.
"""

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import category

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Content", "Markup", "block", "plain", "render"]

Content = Markup | str
"""What may stand in an element; plain text is escaped."""

_TEMPLATES = Path(__file__).parent / "templates"
_INVISIBLE = ("Cc", "Cf", "Cs")


def render(template: str, **values: Any) -> str:
    """A page; the same values give the same bytes.

    Args:
        template: name of a file in `templates/`.
        values: what it is made of.
    """
    return _environment().get_template(template).render(**values)


def block(name: str, *content: object) -> Markup:
    """A macro of `templates/blocks.html`, applied."""
    macro: Callable[..., Markup] = getattr(_environment().get_template("blocks.html").module, name)
    return macro(*content)


def plain(text: str) -> Markup:
    """Text as HTML; a replacement character stands for what is invisible, such as marks that turn a line around."""
    if not text.isprintable():
        text = "".join("\ufffd" if category(c) in _INVISIBLE and c not in "\n\t" else c for c in text)
    return escape(text)


def _isolated(value: object) -> Markup:
    if isinstance(value, Markup):
        return value
    text = str(value)
    return plain(text) if text.isascii() else Markup(f"<bdi>{plain(text)}</bdi>")  # noqa: S704 - it is escaped


def _data_uri(png: bytes) -> Markup:
    return Markup("data:image/png;base64," + base64.b64encode(png).decode("ascii"))  # noqa: S704 - no letter of HTML


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_isolated,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"plain": plain, "data_uri": _data_uri}
    return environment
