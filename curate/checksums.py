"""Checksums by which damage is told: of what is kept to save work, and of rows in the catalog."""

import hashlib
import zlib
from collections.abc import Iterable

from curate.errors import CacheDamaged

__all__ = ["CHECKSUM_BYTES", "add_checksum", "checksums", "row_checksum", "without_checksum"]

CHECKSUM_BYTES = 8
"""Of a sha256: damage that hits data and checksum alike goes unseen once in 2 ** 64 times."""


def checksums(records: Iterable[bytes | memoryview], *, purpose: str) -> list[bytes]:
    """8 bytes for each record.

    Args:
        records: what is kept.
        purpose: what they are; records kept for another purpose have other checksums.
    """
    begin = hashlib.sha256(f"{purpose}\n".encode())
    found = []
    for record in records:
        digest = begin.copy()
        digest.update(record)
        found.append(digest.digest()[:CHECKSUM_BYTES])
    return found


def add_checksum(data: bytes, *, purpose: str) -> bytes:
    """The data behind their checksum, for `without_checksum`."""
    return checksums([data], purpose=purpose)[0] + data


def without_checksum(data: bytes, *, purpose: str) -> bytes:
    """What `add_checksum` was given.

    Raises:
        CacheDamaged: a bit is not as it was written, or it was written for another purpose, or without a checksum.
    """
    body = memoryview(data)[CHECKSUM_BYTES:]
    if checksums([body], purpose=purpose) != [data[:CHECKSUM_BYTES]]:
        raise CacheDamaged(f"what was kept as {purpose} is not as it was written; it has to be made again")
    return bytes(body)


def row_checksum(*values: float | str | bytes | None) -> int:
    """32 bits over the values of a row of a table, in [0, 2 ** 32)."""
    return zlib.crc32(repr(values).encode())
