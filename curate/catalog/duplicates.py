"""Duplicate pairs and groups: written whole by each search, read by everybody."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from curate.catalog.connection import Catalog
from curate.catalog.integrity import note_contents
from curate.catalog.tables import ACTIVE
from curate.checksums import add_checksum, without_checksum

__all__ = [
    "Grouped",
    "Pair",
    "covered_digest",
    "doubt_of",
    "group_rows",
    "last_search",
    "load_fit",
    "load_verdicts",
    "pair_rows",
    "replace_duplicates",
    "replace_groups",
    "save_fit",
    "save_verdicts",
]


_NUMBERS = re.compile(r"\d\.\d+, \d\.\d+ is needed")


class Pair(NamedTuple):
    """Two samples that are, or may be, of one photograph; sample_a < sample_b."""

    sample_a: str
    sample_b: str
    kind: str
    method: str
    distance_bits: int
    similarity: float
    verdict: str
    reason: str = ""

    @property
    def doubt(self) -> str:
        """The reason without its numbers, by which doubtful pairs are sorted."""
        return doubt_of(self.reason)


def doubt_of(reason: str) -> str:
    """Why a person should look, without numbers: `aligned similarity too low between pictures of a known person`."""
    return _NUMBERS.sub("too low", reason)


class Grouped(NamedTuple):
    """One member of a duplicate group."""

    group_id: str
    sample_id: str
    keeper: bool
    diameter: int


def replace_duplicates(
    catalog: Catalog, pairs: Sequence[Pair], members: Sequence[Grouped], *, thorough: bool, report: Mapping[str, Any]
) -> None:
    """Replace the results of the previous search, in one transaction."""
    with catalog.transaction() as connection:
        ids = {digest.hex(): number for number, digest in connection.execute("SELECT id, digest FROM samples")}
        connection.execute("DELETE FROM pairs")
        connection.executemany(
            "INSERT INTO pairs (a, b, kind, method, distance_bits, similarity, verdict, reason)"
            " VALUES (:a, :b, :kind, :method, :distance_bits, :similarity, :verdict, :reason)",
            ({**pair._asdict(), "a": ids[pair.sample_a], "b": ids[pair.sample_b]} for pair in pairs),
        )
        _replace_groups(connection, members, ids)
        connection.execute(
            "INSERT OR REPLACE INTO searches VALUES (1, ?, ?, ?)",
            (int(thorough), report["samples"], json.dumps(report)),
        )
        note_contents(connection, "pairs", "searches")


def replace_groups(catalog: Catalog, members: Sequence[Grouped]) -> None:
    """Replace the groups; pairs and what the search covered stay."""
    with catalog.transaction() as connection:
        ids = {digest.hex(): number for number, digest in connection.execute("SELECT id, digest FROM samples")}
        _replace_groups(connection, members, ids)


def _replace_groups(connection: sqlite3.Connection, members: Sequence[Grouped], ids: Mapping[str, int]) -> None:
    connection.execute("DELETE FROM groups")
    connection.executemany(
        "INSERT INTO groups VALUES (?, ?, ?, ?)",
        [(ids[row.sample_id], ids[row.group_id], int(row.keeper), row.diameter) for row in members],
    )
    note_contents(connection, "groups")


def pair_rows(catalog: Catalog, *, retired: bool = False) -> Iterator[Pair]:
    """The pairs of the last search whose samples both have an active occurrence, ordered.

    Args:
        catalog: where.
        retired: also pairs of samples that have none any more.
    """
    # The plus signs keep SQLite from probing every pair of active samples instead of reading the pairs.
    active = "(SELECT id FROM samples)" if retired else f"(SELECT sample FROM occurrences{ACTIVE})"
    with catalog.snapshot() as connection:
        rows = connection.execute(
            "SELECT lower(hex(x.digest)), lower(hex(y.digest)), kind, method, distance_bits, similarity, verdict,"
            " reason FROM pairs JOIN samples x ON x.id = a JOIN samples y ON y.id = b"
            f" WHERE +a IN {active} AND +b IN {active} ORDER BY x.digest, y.digest"
        )
        for row in rows:
            yield Pair(*row)


def group_rows(catalog: Catalog) -> Iterator[Grouped]:
    """The groups of the last search, by group_id, then sample_id."""
    with catalog.snapshot() as connection:
        rows = connection.execute(
            "SELECT lower(hex(f.digest)), lower(hex(s.digest)), keeper, diameter FROM groups"
            " JOIN samples s ON s.id = sample JOIN samples f ON f.id = first ORDER BY f.digest, s.digest"
        )
        for group_id, sample_id, keeper, diameter in rows:
            yield Grouped(group_id, sample_id, bool(keeper), diameter)


def group_numbers(catalog: Catalog) -> dict[int, int]:
    """Sample row id -> row id of the first member of its group."""
    with catalog.snapshot() as connection:
        return dict(connection.execute("SELECT sample, first FROM groups"))


def covered_digest(sample_ids: Iterable[str]) -> str:
    """A digest of the samples that a search covered, to compare with those that are there now."""
    return hashlib.sha256("\n".join(sorted(sample_ids)).encode()).hexdigest()


def last_search(catalog: Catalog) -> dict[str, Any] | None:
    """The report of the last search; None when there was none."""
    with catalog.snapshot() as connection:
        row = connection.execute("SELECT report FROM searches").fetchone()
    return None if row is None else dict(json.loads(row[0]))


def load_verdicts(catalog: Catalog, method: str) -> bytes | None:
    """What an earlier search by this method measured; None = nothing is kept.

    Raises:
        CacheDamaged: it is not as it was saved.
    """
    with catalog.snapshot() as connection:
        row = connection.execute("SELECT data FROM verdicts WHERE method = ?", (method,)).fetchone()
    return None if row is None else without_checksum(row[0], purpose=method)


def save_verdicts(catalog: Catalog, method: str, data: bytes) -> None:
    """Keep what this search measured, for the next one; what other methods measured is dropped."""
    checked = add_checksum(data, purpose=method)
    with catalog.transaction() as connection:
        connection.execute("DELETE FROM verdicts WHERE method != ?", (method,))
        connection.execute("INSERT OR REPLACE INTO verdicts VALUES (?, ?)", (method, checked))


def load_fit(catalog: Catalog, method: str) -> bytes | None:
    """What was learned from a large collection by this method; None = nothing is kept.

    Raises:
        CacheDamaged: it is not as it was saved.
    """
    with catalog.snapshot() as connection:
        row = connection.execute("SELECT data FROM fits WHERE method = ?", (method,)).fetchone()
    return None if row is None else without_checksum(row[0], purpose=method)


def save_fit(catalog: Catalog, method: str, data: bytes) -> None:
    """Keep it until the collection has outgrown it."""
    with catalog.transaction() as connection:
        connection.execute("INSERT OR REPLACE INTO fits VALUES (?, ?)", (method, add_checksum(data, purpose=method)))


def sample_subjects(catalog: Catalog) -> dict[str, str]:
    """sample_id -> subject, for samples that show a known person (the alphabetically first, if several)."""
    with catalog.snapshot() as connection:
        return dict(
            connection.execute(
                f"SELECT lower(hex(samples.digest)), min(subject) FROM occurrences{ACTIVE}"
                " JOIN samples ON samples.id = sample WHERE subject IS NOT NULL GROUP BY samples.id"
            )
        )
