"""The log of decisions: written an action at a time, never changed."""

import sqlite3
from collections.abc import Sequence

from curate.catalog.connection import Catalog
from curate.decisions import DECISION_FIELDS, Decision, Settled, decision_values, fold
from curate.errors import SampleNotFound

__all__ = ["append_decisions", "decision_rows", "new_decision_rows", "settled_decisions"]


def append_decisions(catalog: Catalog, lines: Sequence[Decision], *, after: int | None = None) -> bool:
    """Write the decisions of one action, all or none; True when they were written, False when they were there already.

    An action has one name for ever, so that whoever does not know whether it arrived can send it again.

    Args:
        catalog: where.
        lines: of one action.
        after: the number that the last reading of the log returned; where anybody added to the log since, nothing is
            written, and False returned. None = it does not matter.

    Raises:
        SampleNotFound: the catalog does not know a sample; nothing was written.
        StorageFull: the disk is full; nothing was written.
        WorkspaceLocked: another process held the write lock for 30 seconds.
    """
    with catalog.transaction() as connection:
        known = connection.execute("SELECT 1 FROM decisions WHERE action = ? LIMIT 1", (lines[0].action,)).fetchone()
        if known or (after is not None and after != _newest(connection)):
            return False
        connection.executemany(
            "INSERT INTO decisions (action, kind, sample, other, label, reviewer, at, screen, note, undoes, given,"
            " source_labels) VALUES (:action, :kind, :sample, :other, :label, :reviewer, :at, :screen, :note, :undoes,"
            " :shown, :given)",
            [
                {
                    **dict(zip(DECISION_FIELDS, decision_values(line), strict=True)),
                    "sample": _row(connection, line.sample_id),
                    "other": _row(connection, line.other_id),
                }
                for line in lines
            ],
        )
    return True


def decision_rows(catalog: Catalog) -> list[Decision]:
    """The whole log, oldest first."""
    return new_decision_rows(catalog, 0)[1]


def settled_decisions(catalog: Catalog) -> Settled:
    """What the log comes to. Folded once for as long as nothing is added to it: its lines never change."""
    with catalog.snapshot() as connection:
        newest = _newest(connection)
        if catalog.settled is None or catalog.settled[0] != newest:
            catalog.settled = (newest, fold(decision_rows(catalog)))
    return catalog.settled[1]


def new_decision_rows(catalog: Catalog, after: int) -> tuple[int, list[Decision]]:
    """What was added to the log, by whomever, since it was last read.

    Args:
        catalog: where.
        after: the number that the last reading returned; 0 = from the beginning.

    Returns:
        A number for the next reading, and the new lines, oldest first.
    """
    with catalog.snapshot() as connection:
        rows = connection.execute(
            "SELECT decisions.id, action, kind, coalesce(lower(hex(x.digest)), ''), coalesce(lower(hex(y.digest)), ''),"
            " label, reviewer, at, screen, note, undoes, given, source_labels FROM decisions LEFT JOIN samples x"
            " ON x.id = sample LEFT JOIN samples y ON y.id = other WHERE decisions.id > ? ORDER BY decisions.id",
            (after,),
        ).fetchall()
    lines = [Decision(**dict(zip(DECISION_FIELDS, line, strict=True))) for _, *line in rows]
    return (rows[-1][0] if rows else after), lines


def _newest(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT max(id) FROM decisions").fetchone()[0] or 0


def _row(connection: sqlite3.Connection, sample_id: str) -> int | None:
    if not sample_id:
        return None
    found = connection.execute("SELECT id FROM samples WHERE digest = ?", (bytes.fromhex(sample_id),)).fetchone()
    if found is None:
        raise SampleNotFound(f"no sample {sample_id} in this workspace; nothing was decided")
    return int(found[0])
