"""Self-contained sheets of pictures to look through: one HTML file, no network, no script.

Long sheets are divided into pages, and sections that carry tags can be filtered by them: each page of each filter is a
button, and the style sheet shows the sections that belong to the one that is chosen.
"""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from curate.storage import replace_file

__all__ = ["Section", "Tile", "write_gallery"]


_PER_PAGE = 80
"""Pictures on a page, unless one section has more: a few screens full."""


class Tile(NamedTuple):
    """One picture and what stands below it.

    Attributes:
        png: the picture as PNG bytes, of `images.encode_png`.
        lines: captions, one a line; plain text, whatever it contains.
        mark: a word that sets the picture apart from the others, such as `kept`; empty = none.
    """

    png: bytes
    lines: tuple[str, ...]
    mark: str = ""


class Section(NamedTuple):
    """Pictures that belong together, such as one group of duplicates.

    Attributes:
        title: above them.
        tiles: the pictures.
        tags: what the section can be filtered by, such as `conflicting labels`.
    """

    title: str
    tiles: tuple[Tile, ...]
    tags: tuple[str, ...] = ()


def write_gallery(path: Path, title: str, sections: Iterable[Section], *, note: str = "") -> None:
    """Write a sheet of pictures, whole or not at all.

    Args:
        path: the HTML file; one that is there is replaced.
        title: of the page.
        sections: in the order in which they are shown.
        note: a sentence below the title; empty = none.

    Raises:
        StorageFull: there is no space for it.
    """
    listed = list(sections)
    pages = _divide(listed)
    parts = [_HEAD.format(title=escape(title), style=_STYLE + _page_rules(pages))]
    if note:
        parts.append(f"<p>{_text(note)}</p>\n")
    if len(pages) > 1:
        parts.append(_navigation(pages))
    parts.append("</header>\n<main>\n")
    for number, section in enumerate(listed):
        shown_on = " ".join(page.name for page in pages if number in page.sections)
        parts.append(f'<section class="{shown_on}">\n<h2>{_text(section.title)}</h2>\n<div>\n')
        parts.extend(_figure(tile) for tile in section.tiles)
        parts.append("</div>\n</section>\n")
    parts.append("</main>\n</body>\n</html>\n")
    replace_file(path, "".join(parts))


class _Page(NamedTuple):
    """Sections that are shown together: page `number` (from 1) of a filter; the filter that shows all has no tag."""

    name: str
    tag: str
    number: int
    sections: frozenset[int]


def _divide(sections: Sequence[Section]) -> list[_Page]:
    tags = dict.fromkeys(tag for section in sections for tag in section.tags)
    chosen = {tag: [n for n, section in enumerate(sections) if tag in section.tags] for tag in tags}
    pages = []
    for place, (tag, numbers) in enumerate([("", list(range(len(sections)))), *chosen.items()]):
        for number, inside in enumerate(_fill_pages(sections, numbers), 1):
            pages.append(_Page(f"f{place}p{number}", tag, number, frozenset(inside)))
    return pages


def _fill_pages(sections: Sequence[Section], numbers: Sequence[int]) -> list[list[int]]:
    """These sections, page by page."""
    pages: list[list[int]] = []
    room = 0
    for number in numbers:
        tiles = len(sections[number].tiles)
        if not pages or tiles > room:
            pages.append([])
            room = _PER_PAGE
        pages[-1].append(number)
        room -= tiles
    return pages


def _page_rules(pages: Sequence[_Page]) -> str:
    if len(pages) < 2:
        return ""
    shown = ",\n".join(f"body:has(#{page.name}:checked) .{page.name}" for page in pages)
    return f"main section {{ display: none }}\n{shown} {{ display: block }}\n"


