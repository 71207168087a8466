"""Is what the catalog says what was written? Checked before it is released for good.

What a source delivered has had digests from the start: of each occurrence, of the source's last revision, of each
picture file. Samples have a checksum each. Of the other tables the sum of the rows' checksums is kept (table
`contents`): of those that one statement may change by triggers, of those that are written whole by `note_contents`.
"""

import hashlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import permutations, product
from typing import NamedTuple

from curate.catalog.connection import Catalog
from curate.catalog.tables import ACTIVE
from curate.emotions import LABELS
from curate.errors import CatalogDamaged

__all__ = ["check_catalog", "check_contents", "delivered_digest", "note_contents", "note_rows", "picture_gone"]

_RESTORE = "restore it from a backup, or move it away and ingest again"
_SEARCH_AGAIN = "run `curate duplicates` again"
_JUDGE_AGAIN = "run `curate suspects` again"


class _Summed(NamedTuple):
    """A table whose rows are summed: columns, what it holds in words, the way out of damage, and which rows count."""

    columns: str
    what: str
    way_out: str
    where: str = "1"


_SUMMED = {
    "sources": _Summed(
        "id, name, format, location, licence, state, revision, fingerprint, digest", "the list of sources", _RESTORE
    ),
    "decisions": _Summed(
        "id, action, kind, sample, other, label, reviewer, at, screen, note, undoes, given, source_labels",
        "the log of decisions",
        "restore it from a backup",
    ),
    "patches": _Summed("id, name, digest, applied, header", "the list of patches", _RESTORE),
    "patch_rows": _Summed("sample, patch, match, label, split, gold, left_out", "what patches say", _RESTORE),
    "pairs": _Summed(
        "a, b, kind, method, distance_bits, similarity, verdict, reason", "the pairs of the last search", _SEARCH_AGAIN
    ),
    "groups": _Summed("sample, first, keeper, diameter", "the groups of the last search", _SEARCH_AGAIN),
    "searches": _Summed("thorough, samples, report", "the report of the last search", _SEARCH_AGAIN),
    "suspects": _Summed(
        "run, sample, given, suggested, second, quality, reason, fold, probs",
        "the list of suspects",
        _JUDGE_AGAIN,
        "run = (SELECT run FROM suspect_runs)",
    ),
    "suspect_runs": _Summed("run, report", "the report of the last suspects", _JUDGE_AGAIN),
}
_RELEASED = ("sources", "decisions", "patches", "patch_rows", "pairs", "groups", "searches")
_SAMPLE = "digest, mode, width, height, hashes, brightness, contrast, sharpness, entropy, flags"


def check_catalog(catalog: Catalog) -> None:
    """Check everything that a release reads, picture files included.

    Not checked: which occurrences belong to a source whose ingest was interrupted, retired occurrences, and problems,
    which are in no version.

    Raises:
        CatalogDamaged: something is not as it was written; what, where, and the way out.
    """
    with catalog.snapshot() as connection:
        for check in (_check_file, _check_references, _check_sums, _check_samples, _check_pictures, _check_delivered):
            for fault in check(connection):
                raise CatalogDamaged(f"{catalog.path}: {fault}")


def check_contents(catalog: Catalog, *tables: str) -> None:
    """Check tables whose rows are summed.

    Raises:
        CatalogDamaged: one is not as it was written.
    """
    with catalog.snapshot() as connection:
        for fault in _check_sums(connection, tables):
            raise CatalogDamaged(f"{catalog.path}: {fault}")


def note_contents(connection: sqlite3.Connection, *tables: str) -> None:
    """Keep the sums of tables that were just written whole, in the same transaction."""
    for table in tables:
        connection.execute("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", (table, *_summed(connection, table)))


def note_rows(connection: sqlite3.Connection, table: str, checksums: Sequence[int]) -> None:
    """Like `note_contents`, from the checksums of all rows, so that no transaction is held while they are made."""
    sums = (len(checksums), sum(checksums) % 4294967296)
    connection.execute("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", (table, *sums))


def delivered_digest(sample: bytes, file: bytes, fields: tuple[str | None, ...]) -> bytes:
    """128 bits over all that was delivered for one occurrence; two that share it are the same occurrence.

    Args:
        sample: its digest.
        file: digest of the delivered bytes.
        fields: key, label as delivered and its name, split, subject, sequence, and the votes of each panel.
    """
    digest = hashlib.blake2b(sample + file, digest_size=16)
    digest.update("\x1f".join("\x00" if field is None else field for field in fields).encode())
    return digest.digest()


def picture_gone(sample_id: str) -> str:
    """What is wrong, and the way out."""
    return f"the picture of sample {sample_id} is gone; {_RESTORE}"


def _summed(connection: sqlite3.Connection, table: str) -> tuple[int, int]:
    columns, _, _, where = _SUMMED[table]
    sums: tuple[int, int] = connection.execute(
        f"SELECT count(*), coalesce(sum(row_checksum({columns})), 0) % 4294967296 FROM {table} WHERE {where}"
    ).fetchone()
    return sums


