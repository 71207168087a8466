"""Reading a report back: its sections as text, tables and counts of plots and pictures."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path


@dataclass
class Section:
    """What one section of a page shows."""

    text: str = ""
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    plots: int = 0
    pictures: int = 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sections: dict[str, Section] = {}
        self.tags: set[str] = set()
        self._name = "title"
        self._rows: list[list[str]] = []
        self._caption = ""
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.add(tag)
        if tag == "section":
            self._name = str(told["id"])
        own = self.sections.setdefault(self._name, Section())
        own.plots += tag == "svg"
        own.pictures += tag == "img"
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
        if tag not in ("img", "meta"):
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass
        self.sections[self._name].text += "\n" * (tag in ("p", "pre", "li", "h2", "h3"))
        if tag == "table":
            tables = self.sections[self._name].tables
            tables[self._caption or f"table {len(tables) + 1}"] = self._rows

    def handle_data(self, data: str) -> None:
        if "style" in self._within or "svg" in self._within:
            return
        own = self.sections.setdefault(self._name, Section())
        own.text += data
        if "caption" in self._within:
            self._caption += data
        elif {"td", "th"} & set(self._within):
            self._rows[-1][-1] += data


def read_page(path: Path) -> dict[str, Section]:
    """The sections of a report by anchor; what stands above them is `title`."""
    return _read(path).sections


def tags_of(path: Path) -> set[str]:
    """Every element that occurs."""
    return _read(path).tags


def _read(path: Path) -> _Reader:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader
