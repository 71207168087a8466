"""A scripted reviewer in a real browser, who knows what was drawn, and what `curate diff` must show of its work."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from browsing import Server, wait_for_board, wait_for_next

from curate.emotions import LABELS
from curate.version import freeze_version
from curate.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["ORACLE", "Look", "changes_shown", "changes_told", "review"]

ORACLE = "oracle"


class Look(NamedTuple):
    """One picture that the oracle was shown, the label that the page gave it (empty = none), and the key it pressed."""

    sample: str
    screen: str
    given: str
    key: str


def review(page: "Page", server: Server, truth: Mapping[str, str], *, looks: int) -> list[Look]:
    """Answer for so many pictures by keyboard, in the order in which the queue shows them."""
    page.goto(server.address(ORACLE))
    done = []
    for _ in range(looks):
        board = wait_for_board(page)
        given = page.locator(".now").first.inner_text().replace(" ", "_").replace("no_label", "")
        drawn = truth[board["sample"]]
        key = "y" if drawn == given else str((LABELS.index(drawn) + 1) % 10)
        done.append(Look(board["sample"], board["screen"], given, key))
        page.keyboard.press(key)
        wait_for_next(page, board["sample"])
    return done


def changes_told(looks: list[Look], truth: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """sample_id -> the label before (empty = none) and after, of all pictures for which a digit was pressed."""
    return {look.sample: (look.given, truth[look.sample]) for look in looks if look.key != "y"}


def changes_shown(workspace: Workspace, a: str, b: str, *, created: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Release `b`; what `curate diff A B` shows.

    Returns:
        sample_id -> label before (empty = there was no such row) and after; and all else that it shows, which should
        be nothing: rows that are gone or lie elsewhere, and changes that are not put down to the oracle.
    """
    freeze_version(workspace, b, created=created)
    where = ("--workspace", str(workspace.folder), "--json")
    program = "from curate.cli import main; main()"
    command = [sys.executable, "-c", program, "diff", a, b, *where]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path.cwd().root).stdout
    told = json.loads(printed)
    changed = {row["sample_id"]: (row["label_a"], row["label_b"]) for row in told["relabelled"]}
    changed |= {row["sample_id"]: ("", row["label"]) for row in told["added"]}
    by = {(row["label_origin"], row["label_by"]) for row in told["relabelled"]} - {("reviewed", ORACLE)}
    left = {name: told[name] for name in ("removed", "moved", "withdrawn")} | {"by others": sorted(by)}
    return changed, {name: rows for name, rows in left.items() if len(rows)}
