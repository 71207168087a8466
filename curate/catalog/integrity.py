"""Is what the catalog says what was written? Checked before it is released for good.

What a source delivered has had digests from the start: of each occurrence, of the source's last revision, of each
picture file. Samples have a checksum each. Of the other tables the sum of the rows' checksums is kept (table
`contents`): of those that one statement may change by triggers, of those that are written whole by `note_contents`.
"""

import hashlib
import sqlite3
from collections import defaultdict
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
        "run = (SELECT run FROM judgings)",
    ),
    "judgings": _Summed("run, report", "the report of the last suspects", _JUDGE_AGAIN),
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
    own = _SUMMED[table]
    found: tuple[int, int] = connection.execute(
        f"SELECT count(*), coalesce(sum(row_checksum({own.columns})), 0) % 4294967296 FROM {table} WHERE {own.where}"
    ).fetchone()
    return found


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
    pictures = connection.execute(
        f"SELECT digest, sha256, data FROM (SELECT DISTINCT sample FROM occurrences{ACTIVE}) active"
        " JOIN samples ON samples.id = active.sample LEFT JOIN pictures ON pictures.sample = active.sample"
    )
    for digest, sha256, data in pictures:
        if data is None:
            yield picture_gone(digest.hex())
        elif hashlib.sha256(data).digest() != sha256:
            yield f"the picture of sample {digest.hex()} is not as it was stored; {_RESTORE}"
    foreign = connection.execute(
        "SELECT lower(hex(digest)) FROM pictures JOIN samples ON samples.id = sample WHERE NOT EXISTS (SELECT 1"
        " FROM occurrences o WHERE (o.sample, o.file_digest, o.key) = (samples.id, pictures.file_digest, pictures.key))"
    )
    for (sample_id,) in foreign:
        yield f"the picture of sample {sample_id} is that of another; {_RESTORE}"


def _check_delivered(connection: sqlite3.Connection) -> Iterator[str]:
    """Occurrences are what their digests say, and sources hold the occurrences that theirs say."""
    votes = _votes_by_occurrence(connection)
    contents: defaultdict[int, list[bytes]] = defaultdict(list)
    rows = connection.execute(
        "SELECT occurrences.id, sources.id, sources.name, content, samples.digest, file_digest, key, raw, givens.name,"
        f" split, subject, sequence FROM occurrences{ACTIVE} JOIN samples ON samples.id = sample"
        " LEFT JOIN givens ON givens.id = given"
    )
    for number, source, name, content, sample, file, key, *fields in rows:
        contents[source].append(content)
        if not _is_delivered(content, sample, file, (key, *fields), votes.get(number, [])):
            yield f"what {name} delivered as {key} is not as it was written; {_RESTORE}"
    for source, name, state, digest, late in connection.execute(
        "SELECT id, name, state, digest, (SELECT max(o.revision) FROM occurrences o WHERE o.source = sources.id)"
        " > revision + (state = 'incomplete') FROM sources"
    ):
        held = hashlib.sha256(b"".join(sorted(contents[source]))).digest()
        if late or (state == "complete" and held != digest):
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