def _check_file(connection: sqlite3.Connection) -> Iterator[str]:
    for (line,) in connection.execute("PRAGMA integrity_check(1)"):
        if line != "ok":
            yield f"SQLite finds it damaged ({' '.join(line.split())}); {_RESTORE}"


def _check_references(connection: sqlite3.Connection) -> Iterator[str]:
    for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        way_out = _SUMMED[table].way_out if table in _SUMMED else _RESTORE
        yield f"{table} speaks of a row that {parent} does not hold; {way_out}"


def _check_sums(connection: sqlite3.Connection, tables: tuple[str, ...] = _RELEASED) -> Iterator[str]:
    noted = {name: sums for name, *sums in connection.execute("SELECT name, row_count, checksum FROM contents")}
    for table in tables:
        if noted.get(table) != [*_summed(connection, table)]:
            yield f"{_SUMMED[table].what} (table {table}) is not as it was written; {_SUMMED[table].way_out}"


def _check_samples(connection: sqlite3.Connection) -> Iterator[str]:
    wrong = f"SELECT lower(hex(digest)) FROM samples WHERE checksum IS NOT row_checksum({_SAMPLE})"
    for (sample_id,) in connection.execute(wrong):
        yield f"what was measured on sample {sample_id} is not as it was written; {_RESTORE}"


def _check_pictures(connection: sqlite3.Connection) -> Iterator[str]:
    """Every sample that counts has its picture, as stored, and the picture is of one of its occurrences."""
    digests = dict(connection.execute("SELECT id, digest FROM samples"))
    delivered: dict[int, set[tuple[bytes, str]]] = {}
    for sample, file, key in connection.execute(f"SELECT DISTINCT sample, file_digest, key FROM occurrences{ACTIVE}"):
        delivered.setdefault(sample, set()).add((file, key))
    rows = connection.execute("SELECT sample, file_digest, key, sha256, location, data FROM pictures")
    for sample, file, key, sha256, location, data in rows:
        places = delivered.pop(sample, None)
        if places is None:
            continue
        if location is not None or hashlib.sha256(data).digest() != sha256:
            yield f"the picture of sample {digests[sample].hex()} is not as it was stored; {_RESTORE}"
        elif (file, key) not in places and (sample, file, key) not in _retired(connection, sample):
            yield f"the picture of sample {digests[sample].hex()} is that of another; {_RESTORE}"
    for sample in delivered:
        yield picture_gone(digests[sample].hex())


def _retired(connection: sqlite3.Connection, sample: int) -> list[tuple[int, bytes, str]]:
    return connection.execute("SELECT sample, file_digest, key FROM occurrences WHERE sample = ?", (sample,)).fetchall()


def _check_delivered(connection: sqlite3.Connection) -> Iterator[str]:
    """Occurrences are what their digests say, and sources hold the occurrences that theirs say."""
    votes = _votes_by_occurrence(connection)
    samples = dict(connection.execute("SELECT id, digest FROM samples"))
    raw_labels = {number: both for number, *both in connection.execute("SELECT id, raw, name FROM raw_labels")}
    raw_labels[None] = [None, None]
    contents: defaultdict[int, list[bytes]] = defaultdict(list)
    late: Counter[int] = Counter()
    rows = connection.execute(
        "SELECT occurrences.id, sources.id, occurrences.revision > sources.revision, content, sample, file_digest, key,"
        f" given, split, subject, sequence FROM occurrences{ACTIVE}"
    )
    for number, source, is_late, content, sample, file, key, given, *others in rows:
        contents[source].append(content)
        late[source] += is_late
        fields = (key, *raw_labels[given], *others)
        if not _is_delivered(content, samples[sample], file, fields, votes.get(number, [])):
            yield f"what was delivered as {key} (sample {samples[sample].hex()}) is not as it was written; {_RESTORE}"
    for source, name, state, digest in connection.execute("SELECT id, name, state, digest FROM sources"):
        held = hashlib.sha256(b"".join(sorted(contents[source]))).digest()
        if (late[source] and state != "incomplete") or (state == "complete" and held != digest):
            yield f"the pictures of {name} are not those that were taken in; {_RESTORE}"


def _votes_by_occurrence(connection: sqlite3.Connection) -> dict[int, list[str]]:
    """The votes of each panel, as they are digested."""
    counts = " || ', ' || ".join(LABELS)
    rows = connection.execute(
        f"SELECT occurrence, group_concat(panel || '=(' || {counts} || ')', char(31)) FROM"
        " (SELECT * FROM votes ORDER BY occurrence, panel) GROUP BY occurrence"
    )
    return {occurrence: text.split("\x1f") for occurrence, text in rows}


def _is_delivered(content: bytes, sample: bytes, file: bytes, fields: tuple[str | None, ...], votes: list[str]) -> bool:
    """Whether the digest fits; the order of panels, and whether a label had a name of its own, are not stored."""
    if delivered_digest(sample, file, (*fields, *votes)) == content:
        return True
    key, raw, _, *others = fields
    names = {fields[2], None} if fields[2] == raw else {fields[2]}
    ways = product(names, permutations(votes))
    return any(delivered_digest(sample, file, (key, raw, each, *others, *order)) == content for each, order in ways)
