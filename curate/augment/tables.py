"""The tables of a derived version, in their canonical order."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.augment.derived_lineage import add_edges
from curate.augment.expansion import Expansion
from curate.components import connect_names
from curate.manifest import Tables

__all__ = ["make_tables"]


def make_tables(parent: Tables, expansion: Expansion, pictures: pa.Table) -> Tables:
    """Rows by parent and transform, the parent's occurrences, its edges and those to derived pictures.

    A derived picture has its parent's label, votes, split, subject, sources and group of duplicates; it is never gold,
    never held, and was never moved.

    Args:
        parent: of the parent version.
        expansion: rows, without those that would join two splits.
        pictures: those of its made rows; columns sample_id, width, height, mode.
    """
    rows = parent.rows.take(pa.array(expansion.origin))
    made = expansion.made
    delivered = pa.array(~made)
    origin = rows.column("sample_id").combine_chunks()
    transform = pa.array(expansion.transform.tolist(), pa.large_string())
    columns = {
        **{name: _filled(rows.column(name), made, pictures.column(name)) for name in pictures.column_names},
        "gold": pc.and_(rows.column("gold"), delivered),
        **{name: _only(rows.column(name), delivered) for name in ("held", "moved_from")},
        "parent": _only(origin, transform.is_valid()),
        "transform": transform,
    }
    ids = columns["sample_id"]
    edges = add_edges(parent.edges, origin.filter(pa.array(made)), ids.filter(pa.array(made)), transform.filter(made))
    columns["lineage_id"] = connect_names(pa.chunked_array([ids]), edges)
    for name, values in columns.items():
        index = rows.schema.get_field_index(name)
        rows = rows.set_column(index, rows.schema.field(name), values)
    return Tables(rows, parent.occurrences, edges)


def _filled(column: pa.ChunkedArray, made: np.ndarray, values: pa.ChunkedArray) -> pa.Array:
    """The column, with `values` in the made rows."""
    return pc.replace_with_mask(column.combine_chunks(), pa.array(made), values.combine_chunks())


def _only(column: pa.ChunkedArray | pa.Array, where: pa.Array) -> pa.ChunkedArray | pa.Array:
    """The column, missing elsewhere."""
    return pc.if_else(where, column, pa.scalar(None, column.type))
