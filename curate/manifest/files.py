"""The four files of a version: written whole or not at all, and read back."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from curate.errors import VersionDamaged, VersionError, VersionExists, VersionNotFound, VersionUnchanged
from curate.executors import local_threads
from curate.manifest.header import Header
from curate.manifest.schema import EDGES, OCCURRENCES, ROWS, content_digest
from curate.storage import RESERVED_NAMES, move, space_needed, sync_file, sync_folder

__all__ = [
    "HEADER_NAME",
    "TABLES",
    "Tables",
    "check_name",
    "check_new_name",
    "file_digest",
    "read_header",
    "read_sealed",
    "read_table",
    "seal",
    "version_digest",
    "version_names",
    "write_table",
    "write_version",
]

HEADER_NAME = "manifest.json"
TABLES = {"rows.parquet": ROWS, "occurrences.parquet": OCCURRENCES, "edges.parquet": EDGES}
CONFIGURATION = (
    "classes",
    "seed",
    "ratios",
    "keep_copies",
    "keep_official_splits",
    "policy",
    "labels",
    "splits",
    "derived",
)
"""Parts of the header that belong to a version's digest."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_RESERVED = ("none",)
_SHORT = 12
_SEAL = re.compile(rb'"sha256": "([0-9a-f]{64})"\n}\n\Z')
_MANY_VALUES = ("sample_id", "group_id", "lineage_id", "parent", "sample_a", "sample_b", "key", "file_digest")
"""Text columns in which values seldom repeat, so that a dictionary of them would be of no use."""


class Tables(NamedTuple):
    """The tables of a version, each in the canonical order of its schema."""

    rows: pa.Table
    occurrences: pa.Table
    edges: pa.Table


def check_name(name: str) -> str:
    """The name, if a version may have it.

    Raises:
        VersionError: it could not be a folder's name everywhere.
    """
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise VersionError(
            f"`{name}` cannot name a version: use letters, digits, `.`, `_` and `-`, begin with a letter or digit"
        )
    return name


def check_new_name(manifests: Path, name: str) -> str:
    """The name, if a new version may have it, on this system and wherever the manifests are copied to.

    Raises:
        VersionError: it could not be a folder's name everywhere.
        VersionExists: it is taken; names that differ in case only are one, as on Windows and macOS.
    """
    check_name(name)
    if name.endswith(".") or name.lower().partition(".")[0] in RESERVED_NAMES:
        raise VersionError(f"`{name}` cannot name a version: no folder on Windows can have that name; choose another")
    same = [known.name for known in manifests.glob("*") if known.name.lower() == name.lower()]
    if same:
        raise VersionExists(f"there is a version {same[0]} already; versions never change, so choose another name")
    return name


def version_digest(content: Mapping[str, str], header: Header) -> str:
    """The identity of a version: content of its tables and configuration, but no names, times or tools.

    Args:
        content: `content_digest` of each table by file name.
        header: of which only `CONFIGURATION` counts, and what was `chosen` for this version alone.
    """
    parts: dict[str, Any] = {
        "content": dict(content),
        "configuration": {name: header.get(name) for name in CONFIGURATION},
    }
    if header.get("chosen"):  # only where something was, so that the digests of all other versions stay
        parts["chosen"] = header["chosen"]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write_version(manifests: Path, header: Header, tables: Tables, *, even_if_unchanged: bool = True) -> Header:
    """Release a version under `manifests`, in the folder that its header names.

    Args:
        manifests: the folder of all versions.
        header: without digest and file digests, which are added.
        tables: in canonical order.
        even_if_unchanged: also when its digest is that of its parent.

    Returns:
        The header as written.

    Raises:
        VersionExists: the name is taken.
        VersionUnchanged: it would be its parent again; nothing is left behind.
        StorageFull: there is no space; nothing is left behind.
    """
    name = check_new_name(manifests, header.name)
    draft = manifests / f".{name}.draft"
    with space_needed(draft):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            with local_threads() as pool:
                content = pool.map(content_digest, tables)
                files = dict(zip(TABLES, pool.map(write_table, (draft / file for file in TABLES), tables), strict=True))
            digest = version_digest(dict(zip(TABLES, content, strict=True)), header)
            if not even_if_unchanged and header.parent and header.parent.digest == digest:
                raise VersionUnchanged(
                    f"{name} would be {header.parent.name} again (digest {digest[:_SHORT]}): no picture, label, "
                    "split or setting changed; nothing was written. --even-if-unchanged releases it all the same"
                )
            full = Header.from_json({**header, "digest": digest, "files": files})
            _write_synced(draft / HEADER_NAME, seal(full))
            sync_folder(draft)
            move(draft, manifests / name)
            sync_folder(manifests)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return full


def write_table(path: Path, table: pa.Table) -> str:
    """Write a Parquet file and wait until it is on the disk; its sha256."""
    few = [name for name in table.column_names if name not in _MANY_VALUES]
    pq.write_table(table, path, compression="zstd", compression_level=1, use_dictionary=few, write_statistics=False)
    sync_file(path)
    return file_digest(path)


def file_digest(path: Path) -> str:
    """sha256 of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(content: Mapping[str, Any]) -> bytes:
    """JSON that ends with the sha256 of itself, taken with zeros in the place of the digest."""
    blank = json.dumps({**content, "sha256": "0" * 64}, indent=1, ensure_ascii=False) + "\n"
    digest = hashlib.sha256(blank.encode()).hexdigest()
    return (blank[: -len("0" * 64 + '"\n}\n')] + f'{digest}"\n}}\n').encode()


def read_sealed(path: Path) -> dict[str, Any]:
    """What `seal` wrote.

    Raises:
        VersionDamaged: a single bit is not as it was written.
    """
    data = path.read_bytes()
    found = _SEAL.search(data)
    if found:
        blank = data[: found.start(1)] + b"0" * 64 + data[found.end(1) :]
        if hashlib.sha256(blank).hexdigest().encode() == found[1]:
            return dict(json.loads(data))
    raise VersionDamaged(f"{path} is not as it was written; restore it from a backup or from version control")


def read_header(manifests: Path, name: str) -> Header:
    """The header of a version.

    Raises:
        VersionNotFound: no version of that name.
        VersionDamaged: its manifest.json is not as it was written, or says what no header says.
    """
    path = manifests / check_name(name) / HEADER_NAME
    if not path.is_file():
        known = ", ".join(version_names(manifests)) or "none yet"
        raise VersionNotFound(f"no version `{name}` in {manifests}; known: {known}")
    plain = read_sealed(path)
    try:
        return Header.from_json(plain)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VersionDamaged(
            f"{path} is no header of a version ({error!r}); a newer curate may have written it"
        ) from error


def version_names(manifests: Path) -> list[str]:
    """Names of all released versions, in alphabetical order."""
    return sorted(path.parent.name for path in manifests.glob(f"*/{HEADER_NAME}") if _NAME.fullmatch(path.parent.name))


def read_table(path: Path, *, columns: list[str] | None = None) -> pa.Table:
    """One table of a version.

    Raises:
        VersionDamaged: the file is missing or no Parquet.
    """
    try:
        table = pq.read_table(path, columns=columns, memory_map=True)
        schema = TABLES[path.name]
        return table.cast(pa.schema([schema.field(name) for name in table.column_names]))
    except (OSError, KeyError, pa.ArrowException) as error:
        what = " ".join(str(error).split())  # Arrow breaks its lines
        raise VersionDamaged(f"{path} cannot be read ({what}); restore it from a backup or version control") from None


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
