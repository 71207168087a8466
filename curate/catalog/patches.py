"""Patches: what was taken over from versions made elsewhere. At most one row holds for a sample."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from curate.catalog.connection import Catalog

__all__ = ["Effect", "Patched", "patch_rows", "patched_labels", "patched_rows", "store_patch"]


class Effect(NamedTuple):
    """What a patch says of a sample.

    Attributes:
        label: of `emotions.LABELS`; None = open.
        split: of `sample.OFFICIAL_SPLITS`; None = none.
        gold: in the gold test.
        left_out: why no version should hold it; None = nothing speaks against it.
    """

    label: str | None
    split: str | None
    gold: bool
    left_out: str | None


class Patched(NamedTuple):
    """The patch that holds for a sample: its version's name and digest (64 hex), how the sample was matched."""

    sample_id: str
    version: str
    digest: str
    match: str
    effect: Effect


def store_patch(
    catalog: Catalog, header: Mapping[str, Any], rows: Sequence[tuple[str, str, Effect]], *, applied: datetime
) -> None:
    """Take over rows of a patch in one transaction, in the place of what held for these samples.

    Args:
        catalog: where to.
        header: of the patch; `version` and `digest` say which it is.
        rows: sample_id, how it was matched, and what is to hold.
        applied: now.
    """
    digest = bytes.fromhex(header["digest"])
    with catalog.transaction() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO patches (name, digest, applied, header) VALUES (?, ?, ?, ?)",
            (header["version"], digest, applied.isoformat(timespec="seconds"), json.dumps(header)),
        )
        (patch,) = connection.execute("SELECT id FROM patches WHERE digest = ?", (digest,)).fetchone()
        connection.executemany(
            "INSERT INTO patch_rows (sample, patch, match, label, split, gold, left_out)"
            " SELECT id, ?, ?, ?, ?, ?, ? FROM samples WHERE digest = ? ON CONFLICT (sample) DO UPDATE SET"
            " patch = excluded.patch, match = excluded.match, label = excluded.label, split = excluded.split,"
            " gold = excluded.gold, left_out = excluded.left_out",
            [
                (patch, match, each.label, each.split, int(each.gold), each.left_out, bytes.fromhex(sample_id))
                for sample_id, match, each in rows
            ],
        )


def patched_rows(catalog: Catalog) -> Iterator[Patched]:
    """What holds for samples, retired ones too, by sample_id."""
    with catalog.snapshot() as connection:
        rows = connection.execute(
            "SELECT lower(hex(samples.digest)), name, lower(hex(patches.digest)), match, label, split, gold, left_out"
            " FROM patch_rows JOIN samples ON samples.id = sample JOIN patches ON patches.id = patch"
            " ORDER BY samples.digest"
        )
        for sample_id, version, digest, match, label, split, gold, left_out in rows:
            yield Patched(sample_id, version, digest, match, Effect(label, split, bool(gold), left_out))


def patched_labels(catalog: Catalog) -> dict[int, str]:
    """Sample row id -> the label that a patch gives it."""
    with catalog.snapshot() as connection:
        return dict(connection.execute("SELECT sample, label FROM patch_rows WHERE label IS NOT NULL"))


def patch_rows(catalog: Catalog) -> list[tuple[str, str, str, str, int]]:
    """Every patch, in order of first use: version, digest (64 hex), when, header (JSON), samples for which it holds."""
    with catalog.snapshot() as connection:
        return connection.execute(
            "SELECT name, lower(hex(digest)), applied, header,"
            " (SELECT count(*) FROM patch_rows WHERE patch = patches.id) FROM patches ORDER BY id"
        ).fetchall()
