"""The only way to a picture's bytes: the file that is stored for each sample, how large it is, and where it lies."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from curate.catalog.connection import Catalog
from curate.catalog.integrity import picture_gone
from curate.catalog.tables import ACTIVE
from curate.errors import CatalogDamaged, PicturesMissing

__all__ = ["PictureFile", "PictureRow", "locate", "read", "read_one"]

_AT_ONCE = 500
_ROW = (
    "SELECT lower(hex(digest)), width * height, flags, hashes, length(data), location FROM samples"
    " JOIN pictures ON pictures.sample = samples.id WHERE"
)


class PictureFile(NamedTuple):
    """The picture file of a sample, as it was delivered (rows of tables: as PNG).

    Attributes:
        sample_id: 64 hex digits.
        sha256: of the data when it was stored; whoever needs certainty compares.
        data: the file's bytes.
    """

    sample_id: str
    sha256: bytes
    data: bytes


class PictureRow(NamedTuple):
    """What is known of a picture without opening its file.

    Attributes:
        sample_id: 64 hex digits.
        area: width x height, in pixels.
        flags: quality flags, separated by spaces.
        hashes: the eight 64-bit hashes, big-endian, in the order of `transforms.FLIPS_AND_ROTATIONS`.
        stored_bytes: size of the stored file.
        location: where the file lies; None = in the catalog.
    """

    sample_id: str
    area: int
    flags: str
    hashes: bytes
    stored_bytes: int
    location: str | None


def read(catalog: Catalog, sample_ids: Iterable[str], *, strict: bool = True) -> Iterator[PictureFile]:
    """The picture files of samples, in their order, read a few hundred at a time.

    Args:
        catalog: where.
        sample_ids: 64 hex digits each.
        strict: without, samples that have no picture here are passed over.

    Raises:
        CatalogDamaged: a picture is gone.
        PicturesMissing: a picture lies where it cannot be read.
    """
    query = (
        "SELECT lower(hex(digest)), location, sha256, data FROM samples JOIN pictures ON pictures.sample = samples.id"
        " WHERE"
    )
    for sample_id, location, sha256, data in _select(catalog, query, sample_ids, strict=strict):
        if location is not None:
            raise PicturesMissing(
                f"the picture of sample {sample_id} lies at {location}, not in {catalog.path}, and this curate cannot "
                "read it there; upgrade curate"
            )
        yield PictureFile(sample_id, sha256, data)


def read_one(catalog: Catalog, sample_id: str) -> bytes:
    """The bytes of one sample's picture file; raises as `read`."""
    return next(read(catalog, [sample_id])).data


def locate(catalog: Catalog, sample_ids: Iterable[str] | None = None, *, strict: bool = True) -> Iterator[PictureRow]:
    """Where the picture files of samples lie, and how large they are, in their order.

    Args:
        catalog: where.
        sample_ids: 64 hex digits each; None = all with an active occurrence, by sample_id.
        strict: without, samples that have no picture here are passed over.

    Raises:
        CatalogDamaged: a picture is gone.
    """
    if sample_ids is None:
        with catalog.snapshot() as connection:
            active = f"IN (SELECT sample FROM occurrences{ACTIVE})"
            yield from map(PictureRow._make, connection.execute(f"{_ROW} id {active} ORDER BY digest"))
    else:
        yield from map(PictureRow._make, _select(catalog, _ROW, sample_ids, strict=strict))


def _select(catalog: Catalog, query: str, sample_ids: Iterable[str], *, strict: bool) -> Iterator[tuple[Any, ...]]:
    """Rows of a query that begins with the sample_id, in the order of `sample_ids`."""
    with catalog.snapshot() as connection:
        wanted = list(sample_ids)
        for start in range(0, len(wanted), _AT_ONCE):
            chunk = wanted[start : start + _AT_ONCE]
            rows = _rows_by_id(connection, query, chunk)
            for sample_id in chunk:
                if sample_id in rows:
                    yield rows[sample_id]
                elif strict:
                    raise CatalogDamaged(f"{catalog.path}: {picture_gone(sample_id)}")


def _rows_by_id(connection: sqlite3.Connection, query: str, chunk: list[str]) -> dict[str, tuple[Any, ...]]:
    wanted = ", ".join("?" * len(chunk))
    cursor = connection.execute(f"{query} digest IN ({wanted})", [bytes.fromhex(sample_id) for sample_id in chunk])
    return {row[0]: row for row in cursor}
