"""What a catalog says, without row ids: two catalogs with equal content cannot be told apart through the library."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

__all__ = ["catalog_content", "catalog_faults"]

_QUERIES = {
    "sources": "SELECT name, format, location, licence, state, revision, digest FROM sources",
    "samples": "SELECT digest, mode, width, height, hashes, brightness, contrast, sharpness, entropy, flags"
    " FROM samples",
    "pictures": "SELECT samples.digest, file_digest, key, sha256, data FROM pictures"
    " JOIN samples ON samples.id = sample",
    "raw_labels": "SELECT sources.name, raw, raw_labels.name FROM raw_labels JOIN sources ON sources.id = source",
    "occurrences": "SELECT sources.name, samples.digest, occurrences.revision, content, key, file_digest, raw,"
    " raw_labels.name, split, subject, sequence FROM occurrences JOIN sources ON sources.id = occurrences.source"
    " JOIN samples ON samples.id = sample LEFT JOIN raw_labels ON raw_labels.id = given",
    "votes": "SELECT sources.name, content, panel, angry, disgust, fear, happy, neutral, sad, surprise, contempt,"
    " unknown, not_a_face FROM votes JOIN occurrences ON occurrences.id = occurrence"
    " JOIN sources ON sources.id = source",
    "problems": "SELECT sources.name, problems.revision, key, kind, reason FROM problems"
    " JOIN sources ON sources.id = source",
}


def catalog_content(workspace: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by table, sorted; row ids are replaced by what they stand for."""
    with closing(_open(workspace)) as connection:
        return {name: sorted(connection.execute(query), key=repr) for name, query in _QUERIES.items()}


def catalog_faults(workspace: Path) -> list[tuple[Any, ...]]:
    """What SQLite itself finds wrong with the file and its references; empty = nothing."""
    with closing(_open(workspace)) as connection:
        integrity = connection.execute("PRAGMA integrity_check").fetchall()
        return [row for row in integrity if row != ("ok",)] + connection.execute("PRAGMA foreign_key_check").fetchall()


def _open(workspace: Path) -> sqlite3.Connection:
    path = workspace / ".curate" / "catalog.sqlite"
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True)
