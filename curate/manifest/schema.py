"""The tables of a version: their columns, and the digest of their content."""

import hashlib
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.emotions import LABELS

__all__ = ["EDGES", "OCCURRENCES", "ROWS", "UNDIGESTED", "VOTES", "content_digest", "table_of"]

VOTES = tuple(f"votes_{label}" for label in LABELS)

ROWS = pa.schema(
    [
        ("sample_id", pa.large_string()),
        ("label", pa.large_string()),
        ("label_origin", pa.large_string()),
        ("label_by", pa.large_string()),
        ("label_at", pa.large_string()),
        ("split", pa.large_string()),
        ("gold", pa.bool_()),
        ("held", pa.large_string()),
        ("moved_from", pa.large_string()),
        ("group_id", pa.large_string()),
        ("lineage_id", pa.large_string()),
        ("subject", pa.large_string()),
        ("sequence", pa.large_string()),
        ("sources", pa.large_string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("mode", pa.large_string()),
        ("parent", pa.large_string()),
        ("transform", pa.large_string()),
        *((name, pa.int16()) for name in VOTES),
    ]
)
"""One row per picture of the version; what the columns mean stands at `Version.rows`."""

OCCURRENCES = pa.schema(
    [
        ("sample_id", pa.large_string()),
        ("source", pa.large_string()),
        ("key", pa.large_string()),
        ("given_label", pa.large_string()),
        ("given_raw", pa.large_string()),
        ("official_split", pa.large_string()),
        ("subject", pa.large_string()),
        ("sequence", pa.large_string()),
        ("file_digest", pa.large_string()),
        ("left_out", pa.large_string()),
        *((name, pa.int16()) for name in VOTES),
    ]
)
"""Every occurrence of the version's sources, by source and key; see `Version.occurrences`."""

EDGES = pa.schema(
    [(name, pa.large_string()) for name in ("sample_a", "sample_b", "kind", "detail")],
)
"""Why samples are in one lineage group; see `Version.edges`."""

UNDIGESTED = ("label_by", "label_at")
"""Columns that say who and when, not what."""


def table_of(schema: pa.Schema, columns: Mapping[str, object]) -> pa.Table:
    """A table of the schema's columns, in its order; a column that is not given is all missing."""
    length = len(next(iter(columns.values())))  # type: ignore[arg-type]
    arrays = [
        pa.array(columns[field.name], field.type, from_pandas=True)
        if field.name in columns
        else pa.nulls(length, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def content_digest(table: pa.Table) -> str:
    """sha256 over the content of a table whose rows are in their canonical order.

    Of each column but those of `UNDIGESTED`, its name; then of texts the lengths (little-endian int32, -1 = missing)
    and all their UTF-8 bytes; of numbers a byte for each that is missing or not, and the values as little-endian
    int64. The digest does not depend on the version of Arrow, on compression, or on how the file is divided.
    """
    digest = hashlib.sha256()
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name in UNDIGESTED:
            continue
        digest.update(f"{name}\n".encode())
        if pa.types.is_large_string(column.type):
            lengths = pc.fill_null(pc.binary_length(column), -1)
            digest.update(np.ascontiguousarray(lengths.to_numpy(), "<i4").data)
            digest.update(_joined_text(column))
        else:
            missing = np.ascontiguousarray(column.is_null().to_numpy(), np.uint8)
            values = pc.fill_null(column.cast(pa.int64()), 0)
            digest.update(missing.data)
            digest.update(np.ascontiguousarray(values.to_numpy(), "<i8").data)
    return digest.hexdigest()


def _joined_text(column: pa.ChunkedArray) -> memoryview:
    filled = pc.fill_null(column, "").combine_chunks()
    array = filled.chunk(0) if isinstance(filled, pa.ChunkedArray) else filled
    _, offsets, data = array.buffers()
    if data is None or not len(array):
        return memoryview(b"")
    ends = np.frombuffer(offsets, np.int64)[[array.offset, array.offset + len(array)]]
    return memoryview(data)[int(ends[0]) : int(ends[1])]
