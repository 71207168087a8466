"""Reading the catalog. An occurrence counts while its source's current revision, or a newer one, holds it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from curate.catalog.connection import Catalog
from curate.emotions import LABELS

__all__ = [
    "ACTIVE",
    "Links",
    "OccurrenceRow",
    "RawLabels",
    "SampleRow",
    "SourceRow",
    "active_ids",
    "find_places",
    "find_samples",
    "occurrence_rows",
    "origin_rows",
    "placed_rows",
    "problem_rows",
    "read_links",
    "read_raw_labels",
    "read_votes",
    "retired_sample_rows",
    "sample_numbers",
    "sample_rows",
    "shared_keys",
    "source_names",
    "source_rows",
    "vote_rows",
]

ACTIVE = " JOIN sources ON sources.id = occurrences.source AND occurrences.revision >= sources.revision "
_SAMPLE = (
    "SELECT id, lower(hex(digest)), width, height, mode, hashes, brightness, contrast, sharpness, entropy, flags"
    " FROM samples WHERE"
)
_VOTES = ", ".join(f"votes.{label}" for label in LABELS)


class SourceRow(NamedTuple):
    """One source as the catalog knows it; counts are of active occurrences."""

    id: int
    name: str
    format: str
    location: str
    licence: str
    state: str
    revision: int
    fingerprint: str
    digest: str | None
    occurrences: int
    samples: int
    retired: int
    problems: int


class SampleRow(NamedTuple):
    """One sample as it was measured; see `hashing.Quality` for the measures."""

    row: int
    sample_id: str
    width: int
    height: int
    mode: str
    hashes: bytes
    brightness: float
    contrast: float
    sharpness: float
    entropy: float
    flags: str


class OccurrenceRow(NamedTuple):
    """One place where a sample was found, as it was delivered; `given` is the row id of a raw label."""

    row: int
    sample_id: str
    source: str
    key: str
    given: int | None
    split: str | None
    subject: str | None
    sequence: str | None
    file_digest: str


class RawLabels(NamedTuple):
    """The distinct labels as delivered: parallel lists, one entry per (source, raw, name)."""

    id: list[int]
    source: list[str]
    raw: list[str]
    name: list[str]


class Links(NamedTuple):
    """Active occurrences as numbers, in order of delivery: parallel (N,) int64 arrays.

    Attributes:
        occurrence: row id.
        sample: row id of the sample.
        source: row id of the source.
        given: row id of the given label; 0 = none.
    """

    occurrence: np.ndarray
    sample: np.ndarray
    source: np.ndarray
    given: np.ndarray


def source_rows(catalog: Catalog) -> list[SourceRow]:
    """Every source ever ingested, in order of first ingest."""
    with catalog.snapshot() as connection:
        rows = connection.execute(
            "SELECT id, name, format, location, licence, state, revision, fingerprint, lower(hex(digest)),"
            " (SELECT count(*) FROM occurrences o WHERE o.source = sources.id AND o.revision >= sources.revision),"
            " (SELECT count(DISTINCT sample) FROM occurrences o"
            "  WHERE o.source = sources.id AND o.revision >= sources.revision),"
            " (SELECT count(*) FROM occurrences o WHERE o.source = sources.id AND o.revision < sources.revision),"
            " (SELECT count(*) FROM problems p WHERE p.source = sources.id) FROM sources ORDER BY id"
        ).fetchall()
    return [SourceRow(*row) for row in rows]


def source_names(catalog: Catalog) -> tuple[list[int], tuple[str, ...]]:
    """Row ids and names of every source ever ingested, in order of first ingest."""
    with catalog.snapshot() as connection:
        rows = connection.execute("SELECT id, name FROM sources ORDER BY id").fetchall()
    return [row for row, _ in rows], tuple(name for _, name in rows)


def read_raw_labels(catalog: Catalog) -> RawLabels:
    """All labels as delivered, by any source, in order of first delivery."""
    with catalog.snapshot() as connection:
        rows = connection.execute(
            "SELECT raw_labels.id, sources.name, raw, raw_labels.name FROM raw_labels"
            " JOIN sources ON sources.id = raw_labels.source ORDER BY raw_labels.id"
        ).fetchall()
    return RawLabels(*(list(column) for column in zip(*rows, strict=True))) if rows else RawLabels([], [], [], [])


def read_links(catalog: Catalog) -> Links:
    """Who shows which sample with which given label."""
    with catalog.snapshot() as connection:
        rows = connection.execute(
            f"SELECT occurrences.id, sample, source, coalesce(given, 0) FROM occurrences{ACTIVE}"
            " ORDER BY occurrences.id"
        ).fetchall()
    return Links(*np.array(rows, np.int64).reshape(-1, 4).T)


def read_votes(catalog: Catalog) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Votes on active occurrences.

    Returns:
        (M,) int64 occurrence row ids, the M panel names, and (M, len(LABELS)) int64 counts; ordered by occurrence,
        then panel.
    """
    with catalog.snapshot() as connection:
        rows = connection.execute(
            f"SELECT occurrence, panel, {_VOTES} FROM votes JOIN occurrences ON occurrences.id = occurrence{ACTIVE}"
            " ORDER BY occurrence, panel"
        ).fetchall()
    counts = np.array([counts for _, _, *counts in rows], np.int64).reshape(-1, len(LABELS))
    return np.array([occurrence for occurrence, *_ in rows], np.int64), [panel for _, panel, *_ in rows], counts


