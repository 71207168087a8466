"""Self-contained sheets of pictures to look through: one HTML file, no network, no script.

Long sheets are divided into pages, and sections that carry tags can be filtered by them: each page of each filter is a
button, and the style sheet shows the sections that belong to the one that is chosen.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from curate.html import render
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
    classes = [" ".join(page.name for page in pages if index in page.sections) for index in range(len(listed))]
    classed = zip(listed, classes, strict=True)
    replace_file(path, render("gallery.html", title=title, note=note, pages=pages, sections=classed))


class _Page(NamedTuple):
    """Sections that are shown together: page `number` (from 1) of a filter.

    Attributes:
        name: its CSS class.
        filter: index of the filter; 0 shows all.
        tag: what the filter lets through; empty = all.
        number: from 1.
        sections: indices of sections.
    """

    name: str
    filter: int
    tag: str
    number: int
    sections: frozenset[int]


def _divide(sections: Sequence[Section]) -> list[_Page]:
    tags = dict.fromkeys(tag for section in sections for tag in section.tags)
    filters = [("", [*range(len(sections))])]
    filters += [(tag, [index for index, section in enumerate(sections) if tag in section.tags]) for tag in tags]
    return [
        _Page(f"f{filter_}p{number}", filter_, tag, number, frozenset(indices))
        for filter_, (tag, chosen) in enumerate(filters)
        for number, indices in enumerate(_fill_pages(sections, chosen), start=1)
    ]


def _fill_pages(sections: Sequence[Section], chosen: Sequence[int]) -> list[list[int]]:
    """The chosen sections, page by page."""
    pages: list[list[int]] = []
    room = 0
    for index in chosen:
        tiles = len(sections[index].tiles)
        if not pages or tiles > room:
            pages.append([])
            room = _PER_PAGE
        pages[-1].append(index)
        room -= tiles
    return pages
