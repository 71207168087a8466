"""What a workspace holds, in a few words."""

from pathlib import Path

from curate.catalog import Catalog, tables
from curate.errors import CurateError
from curate.manifest import Version, release_order, version_names

__all__ = ["describe_contents"]


def describe_contents(state: Path, manifests: Path) -> str:
    """Counts of sources and samples, and the newest version; `unreadable` where something is damaged.

    Args:
        state: folder of the working state; no catalog is made where there is none.
        manifests: the folder of all versions.
    """
    try:
        return f"{_sources(state / 'catalog.sqlite')}, {_versions(manifests, state)}"
    except CurateError:
        return "unreadable"


def _sources(path: Path) -> str:
    if not path.is_file():
        return "no source"
    with Catalog(path) as catalog:
        sources = sum(row.occurrences > 0 for row in tables.source_rows(catalog))
        samples = len(tables.active_ids(catalog))
    return f"{_count(sources, 'source')}, {_count(samples, 'sample')}" if sources else "no source"


def _versions(manifests: Path, state: Path) -> str:
    found = [Version(manifests, name, state=state) for name in version_names(manifests)]
    if not found:
        return "no version"
    return f"{_count(len(found), 'version')}, the newest {release_order(found)[-1].name}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
