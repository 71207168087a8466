"""Sheets of pictures: whole, escaped, and on their own."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from layouts import png

from curate.gallery import Section, Tile, write_gallery

HOSTILE = """<script>alert("1")</script>'"><img src=x onerror=alert(1)>\u202egnp.exe"""


class Page(HTMLParser):
    """The elements of a page, with their attributes and their own text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sheet.html"


def written(path: Path, *tiles: Tile, title: str = "Copies") -> Page:
    write_gallery(path, title, [Section("one group", tiles)], note="Look at every pair.")
    return Page(path.read_text(encoding="utf-8"))


def test_every_tile_is_there_in_order_with_its_captions(path: Path) -> None:
    tiles = [Tile(png(number), (f"faces/{number}.png", "happy"), "kept" if number == 0 else "") for number in range(3)]
    page = written(path, *tiles)
    sources = [image["src"] or "" for image in page.named("img")]
    assert [base64.b64decode(source.removeprefix("data:image/png;base64,")) for source in sources] == [
        tile.png for tile in tiles
    ]
    assert [word for word in page.words if word.strip()][2:] == [
        "Copies", "Look at every pair.", "one group",
        "kept", "faces/0.png", "happy", "faces/1.png", "happy", "faces/2.png", "happy",
    ]  # fmt: skip


def test_only_marked_tiles_stand_out(path: Path) -> None:
    page = written(path, Tile(png(0), ("a",), "kept"), Tile(png(1), ("b",)))
    assert page.named("figure") == [{"class": "marked"}, {}]


def test_text_from_files_stays_text(path: Path) -> None:
    write_gallery(path, HOSTILE, [Section(HOSTILE, (Tile(png(0), (HOSTILE,), HOSTILE),))], note=HOSTILE)
    page = Page(path.read_text(encoding="utf-8"))
    assert not page.named("script")
    assert [set(image) for image in page.named("img")] == [{"alt", "src", "loading", "decoding"}]
    shown = HOSTILE.replace("\u202e", "\ufffd")
    assert page.named("img")[0]["alt"] == shown
    assert page.words.count(shown) == 6
    assert len(page.named("bdi")) == 5


def test_a_sheet_needs_no_other_file_and_no_network(path: Path) -> None:
    page = written(path, Tile(png(0), ("a",)))
    assert {image["src"][:22] for image in page.named("img")} == {"data:image/png;base64,"}
    assert not {"script", "link", "iframe", "a"} & {tag for tag, _ in page.elements}
    assert not re.search(r"https?:|url\(|@import", path.read_text(encoding="utf-8"))


def test_a_sheet_without_pictures_says_its_title(path: Path) -> None:
    write_gallery(path, "Copies", [])
    assert "Copies" in Page(path.read_text(encoding="utf-8")).words


def test_a_sheet_replaces_the_one_before(path: Path) -> None:
    written(path, Tile(png(0), ("a",)), title="Before")
    written(path, Tile(png(0), ("a",)), title="After")
    assert "Before" not in path.read_text(encoding="utf-8")
    assert [file.name for file in path.parent.iterdir()] == ["sheet.html"]


def test_a_long_sheet_has_pages_and_filters_and_no_script(path: Path) -> None:
    """One page of a thousand groups was 290,000 pixels tall."""
    sections = [
        Section(f"group {n}", (Tile(png(0), ("a",)),) * 2, ("conflicting",) if n % 2 else ()) for n in range(90)
    ]
    write_gallery(path, "Copies", sections)
    page = Page(path.read_text(encoding="utf-8"))
    buttons = page.named("input")
    assert [(each["id"], "checked" in each) for each in buttons] == [
        ("f0p1", True), ("f0p2", False), ("f0p3", False), ("f1p1", False), ("f1p2", False),
    ]  # fmt: skip
    assert [each["class"] for each in page.named("section")][:3] == ["f0p1", "f0p1 f1p1", "f0p1"]
    assert [each["class"] for each in page.named("section")][-2:] == ["f0p3", "f0p3 f1p2"]
    assert {each["loading"] for each in page.named("img")} == {"lazy"}
    assert [word for word in page.words if word in ("all", "conflicting")] == ["all", "conflicting"]
    assert not page.named("script")


def test_a_short_sheet_has_neither(path: Path) -> None:
    assert written(path, Tile(png(0), ("a",))).named("input") == []
