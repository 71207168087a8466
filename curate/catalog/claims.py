"""Who looks at which pictures: shared by all review servers of a workspace, and of no use to anybody else."""

from typing import NamedTuple

from curate.catalog.connection import Catalog

__all__ = ["Claim", "claim_rows", "newest_claim", "write_claim"]

_DIGEST_BYTES = 32


class Claim(NamedTuple):
    """What one reviewer holds on one kind of screen.

    Attributes:
        holder: who.
        until: seconds since 1970, by the clock of the server that wrote it.
        sample_ids: in the order in which they will be shown.
    """

    holder: str
    until: float
    sample_ids: tuple[str, ...]


def newest_claim(catalog: Catalog) -> int:
    """A number that grows with every claim that is written; 0 = there is none."""
    with catalog.snapshot() as connection:
        return _newest(connection.execute("SELECT max(written) FROM claims").fetchone())


def claim_rows(catalog: Catalog) -> tuple[int, list[Claim]]:
    """All claims, lapsed ones too, and the number of the newest."""
    with catalog.snapshot() as connection:
        newest = _newest(connection.execute("SELECT max(written) FROM claims").fetchone())
        rows = connection.execute("SELECT holder, until, samples FROM claims ORDER BY holder").fetchall()
    return newest, [Claim(holder, until, _split(samples)) for holder, until, samples in rows]


def write_claim(catalog: Catalog, claim: Claim, *, after: int) -> bool:
    """Replace what a reviewer holds; False, and nothing is written, where others claimed something since.

    Not waited for until it is on the disk: after a loss of power, a claim less costs nothing.

    Args:
        catalog: where.
        claim: with sample_ids of 64 hex digits.
        after: the number of the newest claim when the pictures were chosen.

    Raises:
        StorageFull: the disk is full; nothing was written.
        WorkspaceLocked: another process held the write lock for 30 seconds.
    """
    samples = b"".join(map(bytes.fromhex, claim.sample_ids))
    with catalog.transaction(durable=False) as connection:
        if _newest(connection.execute("SELECT max(written) FROM claims").fetchone()) != after:
            return False
        connection.execute(
            "INSERT INTO claims (holder, until, samples, written) VALUES (?, ?, ?, ?) ON CONFLICT (holder) DO UPDATE"
            " SET until = excluded.until, samples = excluded.samples, written = excluded.written",
            (claim.holder, claim.until, samples, after + 1),
        )
    return True


def _newest(row: tuple[int | None]) -> int:
    return row[0] or 0


def _split(samples: bytes) -> tuple[str, ...]:
    return tuple(samples[at : at + _DIGEST_BYTES].hex() for at in range(0, len(samples), _DIGEST_BYTES))