def _navigation(pages: Sequence[_Page]) -> str:
    """A row of page buttons for every filter, the first page of all chosen."""
    rows = []
    for tag in dict.fromkeys(page.tag for page in pages):
        own = [page for page in pages if page.tag == tag]
        count = sum(len(page.sections) for page in own)
        buttons = "".join(
            f'<input type="radio" name="page" id="{page.name}"{" checked" if page is pages[0] else ""}>'
            f'<label for="{page.name}">{page.number}</label>'
            for page in own
        )
        rows.append(f"<p><span>{_text(tag or 'all')}: {count:,}</span> {buttons}</p>\n")
    return f"<nav>\n{''.join(rows)}</nav>\n"


def _figure(tile: Tile) -> str:
    data = base64.b64encode(tile.png).decode("ascii")
    kind = ' class="marked"' if tile.mark else ""
    mark = f"<b>{_text(tile.mark)}</b>" if tile.mark else ""
    lines = "".join(f"<span>{_text(line)}</span>" for line in tile.lines)
    name = escape(", ".join(tile.lines))
    picture = f'<img alt="{name}" loading="lazy" decoding="async" src="data:image/png;base64,{data}">'
    return f"<figure{kind}>{picture}<figcaption>{mark}{lines}</figcaption></figure>\n"


def _text(text: str) -> str:
    """Escaped, and isolated so that right-to-left marks in a name turn nothing around it."""
    return f"<bdi>{escape(text)}</bdi>"


_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1><bdi>{title}</bdi></h1>
"""

_STYLE = """
:root { color-scheme: light dark; --page: #f6f6f4; --card: #fff; --text: #23262b; --quiet: #656a73; --line: #e2e2de;
  --mark: #2f6f5e }
@media (prefers-color-scheme: dark) {
  :root { --page: #17191c; --card: #202327; --text: #e4e6e9; --quiet: #9aa0a9; --line: #31353b; --mark: #7cc4ae }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1240px; padding: 28px 24px 48px; background: var(--page); color: var(--text);
  font: 14px/1.45 system-ui, sans-serif }
h1 { margin: 0; font-size: 22px; font-weight: 600 }
header p { margin: 6px 0 0; max-width: 75ch; color: var(--quiet) }
nav { margin-top: 14px }
nav p { display: flex; flex-wrap: wrap; align-items: center; gap: 4px; margin: 4px 0; max-width: none }
nav span { min-width: 26ch; margin-right: 8px }
nav input { position: absolute; opacity: 0 }
nav label { min-width: 26px; padding: 2px 6px; border: 1px solid var(--line); border-radius: 6px; text-align: center;
  cursor: pointer }
nav :checked + label { background: var(--mark); border-color: var(--mark); color: var(--page) }
nav :focus-visible + label { outline: 2px solid var(--mark); outline-offset: 2px }
main { display: flex; flex-wrap: wrap; align-items: stretch; gap: 14px; margin-top: 22px }
section { min-width: min(100%, 304px); max-width: 100%; padding: 12px 16px 14px; border: 1px solid var(--line);
  border-radius: 8px; background: var(--card); break-inside: avoid }
h2 { width: 0; min-width: 100%; margin: 0 0 10px; font-size: 14px; font-weight: 600; overflow-wrap: anywhere }
section div { display: flex; flex-wrap: wrap; gap: 14px }
figure { width: 128px; margin: 0 }
img { display: block; width: 128px; height: 128px; object-fit: contain; border-radius: 4px; background: var(--page);
  box-shadow: 0 0 0 1px var(--line) }
.marked img { outline: 2px solid var(--mark); outline-offset: 2px }
figcaption { margin-top: 7px; color: var(--quiet); font-size: 12px; line-height: 1.35 }
figcaption span, figcaption b { display: block; overflow-wrap: anywhere }
b { color: var(--mark); font-weight: 600 }
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --text: #000; --quiet: #444; --line: #bbb; --mark: #000 }
  body { max-width: none; padding: 0; font-size: 10pt }
  figure, img { width: 24mm }
  img { height: 24mm; print-color-adjust: exact }
  main { display: block }
  section { margin-bottom: 4mm }
  nav { display: none }
}
"""
