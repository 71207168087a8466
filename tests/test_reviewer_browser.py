"""The reviewer as people meet it: a real server, a real Chromium, a real kill."""

import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import Server, browsing, chromium, free_port, latencies, press, serving, wait_for_board, wait_for_next
from layouts import face, png, write_tree
from reviewing import contradict, fill
from small_versions import perfect_score

from curate.duplicates import find_duplicates
from curate.images import encode_jpeg
from curate.ingest import ingest_source
from curate.runs.browse import scored_runs
from curate.scores import write_score
from curate.version import freeze_version
from curate.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("streamlit", reason="the reviewer needs Streamlit")
pytest.importorskip("playwright", reason="no Playwright to drive a browser with")
pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium; on Debian: apt-get install chromium")

HOSTILE = (
    "<script>document.title='taken'</script>",
    "**bold** `code` $x$ :red[red] [a](http://b)",
    "\u202eevil\u202c\"'",
    "n" * 10_000,
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Forty faces, five of which have two labels; copied for each test."""
    folder = tmp_path_factory.mktemp("filled")
    workspace = Workspace.create(folder / "workspace")
    fill(workspace, 40, folder)
    contradict(workspace, folder, [1, 3, 5, 7, 9])
    return workspace


@pytest.fixture
def copied(filled: Workspace, tmp_path: Path) -> Workspace:
    """One's own copy of it."""
    shutil.copytree(filled.folder, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with browsing() as found:
        yield found


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def taken(workspace: Workspace) -> list[tuple[str, str, str]]:
    log = workspace.decisions()
    return list(zip(log["sample_id"], log["kind"], log["label"], strict=True))


def test_keys_decide_reload_keeps_the_place_and_undo_goes_back(copied: Workspace, page: "Page") -> None:
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    with serving(copied.folder) as server:
        page.goto(server.address("ann"))
        open_labels = set(copied.samples().query("label.isna()")["sample_id"])
        first, second, third = (press(page, key) for key in ("6", "x", "s"))
        assert {first, second, third} <= open_labels
        assert taken(copied) == [(first, "relabel", "sad"), (second, "exclude", ""), (third, "skip", "")]
        fourth = wait_for_board(page)["sample"]
        page.reload()
        assert wait_for_board(page)["sample"] == fourth
        page.keyboard.press("y")
        page.get_by_text("there is no label to confirm").wait_for()
        press(page, "u")
        assert wait_for_board(page)["sample"] == third
        press(page, "4")
        assert taken(copied)[3:] == [("", "undo", ""), (third, "relabel", "happy")]
        assert len(latencies(page)) == 2
        page.keyboard.press("8")
        page.get_by_text("Contempt is not among [policy] classes").wait_for()
        assert len(taken(copied)) == 5
        fifth = press(page, "8")
        assert taken(copied)[5:] == [(fifth, "relabel", "contempt")]
        rendering = "e => getComputedStyle(e).imageRendering"
        assert page.locator(".big img").evaluate(rendering) == "auto"
        page.keyboard.press("p")
        assert page.locator(".big img").evaluate(rendering) == "pixelated"
        page.get_by_test_id("stSelectbox").first.click()
        page.get_by_role("option", name="everything").click()
        page.get_by_role("option").first.wait_for(state="hidden")
        press(page, "s")  # the filter that was chosen does not take it
        page.keyboard.press("h")
        page.locator(".overlay").wait_for(state="visible")
    elsewhere = [url for url in asked_for if not url.startswith((f"http://127.0.0.1:{server.port}/", "data:", "blob:"))]
    assert elsewhere == []


def test_what_was_shown_as_taken_outlives_a_killed_server_once(copied: Workspace, page: "Page") -> None:
    with serving(copied.folder) as server:
        page.goto(server.address("ann"))
        shown = [press(page, "6") for _ in range(4)]
        last = wait_for_board(page)["sample"]
        server.kill()
        page.keyboard.press("4")  # nobody hears it
        page.wait_for_timeout(300)
        assert [sample for sample, *_ in taken(copied)] == shown
        server.start()
        wait_for_next(page, last)
        shown += [last] + [press(page, "6") for _ in range(3)]
    assert [sample for sample, *_ in taken(copied)] == shown
    assert Counter(copied.decisions()["action"]).most_common(1)[0][1] == 1


def test_a_kill_in_the_middle_of_work_loses_and_doubles_nothing(copied: Workspace, page: "Page") -> None:
    with serving(copied.folder) as server:
        page.goto(server.address("ann"))
        shown = [press(page, "6")]
        restart = threading.Timer(0.3, lambda: (server.kill(), server.start()))
        restart.start()
        shown += [press(page, "6") for _ in range(12)]
        restart.join()
    assert [sample for sample, *_ in taken(copied)] == shown


def test_the_grid_relabels_what_is_marked_and_takes_it_back_whole(copied: Workspace, page: "Page") -> None:
    with serving(copied.folder) as server:
        page.goto(server.address("ann", "grid"))
        wait_for_board(page)
        faces = page.locator(".tile")
        names = faces.evaluate_all("all => all.map(each => each.dataset.sample)")
        assert len(names) == 35
        faces.nth(4).click()
        for key in ("ArrowRight", "ArrowRight", " ", "6"):
            page.keyboard.press(key)
        page.get_by_text("1 to 33 of 33").wait_for()
        assert taken(copied) == [(names[4], "relabel", "sad"), (names[6], "relabel", "sad")]
        page.keyboard.press("u")
        page.get_by_text("1 to 35 of 35").wait_for()
        assert len(taken(copied)) == 3


def test_what_is_ingested_meanwhile_is_read_and_said_without_losing_the_place(
    copied: Workspace, page: "Page", tmp_path: Path
) -> None:
    with serving(copied.folder) as server:
        page.goto(server.address("ann"))
        press(page, "6")
        second = wait_for_board(page)["sample"]
        ingest_source(copied, write_tree(tmp_path / "more", {f"{HOSTILE[1]}/{n}.png": png(90 + n) for n in range(3)}))
        page.get_by_role("link", name="Versions").click()
        page.get_by_text("pictures came or went. 43 pictures, 3 more").wait_for()
        page.get_by_role("link", name="Queue").click()
        assert wait_for_board(page)["sample"] == second
        ingest_source(copied, write_tree(tmp_path / "again", {f"happy/{n}.png": png(70 + n) for n in range(5)}))
        said = page.get_by_text("pictures came or went. 48 pictures, 5 more")
        pressed = {press(page, "6") for _ in iter(said.is_visible, True)}
    assert second in pressed
    assert set(copied.decisions()["sample_id"][1:]) == pressed


def test_names_and_labels_from_files_are_text(workspace: Workspace, page: "Page", tmp_path: Path) -> None:
    script, markup, marks, long = (text.replace("/", "|") for text in HOSTILE)
    tree = {f"{script}/{markup}{number}.png": png(number) for number in range(3)}
    ingest_source(workspace, write_tree(tmp_path / "faces", tree), name=f"{marks} {script}")
    _ingest_long_names(workspace, tmp_path, long)
    reviewer = "%3Cscript%3Ealert(1)%3C/script%3E%2A%2Ame%2A%2A"
    with serving(workspace.folder) as server:
        page.goto(server.address(reviewer))
        places = []
        for _ in range(5):
            wait_for_board(page)
            places.append(page.locator(".places").inner_text())
            press(page, "6")
        wait_for_board(page)
        text = "\n".join([*places, page.locator(".places").inner_text()])
        assert all(f"{script}/{markup}{number}.png in {marks} {script}" in text for number in range(3))
        assert f"given {long[:70]}" in text
        assert len(text) < 3000
        for name in ("grid", "duplicates", "reviews", "versions"):
            page.goto(server.address(reviewer, name))
            page.get_by_role("link", name="Versions").wait_for()
            page.wait_for_timeout(500)
            assert page.evaluate("document.querySelectorAll('.stMainBlockContainer script').length") == 0
        assert page.title() == "curate review"
    assert set(workspace.decisions()["reviewer"]) == {"<script>alert(1)</script>**me**"}


def _ingest_long_names(workspace: Workspace, folder: Path, long: str) -> None:
    """A table whose label is longer than any screen."""
    from layouts import pixel_text, table_text

    rows: list[list[object]] = [[long, pixel_text(face(90 + number))] for number in range(3)]
    (folder / "long.csv").write_bytes(table_text(["emotion", "pixels"], rows))
    ingest_source(workspace, folder / "long.csv")


def test_one_key_decides_all_copies_unless_g_says_otherwise(workspace: Workspace, page: "Page", tmp_path: Path) -> None:
    names = {label: f"{label}/{HOSTILE[0]}.jpg".replace("</", "<|") for label in ("happy", "sad", "fear")}
    tree = {name: encode_jpeg(face(1), 70 + 10 * place) for place, name in enumerate(names.values())}
    ingest_source(workspace, write_tree(tmp_path / "faces", tree | {"sad/z.png": png(2)}))
    find_duplicates(workspace)
    with serving(workspace.folder) as server:
        page.goto(server.address("ann"))
        first = wait_for_board(page)["sample"]
        copies = workspace.groups()["sample_id"].tolist()
        assert first in copies
        page.get_by_text("A key decides this face once: this picture and its 2 copies").wait_for()
        assert wait_for_board(page)["reach"] == "3"
        press(page, "5")
        assert sorted(taken(workspace)) == sorted((name, "relabel", "neutral") for name in copies)
        page.keyboard.press("g")
        page.get_by_text("No copies of this picture are known").wait_for()
        press(page, "u")
        assert wait_for_board(page)["sample"] == first
        page.locator(".key", has_text="copies too, or not").click()
        page.get_by_text("A key decides this picture alone. g: its 2 copies too.").wait_for()
        assert wait_for_board(page)["reach"] == "1"
        press(page, "s")
        page.get_by_text("sad is right").wait_for()
        press(page, "y")
        assert page.locator(".stMainBlockContainer script").count() == 0
        assert page.title() == "curate review"
    assert [kind for _, kind, _ in taken(workspace)] == ["relabel"] * 3 + ["undo", "skip", "confirm"]
    assert workspace.decisions()["action"].nunique() == 4


def test_a_score_is_shown_with_its_curves_or_why_there_are_none(copied: Workspace, page: "Page") -> None:
    version = freeze_version(copied, "v1", created=datetime(2026, 1, 1, tzinfo=UTC))
    recipe, protocol = (text.replace("/", "|") for text in HOSTILE[:2])  # a score lies under its run's name
    write_score(copied.manifests, perfect_score(version, recipe=recipe, protocol=protocol))
    with serving(copied.folder) as server:
        page.goto(server.address("ann", "versions"))
        page.get_by_text("is not on this machine").wait_for()
        (run,) = scored_runs(version)
        run.folder.path.mkdir(parents=True)
        (run.folder.path / "history.csv").write_text(
            "number,loss,accuracy,val_loss,val_accuracy,rate,pictures_per_s\n1,1.0,0.5,,,0.1,10\n"
        )
        page.reload()
        page.get_by_test_id("stVegaLiteChart").nth(2).wait_for()
        assert page.get_by_text("is not on this machine").count() == 0
        assert page.locator(".stMainBlockContainer script").count() == 0
        assert page.title() == "curate review"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_nobody_sees_anything_without_the_token(copied: Workspace, page: "Page", host: str) -> None:
    with serving(copied.folder, "--host", host) as server:
        assert len(server.token) == 32
        bare = f"http://127.0.0.1:{server.port}/?reviewer=ann"
        for wrong in ("", "&token=", f"&token={server.token[:-1]}", f"&token={'0' * 32}"):
            page.goto(bare + wrong)
            page.get_by_text("A token is needed").wait_for()
            assert page.locator(".board").count() == 0
        page.goto(server.address("ann"))
        wait_for_board(page)
        page.get_by_role("link", name="Grid").click()
        wait_for_board(page)
        page.reload()
        wait_for_board(page)
        page.goto(bare)
        page.get_by_text("A token is needed").wait_for()
        assert page.locator(".board").count() == 0


def test_it_stops_cleanly_and_says_what_is_in_the_way(copied: Workspace) -> None:
    server = Server(copied.folder)
    try:
        code, printed = server.interrupt()
        assert (code, "Traceback" in printed) == (0, False)
        assert f"http://127.0.0.1:{server.port}/" in printed
    finally:
        server.kill()


def test_a_port_that_is_taken_is_named(copied: Workspace) -> None:
    import socket
    import subprocess
    import sys

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", free_port()))
        busy.listen()
        port = str(busy.getsockname()[1])
        command = [sys.executable, "-c", "from curate.cli import main; main()", "review", "--port", port]
        result = subprocess.run([*command, "--workspace", str(copied.folder)], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (3, "")
    assert f"port {port}" in result.stderr
    assert "--port" in result.stderr
