"""A tour of the reviewer: every page as a picture, at two sizes, light and dark, to be looked at.

Usage: python benchmarks/reviewer_tour.py OUT [--workspace DIR]

Without a workspace it draws one: copies with conflicting labels, made-up suspects, decisions of three reviewers, two
versions, and made-up scores, of which one has its curves on this machine and the others have not.
"""

import argparse
import datetime as dt
import sys
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from curate.benchmark.figures import draw_confusion
from curate.benchmark.metrics import measure
from curate.catalog.decisions import append_decisions
from curate.catalog.duplicates import Pair, group_rows, last_search, pair_rows, replace_duplicates
from curate.decisions import Decision
from curate.demo import plant
from curate.duplicates import find_duplicates
from curate.emotions import LABELS
from curate.images import decode, encode_jpeg
from curate.ingest import ingest_source
from curate.runs.folder import run_folder
from curate.runs.history import Epoch
from curate.scores import Score, write_score
from curate.version import freeze_version
from curate.workspace import Workspace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from browsing import Server, browsing, press, serving, wait_for_board

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = ((1280, 800), (1920, 1080))
THEMES = ("light", "dark")
SUSPECTS = """
import numpy as np, pandas as pd
from curate.emotions import LABELS
from curate.workspace import Workspace

def suspects(self):
    table = self.samples()[["sample_id", "label"]].dropna().reset_index(drop=True)
    rng = np.random.default_rng(0)
    chances = rng.dirichlet(np.full(7, 0.4), len(table))
    ranks = chances.argsort(axis=1)
    found = table.rename(columns={"label": "given_label"})
    found["suggested_label"] = [LABELS[place] for place in ranks[:, -1]]
    found["second_suggestion"] = [LABELS[place] for place in ranks[:, -2]]
    found["quality"] = rng.random(len(table))
    found["reason"], found["fold"] = "another emotion is more likely out of fold", 0
    for place in range(7):
        found[f"prob_{LABELS[place]}"] = chances[:, place]
    return found

Workspace.suspects = suspects
"""


