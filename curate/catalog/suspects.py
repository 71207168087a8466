"""Judged labels: written whole by each run, read by everybody."""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from curate.catalog.connection import Catalog
from curate.catalog.integrity import check_contents, note_contents, note_rows
from curate.catalog.tables import ACTIVE
from curate.checksums import row_checksum

__all__ = ["Suspect", "last_suspect_run", "replace_suspects", "suspect_rows"]

_BATCH = 4_000
_LAST_RUN = "(SELECT run FROM suspect_runs)"
_SCORED = attrgetter("given_label", "suggested_label", "second_suggestion", "quality", "reason", "fold")
_DIGITS = 4
"""To which probabilities are given; they are stored as float32."""


class Suspect(NamedTuple):
    """One judged label.

    Attributes:
        sample_id: 64 hex digits.
        given_label: what was judged.
        suggested_label: the likeliest other class.
        second_suggestion: the next; None where there are only two classes.
        quality: in [0, 1]; lower = more suspect.
        reason: one sentence.
        fold: the fold that was held out when the label was predicted.
        probs: the model's probability of each of `LABELS`.
    """

    sample_id: str
    given_label: str
    suggested_label: str
    second_suggestion: str | None
    quality: float
    reason: str
    fold: int
    probs: tuple[float, ...]


def replace_suspects(catalog: Catalog, rows: Sequence[Suspect], *, report: Mapping[str, Any]) -> None:
    """Replace the results of the previous run, which count until the last row is written.

    Reviewers write at the same time, so rows are written in batches that hold the write lock for a moment each.
    """
    with catalog.snapshot() as connection:
        ids = {digest.hex(): number for number, digest in connection.execute("SELECT id, digest FROM samples")}
        last = connection.execute(f"SELECT {_LAST_RUN}").fetchone()[0] or 0
    values = [(last + 1, ids[row.sample_id], *_SCORED(row), array("f", row.probs).tobytes()) for row in rows]
    checksums = [row_checksum(*value) for value in values]
    with catalog.transaction() as connection:  # what an interrupted run left
        connection.execute("DELETE FROM suspects WHERE run <> ?", (last,))
    for start in range(0, len(values), _BATCH):
        with catalog.transaction() as connection:
            connection.executemany(
                "INSERT INTO suspects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values[start : start + _BATCH]
            )
    with catalog.transaction() as connection:
        connection.execute("INSERT OR REPLACE INTO suspect_runs VALUES (1, ?, ?)", (last + 1, json.dumps(report)))
        connection.execute("DELETE FROM suspects WHERE run <> ?", (last + 1,))
        note_contents(connection, "suspect_runs")
        note_rows(connection, "suspects", checksums)


def suspect_rows(catalog: Catalog) -> Iterator[Suspect]:
    """The labels judged by the last run, of samples with an active occurrence; the most suspect first.

    Raises:
        CatalogDamaged: they are not as the run wrote them.
    """
    with catalog.snapshot() as connection:
        check_contents(catalog, "suspects", "suspect_runs")
        rows = connection.execute(
            "SELECT lower(hex(digest)), given, suggested, second, quality, reason, fold, probs FROM suspects"
            f" JOIN samples ON samples.id = suspects.sample WHERE run = {_LAST_RUN}"
            f" AND id IN (SELECT sample FROM occurrences{ACTIVE})"
            " ORDER BY quality, digest"
        )
        for *others, probs in rows:
            yield Suspect._make((*others, tuple(round(value, _DIGITS) for value in array("f", probs))))


def last_suspect_run(catalog: Catalog) -> dict[str, Any] | None:
    """The report of the last run; None when there was none."""
    with catalog.snapshot() as connection:
        row = connection.execute("SELECT report FROM suspect_runs").fetchone()
    return None if row is None else dict(json.loads(row[0]))
