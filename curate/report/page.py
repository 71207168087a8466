"""The page itself: one file with everything in it, that asks for nothing from anywhere."""

from collections.abc import Sequence
from typing import NamedTuple

from curate.report.markup import Markup, element, escaped
from curate.report.style import STYLE

__all__ = ["PageSection", "lay_out"]

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


class PageSection(NamedTuple):
    """One section of the page: its anchor, its title, and what it says."""

    name: str
    title: str
    body: Markup


def lay_out(title: str, lead: Markup, parts: Sequence[PageSection], *, foot: str) -> str:
    """The whole document.

    Args:
        title: of the page.
        lead: below the title.
        parts: in reading order.
        foot: the last line.
    """
    links = [element("a", part.title, href=f"#{part.name}") for part in parts]
    head = element("header", element("h1", title), lead, element("nav", *links, aria_label="Sections"))
    shown = [element("section", element("h2", part.title), part.body, id=part.name) for part in parts]
    body = element("body", head, element("main", *shown), element("footer", foot))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n{body.html}\n</html>\n"
    )