def main() -> None:
    """Take the tour."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workspace", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        workspace = options.workspace or make_workspace(Path(folder))
        with serving(workspace, "--votes", "2", before=SUSPECTS) as server, browsing() as browser:
            for (width, height), theme in product(SIZES, THEMES):
                context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
                walk(context.new_page(), server, options.out / f"{width}-{theme}")
                context.close()
    print("\n".join(sorted(str(path) for path in options.out.glob("*.png"))))


def make_workspace(folder: Path) -> Workspace:
    """A workspace with something on every page; its folder."""
    workspace = Workspace.create(folder / "workspace")
    planted = plant(folder, seed=7, people=60)
    for place in (planted.faces, planted.sequences):
        ingest_source(workspace, place)
    ingest_source(workspace, _contradicting_copies(workspace, folder / "copies"))
    find_duplicates(workspace, thorough=True)
    _add_doubtful_pair(workspace)
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    freeze_version(workspace, "v1", created=now)
    rng = np.random.default_rng(1)
    names = workspace.samples()["sample_id"].tolist()[:40]
    with workspace.catalog() as catalog:
        for number, (name, who) in enumerate(product(names, ("ann", "bob", "cem"))):
            label = ("happy", "sad", "neutral")[int(rng.choice(3, p=(0.7, 0.2, 0.1)))]
            at = (now + dt.timedelta(seconds=number)).isoformat()
            append_decisions(
                catalog,
                [Decision(action=f"{number:032x}", kind="relabel", sample_id=name, label=label, reviewer=who, at=at)],
            )
            again = Decision(
                action=f"{number:031x}f",
                kind="relabel",
                sample_id=name,
                label=label,
                reviewer=who,
                at=at,
                screen="repeat-mirrored",
            )
            append_decisions(catalog, [again])
    freeze_version(workspace, "v2", created=now + dt.timedelta(days=1))
    for version, seed in product(("v1", "v2"), range(3)):
        _make_up_score(workspace, version, seed, rng)
    return workspace.folder


def _add_doubtful_pair(workspace: Workspace) -> None:
    one, two = workspace.samples()["sample_id"].tolist()[100:102]
    pair = Pair(one, two, "re-cropped", "made-up", 9, 0.4, "review", "a third of the picture differs")
    with workspace.catalog() as catalog:
        report = last_search(catalog) or {}
        pairs, members = list(pair_rows(catalog)), list(group_rows(catalog))
        replace_duplicates(catalog, sorted([*pairs, pair]), members, thorough=True, report=report)


def _make_up_score(workspace: Workspace, version: str, seed: int, rng: np.random.Generator) -> None:
    labels, classes = rng.integers(7, size=300), list(LABELS[:7])
    predicted = np.where(rng.random(300) < 0.6, labels, rng.integers(7, size=300))
    measures = measure(labels, np.eye(7)[predicted], classes)
    header = workspace.version(version).header
    score = {
        "version": version, "recipe": "made-up", "recipe_digest": "", "protocol": "leak-free", "leaks": False,
        "source": None, "seed": seed, "epochs": 30, "scored": {"gold": measures.to_json()}, "pictures_per_s": 100.0,
        "seconds": 1.0, "environment": {"device": "none"}, "version_digest": header.digest, "line": header.line,
        "gold": header.gold.digest, "classes": classes, "fingerprint": "", "gold_labels_of": version,
        "trained_on": 1_000,
    }  # fmt: skip
    path = write_score(workspace.manifests, Score.from_json(score))
    draw_confusion(path.with_suffix(".png"), measures.confusion, LABELS[:7], title=f"made-up on {version}: gold")
    if seed == 0:
        falling = [(number, float(np.exp(-number / 8))) for number in range(1, 31)]
        history = [Epoch(n, 0.4 + left, 0.8 - left / 2, 0.6 + left, 0.7 - left / 2, 0.1, 1.0) for n, left in falling]
        run_folder(workspace.version(version), path.stem, "").write_history(history)


def _contradicting_copies(workspace: Workspace, folder: Path) -> Path:
    """Re-encoded copies of thirty faces, all said to be surprised."""
    (folder / "surprise").mkdir(parents=True)
    for sample_id in workspace.samples()["sample_id"].tolist()[60:90]:
        pixels = decode(workspace.picture_bytes(sample_id)).pixels
        (folder / "surprise" / f"a copy of {sample_id[:8]} <b>&amp;.jpg").write_bytes(encode_jpeg(pixels, 60))
    return folder


def walk(page: "Page", server: Server, stem: Path) -> None:
    """Every page, and the list of keys."""

    def shoot(name: str) -> None:
        page.wait_for_timeout(1200)
        page.screenshot(path=f"{stem}-{name}.png")

    walk_boards(page, server, shoot)
    walk_tables(page, server, shoot)


def walk_boards(page: "Page", server: Server, shoot: Callable[[str], None]) -> None:
    """Name, queue, keys, filters, grid, duplicates."""
    page.goto(f"http://127.0.0.1:{server.port}/?token={server.token}")
    page.get_by_text("Who is reviewing?").wait_for(timeout=30_000)
    shoot("0-name")
    page.goto(server.address("dora"))
    wait_for_board(page)
    shoot("1-queue")
    page.keyboard.press("h")
    shoot("2-keys")
    page.keyboard.press("h")
    for _ in range(60):
        if page.locator(".copies").is_visible():
            break
        press(page, "s")
    page.keyboard.press("g")
    shoot("b-group")
    page.goto(server.address("dora", "grid"))
    wait_for_board(page)
    for key in (" ", "ArrowRight", "ArrowDown", " ", "ArrowRight"):
        page.keyboard.press(key)
    shoot("3-grid")
    page.goto(server.address("dora", "duplicates"))
    wait_for_board(page)
    shoot("4-duplicates")
    page.get_by_text("Doubtful pairs", exact=True).click()
    page.wait_for_timeout(1000)
    shoot("5-pairs")
    page.goto(server.address("dora"))
    wait_for_board(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    shoot("a-filters")
    page.goto(server.address("dora", "grid"))
    wait_for_board(page)
    if page.get_by_test_id("stExpandSidebarButton").is_visible():
        page.get_by_test_id("stExpandSidebarButton").click()
    shoot("e-grid-filters")


def walk_tables(page: "Page", server: Server, shoot: Callable[[str], None]) -> None:
    """Reviews and versions."""
    page.goto(server.address("dora", "reviews"))
    page.get_by_text("Between reviewers").wait_for()
    shoot("6-reviews")
    page.get_by_role("tab", name="To settle").click()
    shoot("7-settle")
    page.get_by_role("tab", name="All decisions").click()
    shoot("8-log")
    page.goto(server.address("dora", "versions"))
    page.get_by_text("Class balance").wait_for()
    page.wait_for_timeout(500)
    shoot("9-versions")
    page.get_by_role("heading", name="A run").scroll_into_view_if_needed()
    page.mouse.move(400, 500)
    page.mouse.wheel(0, 5000)
    shoot("c-run")
    page.get_by_role("combobox", name="Run").click()
    page.get_by_role("option").nth(1).click()
    shoot("d-run-elsewhere")


if __name__ == "__main__":
    main()