def sample_rows(catalog: Catalog) -> Iterator[SampleRow]:
    """Samples with an active occurrence, by sample_id."""
    with catalog.snapshot() as connection:
        active = f"id IN (SELECT sample FROM occurrences{ACTIVE})"
        yield from map(SampleRow._make, connection.execute(f"{_SAMPLE} {active} ORDER BY digest"))


def retired_sample_rows(catalog: Catalog, sample_ids: Iterable[str]) -> list[SampleRow]:
    """The same of samples by name without an active occurrence; those that the catalog never held are passed over."""
    with catalog.snapshot() as connection:
        active = {row for (row,) in connection.execute(f"SELECT DISTINCT sample FROM occurrences{ACTIVE}")}
        named = (connection.execute(f"{_SAMPLE} digest = ?", (bytes.fromhex(name),)) for name in sample_ids)
        rows = [SampleRow._make(row) for cursor in named for row in cursor]
        return [row for row in rows if row.row not in active]


def active_ids(catalog: Catalog) -> list[str]:
    """sample_ids with an active occurrence, ascending."""
    with catalog.snapshot() as connection:
        rows = connection.execute(
            f"SELECT lower(hex(digest)) FROM samples WHERE id IN (SELECT sample FROM occurrences{ACTIVE})"
            " ORDER BY digest"
        ).fetchall()
    return [row[0] for row in rows]


def occurrence_rows(catalog: Catalog) -> Iterator[OccurrenceRow]:
    """Active occurrences, by source, in order of delivery."""
    with catalog.snapshot() as connection:
        rows = connection.execute(
            "SELECT occurrences.id, lower(hex(samples.digest)), sources.name, key, given, split, subject, sequence,"
            f" lower(hex(file_digest)) FROM occurrences{ACTIVE} JOIN samples ON samples.id = sample"
            " ORDER BY sources.name, occurrences.id"
        )
        yield from map(OccurrenceRow._make, rows)


def shared_keys(catalog: Catalog) -> list[tuple[str, str | None, str | None]]:
    """sample_id, subject and sequence of active occurrences that have either."""
    with catalog.snapshot() as connection:
        return connection.execute(
            f"SELECT lower(hex(samples.digest)), subject, sequence FROM occurrences{ACTIVE}"
            " JOIN samples ON samples.id = sample WHERE subject IS NOT NULL OR sequence IS NOT NULL"
        ).fetchall()


def origin_rows(catalog: Catalog) -> list[tuple[str, str, str, str]]:
    """What exports of versions say of samples, retired ones too: sample_id, lineage, parent or nothing, transform."""
    with catalog.snapshot() as connection:
        return connection.execute(
            "SELECT lower(hex(digest)), lower(hex(lineage)), lower(hex(parent)), transform FROM origins"
            " JOIN samples ON samples.id = sample ORDER BY sample, lineage, parent, transform"
        ).fetchall()


def placed_rows(catalog: Catalog) -> Iterator[tuple[int, str, int | None, str | None]]:
    """Active occurrences, in no order: sample row id, source, given row id, split as delivered."""
    with catalog.snapshot() as connection:
        yield from connection.execute(f"SELECT sample, sources.name, given, split FROM occurrences{ACTIVE}")


def vote_rows(catalog: Catalog) -> Iterator[tuple[Any, ...]]:
    """Votes on active occurrences: sample_id, source, key, panel, one count per label of `LABELS`."""
    with catalog.snapshot() as connection:
        yield from connection.execute(
            f"SELECT lower(hex(samples.digest)), sources.name, key, panel, {_VOTES} FROM votes"
            f" JOIN occurrences ON occurrences.id = occurrence{ACTIVE} JOIN samples ON samples.id = sample"
            " ORDER BY sources.name, occurrence, panel"
        )


def problem_rows(catalog: Catalog) -> Iterator[tuple[Any, ...]]:
    """Problems of every source: source, key, kind, reason."""
    with catalog.snapshot() as connection:
        yield from connection.execute(
            "SELECT sources.name, key, kind, reason FROM problems JOIN sources ON sources.id = problems.source"
            " ORDER BY sources.name, key, kind, reason"
        )


def find_samples(catalog: Catalog, prefix: str, *, limit: int) -> list[str]:
    """`sample_id`s that begin with `prefix` (lower-case hex), at most `limit` of them, retired ones too."""
    low, high = prefix.ljust(64, "0"), prefix.ljust(64, "f")
    with catalog.snapshot() as connection:
        rows = connection.execute(
            "SELECT lower(hex(digest)) FROM samples WHERE digest BETWEEN ? AND ? ORDER BY digest LIMIT ?",
            (bytes.fromhex(low), bytes.fromhex(high), limit),
        ).fetchall()
    return [row[0] for row in rows]


def find_places(catalog: Catalog, ending: str) -> list[tuple[str, str, str]]:
    """Active occurrences whose key ends with a text: sample_id, source and key, by source and order of delivery."""
    with catalog.snapshot() as connection:
        return connection.execute(
            f"SELECT lower(hex(samples.digest)), sources.name, key FROM occurrences{ACTIVE}"
            " JOIN samples ON samples.id = sample WHERE substr(key, -length(?)) = ?"
            " ORDER BY sources.name, occurrences.id",
            (ending, ending),
        ).fetchall()


def sample_numbers(catalog: Catalog, sample_ids: Sequence[str]) -> dict[str, int]:
    """sample_id -> row id, of those that the catalog knows."""
    with catalog.snapshot() as connection:
        found = (
            (name, connection.execute("SELECT id FROM samples WHERE digest = ?", (bytes.fromhex(name),)).fetchone())
            for name in sample_ids
        )
        return {name: row[0] for name, row in found if row is not None}
