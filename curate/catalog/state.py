"""Did the catalog change? Cheap enough to ask at every key press."""

from typing import NamedTuple

from curate.catalog.connection import Catalog

__all__ = ["CatalogState", "data_version", "read_state"]


class CatalogState(NamedTuple):
    """What stands in the catalog, but for decisions, as numbers that differ where it differs.

    Attributes:
        sources: names, and digests of what was taken in to its end; of a source that was forgotten, or is being read
            for the first time, empty.
        copies: pairs and groups of the last search.
        suspects: number of the last complete run; 0 = there was none.
        patches: what they say.
    """

    sources: tuple[tuple[str, str], ...]
    copies: tuple[int | float, ...]
    suspects: int
    patches: tuple[int, ...]


def data_version(catalog: Catalog) -> int:
    """A number that changes when another connection has written, whatever it wrote; takes microseconds.

    Source: https://www.sqlite.org/pragma.html#pragma_data_version
    """
    return int(catalog.connection.execute("PRAGMA data_version").fetchone()[0])


def read_state(catalog: Catalog) -> CatalogState:
    """What stands in the catalog now; reads the small tables only."""
    with catalog.snapshot() as connection:
        sources = connection.execute("SELECT name, coalesce(hex(digest), '') FROM sources ORDER BY name").fetchall()
        pairs = connection.execute(
            "SELECT count(*), total(a * 31 + b), total(similarity), total(verdict = 'review') FROM pairs"
        ).fetchone()
        groups = connection.execute(
            "SELECT count(*), total(sample * 31 + first), total(sample * keeper) FROM groups"
        ).fetchone()
        suspects = connection.execute("SELECT coalesce(max(run), 0) FROM suspect_runs").fetchone()[0]
        patches = connection.execute(
            "SELECT count(*), total(sample * 31 + patch), total(length(label) + gold) FROM patch_rows"
        ).fetchone()
    return CatalogState(tuple(sources), (*pairs, *groups), suspects, patches)
