"""Writing what a source delivered: begin a revision, record batches, finish it.

A revision may be killed at any moment: batches are whole, recording one twice changes nothing, and until `finish` the
source counts as incomplete. Occurrences that the new revision does not hold are thereby retired, never deleted.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from curate.catalog.connection import Catalog
from curate.catalog.integrity import delivered_digest
from curate.checksums import row_checksum
from curate.sample import IngestedItem, Problem, SourceItem

__all__ = ["Recorded", "Revision", "begin_revision", "finish_revision", "record_batch", "retire_source"]


@dataclass(frozen=True, slots=True)
class Revision:
    """A delivery of a source that is being recorded."""

    source: int
    number: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch brought: occurrences that are new, and samples never seen before."""

    new_occurrences: int = 0
    new_samples: int = 0

    def __add__(self, other: "Recorded") -> "Recorded":
        return Recorded(self.new_occurrences + other.new_occurrences, self.new_samples + other.new_samples)


def begin_revision(
    catalog: Catalog, name: str, *, format_name: str, location: str, licence: str, fingerprint: str
) -> Revision:
    """Start recording the delivery with that fingerprint; what an interrupted attempt left is taken up again."""
    with catalog.transaction() as connection:
        interrupted = connection.execute(
            "SELECT 1 FROM sources WHERE name = ? AND state = 'incomplete'", (name,)
        ).fetchone()
        connection.execute(
            "INSERT INTO sources (name, format, location, licence, state, revision, fingerprint)"
            " VALUES (?, ?, ?, ?, 'incomplete', 0, ?) ON CONFLICT (name) DO UPDATE SET format = excluded.format,"
            " location = excluded.location, licence = excluded.licence, state = 'incomplete',"
            " fingerprint = excluded.fingerprint",
            (name, format_name, location, licence, fingerprint),
        )
        source, done = connection.execute("SELECT id, revision FROM sources WHERE name = ?", (name,)).fetchone()
        revision = Revision(source, done + 1)
        if interrupted:  # that attempt may have read a delivery that has changed since
            connection.execute(
                "UPDATE occurrences SET revision = ? WHERE source = ? AND revision = ?", (done, source, done + 1)
            )
            connection.execute("DELETE FROM problems WHERE source = ? AND revision = ?", (source, done + 1))
    return revision


def record_batch(
    catalog: Catalog, revision: Revision, taken: Sequence[IngestedItem], problems: Iterable[Problem]
) -> Recorded:
    """Record pictures and problems in one transaction."""
    with catalog.transaction() as connection:
        new_samples = _insert_samples(connection, taken)
        _keep_lowest_pictures(connection, taken)
        given = _given_ids(connection, revision.source, taken)
        new_occurrences = _insert_occurrences(connection, revision, taken, given)
        _insert_origins(connection, taken)
        noted = [problem for each in taken for problem in each.notes]
        connection.executemany(
            "INSERT OR IGNORE INTO problems VALUES (?, ?, ?, ?, ?)",
            [(revision.source, revision.number, p.key, p.kind, p.reason) for p in (*noted, *problems)],
        )
    return Recorded(new_occurrences, new_samples)


def finish_revision(catalog: Catalog, revision: Revision) -> int:
    """Make the revision the source's current one.

    Returns:
        How many occurrences of the revision before it are thereby retired.
    """
    digest = hashlib.sha256()
    with catalog.snapshot() as connection:  # outside the transaction, which must stay short
        held = "SELECT content FROM occurrences WHERE source = ? AND revision = ? ORDER BY content"
        for (content,) in connection.execute(held, astuple(revision)):
            digest.update(content)
    with catalog.transaction() as connection:
        retired = connection.execute(
            "SELECT count(*) FROM occurrences WHERE source = ? AND revision = ?",
            (revision.source, revision.number - 1),
        ).fetchone()[0]
        connection.execute(
            "UPDATE sources SET state = 'complete', revision = ?, digest = ? WHERE id = ?",
            (revision.number, digest.digest(), revision.source),
        )
        connection.execute("DELETE FROM problems WHERE source = ? AND revision < ?", (revision.source, revision.number))
    return int(retired)


