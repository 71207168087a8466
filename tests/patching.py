"""Workspaces that publish patches, and what has come of a patch elsewhere."""

import datetime as dt
from pathlib import Path

from layouts import face, png, write_tree

from curate.emotions import BASIC_EMOTIONS
from curate.images import encode_jpeg
from curate.ingest import ingest_source
from curate.version import NEWEST, freeze_version
from curate.version.patch import Applied, apply_patch, export_patch
from curate.workspace import Workspace

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
COUNT = 40


def emotion(number: int) -> str:
    return BASIC_EMOTIONS[number % 7]


def jpeg(number: int, quality: int = 90) -> bytes:
    return encode_jpeg(face(number, emotion(number)), quality)


def make(folder: Path, files: dict[str, bytes]) -> Workspace:
    workspace = Workspace.create(folder / "workspace")
    ingest_source(workspace, write_tree(folder / "faces", files))
    return workspace


def freeze(workspace: Workspace, name: str, *, parent: str | None = NEWEST) -> None:
    freeze_version(workspace, name, created=NOW + dt.timedelta(hours=len(workspace.version_names())), parent=parent)


def labelled(numbers: range = range(COUNT), *, suffix: str = "png", label: str | None = None) -> dict[str, bytes]:
    """Generated faces in class folders, under their own label or all under another."""
    picture = (lambda number: png(number, emotion(number))) if suffix == "png" else jpeg
    return {f"train/{label or emotion(number)}/{number}.{suffix}": picture(number) for number in numbers}


def publish(folder: Path) -> Workspace:
    """A workspace of forty faces, one of them with two labels, a version of them, and its patch beside it."""
    workspace = make(folder, {**labelled(), "train/happy/again.png": png(0, emotion(0))})
    freeze(workspace, "v1")
    export_patch(workspace, "v1", folder / "v1.patch")
    return workspace


def apply(workspace: Workspace, path: Path, *, replace: bool = False) -> Applied:
    return apply_patch(workspace, path, applied=NOW, replace=replace)


def by_number(workspace: Workspace, table: str) -> dict[str, list[object]]:
    """Label and split, or label and origin, by the number in the file's name."""
    keys = workspace.occurrences().drop_duplicates("sample_id").set_index("sample_id")["key"]
    name, version = ("split", workspace.version(table).rows()) if table else ("label_origin", workspace.samples())
    rows = version.set_index("sample_id")[["label", name]].astype(object)
    return {Path(keys[sample_id]).stem: row.tolist() for sample_id, row in rows.iterrows()}
