"""Workspaces to review: generated faces, with suspects that the test makes up."""

from pathlib import Path

import pandas as pd
from layouts import face, pixel_text, png, table_text, write_tree

from curate.emotions import FER2013_IDS
from curate.ingest import ingest_source
from curate.review.actions import ReviewAction
from curate.review.queue import EVERYTHING, Filters
from curate.review.session import ReviewSession
from curate.workspace import Workspace

AT = "2026-01-01T00:00:00+00:00"
ALL = Filters()
EVERY = Filters(scope=EVERYTHING)


def write_table(path: Path, count: int) -> Path:
    """fer2013.csv with `count` faces, all said to be happy."""
    number = next(number for number, name in FER2013_IDS.items() if name == "happy")
    rows: list[list[object]] = [
        [number, pixel_text(face(place)), ("Training", "PublicTest")[place % 4 == 3]] for place in range(count)
    ]
    path.write_bytes(table_text(["emotion", "pixels", "Usage"], rows))
    return path


def fill(workspace: Workspace, count: int, folder: Path) -> list[str]:
    """Ingest `count` faces; their sample_ids by row."""
    ingest_source(workspace, write_table(folder / "fer2013.csv", count))
    return workspace.occurrences()["sample_id"].tolist()


def contradict(workspace: Workspace, folder: Path, numbers: list[int]) -> None:
    """The same faces once more, said to be sad."""
    ingest_source(workspace, write_tree(folder / "others", {f"sad/{number}.png": png(number) for number in numbers}))


def suspects_for(samples: list[str], *, suggested: str = "sad") -> pd.DataFrame:
    """Suspects in this order, worst first."""
    columns = {"given_label": "happy", "suggested_label": suggested, "second_suggestion": "fear", "fold": 0}
    table = pd.DataFrame({"sample_id": pd.array(samples, dtype="str")})
    for name, value in columns.items():
        table[name] = value
    table["quality"] = [0.1 + 0.8 * place / len(samples) for place in range(len(samples))]
    table["reason"] = "the model says sad"
    return table


def press(session: ReviewSession, reviewer: str, key: str, *samples: str, **more: str) -> str:
    """Press a key on a page; the name of the action."""
    page = more.pop("page", "queue")
    action = more.pop("action", f"{len(session.workspace.decisions()):032x}")
    act = ReviewAction(action, key, samples, more.pop("screen", page), int(more.pop("reading", session.news.reading)))
    session.act(reviewer, act, page, at=more.pop("at", AT), now=float(more.pop("now", "0")))
    return action


def shown(session: ReviewSession, reviewer: str, filters: Filters = ALL, *, now: float = 0.0) -> list[str]:
    """sample_ids that a reviewer is shown next."""
    return [card["sample"] for card in session.cards(reviewer, filters, now)[0]]
