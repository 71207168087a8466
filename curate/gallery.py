"""Self-contained sheets of pictures to look through: one HTML file, no network, no script."""

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import NamedTuple

from curate.storage import replace_file

__all__ = ["Section", "Tile", "write_gallery"]


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
    """Pictures that belong together, such as one group of duplicates."""

    title: str
    tiles: tuple[Tile, ...]


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
    parts = [_HEAD.format(title=escape(title), style=_STYLE)]
    if note:
        parts.append(f"<p>{_text(note)}</p>\n")
    parts.append("</header>\n<main>\n")
    for section in sections:
        parts.append(f"<section>\n<h2>{_text(section.title)}</h2>\n<div>\n")
        parts.extend(_figure(tile) for tile in section.tiles)
        parts.append("</div>\n</section>\n")
    parts.append("</main>\n</body>\n</html>\n")
    replace_file(path, "".join(parts))


def _figure(tile: Tile) -> str:
    data = base64.b64encode(tile.png).decode("ascii")
    kind = ' class="marked"' if tile.mark else ""
    mark = f"<b>{_text(tile.mark)}</b>" if tile.mark else ""
    lines = "".join(f"<span>{_text(line)}</span>" for line in tile.lines)
    name = escape(", ".join(tile.lines))
    picture = f'<img alt="{name}" src="data:image/png;base64,{data}">'
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
}
"""
