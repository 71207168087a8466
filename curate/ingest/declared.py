"""Which entry of curate.toml a path on the command line means, and where an entry's files lie."""

import os
import re
from dataclasses import replace
from pathlib import Path

from curate.catalog import revisions, tables
from curate.config import SourceEntry, remove_source
from curate.errors import SourceError, SourceNameTaken, SourceNotFound
from curate.workspace import Workspace

__all__ = ["declared_sources", "find_entry", "forget_source", "locate"]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Source: RFC 3986, section 3.1; one letter is a drive of Windows."""
_EXTENSIONS = (".csv", ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz")


def declared_sources(workspace: Workspace) -> tuple[SourceEntry, ...]:
    """All sources of curate.toml.

    Raises:
        SourceNotFound: it names none.
    """
    if not workspace.config.sources:
        raise SourceNotFound(f"{workspace.folder} has no sources yet; name a file, folder or archive to ingest")
    return workspace.config.sources


def find_entry(
    workspace: Workspace,
    source: str | Path | SourceEntry,
    *,
    format_name: str | None = None,
    name: str | None = None,
    labels: str | Path | None = None,
) -> SourceEntry:
    """The entry of curate.toml for a path or a source's name, with what the caller says about it, or a new entry.

    Args:
        workspace: whose curate.toml.
        source: a path, the name of a source, or an entry, which is taken as it is.
        format_name: of the reader.
        name: of the source.
        labels: path of a side table.

    Raises:
        SourceNameTaken: another path has that name.
        SourceNotFound: nothing lies at the path, and no source has that name.
        SourceError: a name that curate.toml cannot hold, or a folder that the workspace lies in.
    """
    if isinstance(source, SourceEntry):
        return source
    path, entries = Path(source), workspace.config.sources
    same = _known_entries(workspace, path, name)
    entry = same[0] if same else SourceEntry(name or _plain_name(path), _written(workspace, path))
    taken = next((other for other in entries if other.name == entry.name and other not in same), None)
    if taken is not None:
        raise SourceNameTaken(
            f"{path}: the name `{entry.name}` belongs to {taken.path}; give this source another with --name, or change "
            "the path in curate.toml if the dataset was moved"
        )
    written = None if labels is None else _written(workspace, Path(labels))
    entry = replace(entry, format=format_name or entry.format, labels=written or entry.labels)
    for text in (entry.name, entry.path, entry.labels or ""):
        if text.encode("utf-8", "replace") != text.encode("utf-8", "surrogateescape"):
            raise SourceError(f"{text!a} is not UTF-8, which curate.toml cannot hold; rename it")
    return entry


def forget_source(workspace: Workspace, name: str) -> int:
    """Retire every occurrence of a source and take it out of curate.toml. Samples and decisions about them stay.

    Returns:
        How many occurrences were retired.

    Raises:
        SourceNotFound: there is no such source.
        WorkspaceLocked: another process writes to this workspace.
    """
    with workspace.locked("curate forget"), workspace.catalog() as catalog:
        retired = revisions.retire_source(catalog, name)
        if retired is None:
            known = ", ".join(row.name for row in tables.source_rows(catalog)) or "none"
            raise SourceNotFound(f"no source `{name}` in {workspace.folder}; it has: {known}")
        remove_source(workspace.folder, name)
    return retired


def locate(workspace: Workspace, path: str) -> Path:
    r"""Where a path of curate.toml lies; `data\ck.zip`, as somebody on Windows wrote it, is found everywhere."""
    place = workspace.folder / path
    if "\\" in path and not place.exists():
        place = workspace.folder / path.replace("\\", "/")
    return place.resolve()


def _known_entries(workspace: Workspace, path: Path, name: str | None) -> list[SourceEntry]:
    """The entries that lie at a path, or have it for their name; none for a path that is new."""
    entries = workspace.config.sources
    if _exists(path):
        if workspace.folder.is_relative_to(path.resolve()):
            raise SourceError(
                f"{path} holds this workspace, with all that it wrote; name the dataset's own folder, or make the "
                "workspace elsewhere with `curate init DIR`"
            )
        here = [entry for entry in entries if locate(workspace, entry.path) == path.resolve()]
        return [entry for entry in here if name in (None, entry.name)]
    same = [entry for entry in entries if entry.name == str(path) and name is None]
    if not same and _ADDRESS.match(str(path)):
        address = re.sub(r":/+", "://", str(path), count=1)  # a path holds one slash
        raise SourceNotFound(f"{address} is an address; download it, and name the file or folder that you got")
    if not same:
        raise SourceNotFound(f"{path} does not exist; check the path")
    return same


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise SourceNotFound(f"{path} cannot be reached: {error.strerror}; check the path") from None


def _written(workspace: Workspace, path: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), workspace.folder)).as_posix()
    except ValueError:  # another drive of Windows
        return path.resolve().as_posix()


def _plain_name(path: Path) -> str:
    name = path.resolve().name
    while path.is_file() and name.lower().endswith(_EXTENSIONS) and "." in name.lstrip("."):
        name = name[: name.rindex(".")]
    return name
