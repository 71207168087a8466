"""The report as people meet it: a real Chromium that has no network."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import browsing, chromium
from small_versions import CREATED, small_version
from test_cli import run

from curate.augment import augment_version
from curate.report import report_version

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright", reason="no Playwright to drive a browser with")
pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium; on Debian: apt-get install chromium")

EMPTY = """() => [...document.querySelectorAll('img, svg')].filter(each => {
  const box = each.getBoundingClientRect()
  const drawn = each.tagName === 'IMG' ? each.complete && each.naturalWidth > 0 : each.querySelectorAll('path').length
  return !drawn || box.width < 10 || box.height < 10
}).length"""
CUT_OFF = """() => [...document.querySelectorAll('svg text')].filter(text => {
  const plot = text.closest('svg')
  const [own, all] = [text.getBoundingClientRect(), plot.getBoundingClientRect()]
  return own.left < all.left - 2 || own.right > all.right + 2 || own.top < all.top - 2 || own.bottom > all.bottom + 2
}).map(text => text.textContent)"""
HIDDEN = """() => [...document.querySelectorAll('svg text')].filter(text => {
  const page = getComputedStyle(document.body).backgroundColor
  return getComputedStyle(text).fill === page
}).length"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an augmented version with scores."""
    workspace, _ = small_version(tmp_path_factory.mktemp("shown"))
    augment_version(workspace, "v1", created=CREATED)
    run("benchmark", "v1-x4", "--recipe", "hog-ridge", "--seeds", 2, "--workspace", workspace.folder)
    return report_version(workspace, "v1-x4", workspace.folder / "v1-x4.html", created=CREATED).path


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with browsing() as found:
        yield found


def opened(browser: "Browser", path: Path, *, width: int, scheme: str = "light", media: str = "screen") -> "Page":
    """The page in a window without network; whatever it asks for, complains of or throws ends the test."""
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("console", lambda message: asked_for.append(message.text))
    page.on("pageerror", lambda error: asked_for.append(str(error)))
    page.emulate_media(media=media)  # type: ignore[arg-type]
    page.goto(path.as_uri())
    page.wait_for_timeout(200)
    assert [each for each in asked_for if not each.startswith("data:")] == [path.as_uri()]
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_plot_and_picture_is_drawn_without_a_network(browser: "Browser", page_file: Path, scheme: str) -> None:
    page = opened(browser, page_file, width=1280, scheme=scheme)
    assert page.locator("svg").count() == 5
    assert page.locator("img").count() == 63
    assert page.evaluate(EMPTY) == 0
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(HIDDEN) == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    page.context.close()


@pytest.mark.parametrize(("media", "width"), [("screen", 390), ("print", 688)])
def test_nothing_is_cut_off_on_a_telephone_or_on_paper(
    browser: "Browser", page_file: Path, media: str, width: int
) -> None:
    page = opened(browser, page_file, width=width, media=media)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(EMPTY) == 0
    page.context.close()


def test_it_prints(browser: "Browser", page_file: Path) -> None:
    page = opened(browser, page_file, width=1280)
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.context.close()