def retire_source(catalog: Catalog, name: str) -> int | None:
    """Retire every occurrence of a source.

    Returns:
        How many were retired; None when the catalog has no such source.
    """
    with catalog.transaction() as connection:
        row = connection.execute("SELECT id, revision FROM sources WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        source, number = row
        retired = connection.execute(
            "SELECT count(*) FROM occurrences WHERE source = ? AND revision >= ?", (source, number)
        ).fetchone()[0]
        # Two steps on, so that an interrupted revision (number + 1) is retired with the rest.
        connection.execute(
            "UPDATE sources SET state = 'forgotten', revision = ?, fingerprint = '', digest = NULL WHERE id = ?",
            (number + 2, source),
        )
        connection.execute("DELETE FROM problems WHERE source = ?", (source,))
    return int(retired)


def occurrence_digest(taken: IngestedItem) -> bytes:
    """Identifies an occurrence; see `integrity.delivered_digest`."""
    delivered: SourceItem = taken.delivered
    fields = (
        delivered.key,
        delivered.given_raw,
        delivered.given_name,
        delivered.split,
        delivered.subject,
        delivered.sequence,
        *(f"{panel.name}={panel.counts}" for panel in delivered.panels),
    )
    return delivered_digest(taken.sample.digest, taken.file_digest, fields)


def _insert_samples(connection: sqlite3.Connection, taken: Sequence[IngestedItem]) -> int:
    before = connection.total_changes
    connection.executemany(
        "INSERT OR IGNORE INTO samples (digest, mode, width, height, hashes, brightness, contrast, sharpness, entropy,"
        " flags, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*each.sample, row_checksum(*each.sample)) for each in taken],
    )
    return connection.total_changes - before


def _keep_lowest_pictures(connection: sqlite3.Connection, taken: Sequence[IngestedItem]) -> None:
    connection.executemany(
        "INSERT INTO pictures (sample, file_digest, key, sha256, data)"
        " VALUES ((SELECT id FROM samples WHERE digest = ?), ?, ?, ?, ?)"
        " ON CONFLICT (sample) DO UPDATE SET file_digest = excluded.file_digest, key = excluded.key,"
        " sha256 = excluded.sha256, data = excluded.data, location = excluded.location"
        " WHERE (excluded.file_digest, excluded.key) < (file_digest, key)",
        [
            (
                each.sample.digest,
                each.file_digest,
                each.delivered.key,
                each.file_digest if each.delivered.form == "file" else hashlib.sha256(each.stored).digest(),
                each.stored,
            )
            for each in taken
        ],
    )


def _given_ids(
    connection: sqlite3.Connection, source: int, taken: Sequence[IngestedItem]
) -> dict[tuple[str, str], int]:
    wanted = {_given(each.delivered) for each in taken if each.delivered.given_raw is not None}
    connection.executemany(
        "INSERT OR IGNORE INTO raw_labels (source, raw, name) VALUES (?, ?, ?)",
        [(source, raw, name) for raw, name in sorted(wanted)],
    )
    rows = connection.execute("SELECT raw, name, id FROM raw_labels WHERE source = ?", (source,))
    return {(raw, name): number for raw, name, number in rows}


def _given(delivered: SourceItem) -> tuple[str, str]:
    raw = delivered.given_raw or ""
    return raw, raw if delivered.given_name is None else delivered.given_name


def _insert_occurrences(
    connection: sqlite3.Connection, revision: Revision, taken: Sequence[IngestedItem], given: dict[tuple[str, str], int]
) -> int:
    contents = [occurrence_digest(each) for each in taken]
    before = _last_occurrence(connection)
    connection.executemany(
        "INSERT INTO occurrences (source, content, revision, sample, key, file_digest, given, split, subject, sequence)"
        " VALUES (?, ?, ?, (SELECT id FROM samples WHERE digest = ?), ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source, content) DO UPDATE SET revision = excluded.revision",
        [
            (
                revision.source,
                content,
                revision.number,
                each.sample.digest,
                each.delivered.key,
                each.file_digest,
                None if each.delivered.given_raw is None else given[_given(each.delivered)],
                each.delivered.split,
                each.delivered.subject,
                each.delivered.sequence,
            )
            for each, content in zip(taken, contents, strict=True)
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO votes VALUES ((SELECT id FROM occurrences WHERE source = ? AND content = ?),"
        " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (revision.source, content, panel.name, *panel.counts)
            for each, content in zip(taken, contents, strict=True)
            for panel in each.delivered.panels
        ],
    )
    return _last_occurrence(connection) - before


def _insert_origins(connection: sqlite3.Connection, taken: Sequence[IngestedItem]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO origins SELECT id, ?, ?, ? FROM samples WHERE digest = ?",
        [
            (bytes.fromhex(origin.lineage), bytes.fromhex(origin.parent), origin.transform, each.sample.digest)
            for each in taken
            if (origin := each.delivered.origin) is not None
        ],
    )


def _last_occurrence(connection: sqlite3.Connection) -> int:
    """The highest id; ids are given out one by one and never freed."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM occurrences").fetchone()[0])
