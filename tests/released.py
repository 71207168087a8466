"""Workspaces of generated faces with a version to work on."""

import datetime as dt
from pathlib import Path

import numpy as np
from layouts import VOTE_HEADER, face, pixel_text, table_text, votes_for, write_tree

from curate.emotions import FER2013_IDS
from curate.images import encode_png
from curate.ingest import ingest_source
from curate.manifest import Version
from curate.version import freeze_version
from curate.workspace import Workspace

NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
USAGES = ("Training", "Training", "Training", "PublicTest", "PrivateTest")


def fer2013_workspace(folder: Path, rows: int = 70) -> Workspace:
    """A workspace with the first rows of a generated fer2013.csv; splits and votes as delivered."""
    table = [
        [number % 7, pixel_text(face(number, FER2013_IDS[number % 7])), USAGES[number // 7 % 5]]
        for number in range(rows)
    ]
    votes = [[row[2], f"fer{number:07d}.png", *votes_for(FER2013_IDS[number % 7])] for number, row in enumerate(table)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fer2013.csv").write_bytes(table_text(["emotion", "pixels", "Usage"], table))
    (folder / "fer2013new.csv").write_bytes(table_text(VOTE_HEADER, votes))
    workspace = Workspace.create(folder / "workspace")
    ingest_source(workspace, folder / "fer2013.csv", labels=folder / "fer2013new.csv")
    return workspace


def mixed_workspace(folder: Path) -> Workspace:
    """A workspace with pictures of many sizes in gray and colour."""
    files = {}
    for number in range(24):
        split = ("train", "train", "val", "test")[number // 6]
        files[f"{split}/{('happy', 'sad', 'fear')[number % 3]}/{number}.png"] = encode_png(odd_picture(number))
    workspace = Workspace.create(folder / "workspace")
    ingest_source(workspace, write_tree(folder / "mixed", files))
    return workspace


def odd_picture(number: int) -> np.ndarray:
    """A face, enlarged and cut to a size of its own; every other one in colour."""
    gray = face(number)[: 40 + number % 5, : 30 + number % 11]
    if number % 2:
        return gray
    return np.stack([gray, gray // 2, 255 - gray], axis=2)


def freeze(workspace: Workspace, name: str = "v1") -> Version:
    """Release with the official splits."""
    return freeze_version(workspace, name, created=NOON, keep_official_splits=True)
