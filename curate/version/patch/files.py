"""A patch as a file: one Parquet table, whose metadata hold a JSON header with the digest of its content."""

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curate.emotions import LABELS
from curate.errors import PatchError
from curate.manifest.schema import VOTES, content_digest
from curate.sample import OFFICIAL_SPLITS
from curate.storage import replace_file
from curate.version.patch.prints import STATISTICS, Prints

__all__ = ["FORMAT", "PATCH", "Patch", "read_patch", "write_patch"]

FORMAT = 1
"""Raised when an older curate could no longer read what is written."""

PATCH = pa.schema(
    [
        *((name, pa.large_string()) for name in ("sample_id", "label", "label_origin", "label_by", "split")),
        ("gold", pa.bool_()),
        *((name, pa.large_string()) for name in ("left_out", "group_id", "lineage_id", "hash_64", "hash_256")),
        *((name, pa.int32()) for name in STATISTICS),
        *((name, pa.int16()) for name in VOTES),
    ]
)
"""One row per picture of the version's sources, by sample_id.

left_out = why the picture is no row of the version; missing = it is one. Pictures left out for their label have the
label that kept them out (missing = it was open), copies have label and split of the picture that was kept instead.
"""

_KEY = b"curate_patch"
_HEX = {"sample_id": 64, "hash_64": 16, "hash_256": 64}
_WORDS = {"label": LABELS, "split": OFFICIAL_SPLITS}
_REPEATED = ("label", "label_origin", "label_by", "split", "left_out", *VOTES)


class Patch(NamedTuple):
    """A patch as read: its header, and a table of the columns `PATCH`."""

    header: dict[str, Any]
    table: pa.Table

    def prints(self) -> Prints:
        """Hashes and statistics, in the order of the table."""
        coarse, fine = (_from_hex(self.table.column(name), _HEX[name]) for name in ("hash_64", "hash_256"))
        statistics = np.stack([self.table.column(name).to_numpy() for name in STATISTICS], axis=1)
        return Prints(coarse[:, 0], fine, statistics.astype(np.int64))


def write_patch(path: Path, header: Mapping[str, Any], table: pa.Table) -> dict[str, Any]:
    """Write a patch whole or not at all; the same content gives the same bytes.

    Returns:
        The header as written: with format, number of rows and digest of the content.

    Raises:
        StorageFull: there is no space for it.
    """
    full = {"format": FORMAT, **header, "rows": len(table), "content": content_digest(table)}
    text = _as_json({**full, "sha256": _digest(full)})
    file = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata({_KEY: text}),
        file,
        compression="zstd",
        use_dictionary=list(_REPEATED),
        write_statistics=False,
    )
    replace_file(path, file.getvalue())
    return full


def read_patch(path: Path) -> Patch:
    """Read and check a patch.

    Raises:
        PatchError: there is no such file, it is no patch, it is damaged, or a newer curate wrote it.
    """
    try:
        table = pq.ParquetFile(path).read()
    except FileNotFoundError:
        raise PatchError(f"there is no file {path}; make one with `curate patch export VERSION FILE`") from None
    except (OSError, pa.ArrowException, ValueError):
        raise PatchError(
            f"{path} is no patch, or a damaged one: it cannot be read as Parquet; fetch it again"
        ) from None
    header = _read_header(path, table)
    try:
        table = table.select(PATCH.names).cast(PATCH).replace_schema_metadata()
        whole = content_digest(table) == header["content"]
    except (KeyError, pa.ArrowException, ValueError):
        whole = False
    if not whole:
        raise PatchError(f"{path} is damaged: its content is not what was exported; fetch it again")
    _check_values(path, table)
    return Patch(header, table)


def _read_header(path: Path, table: pa.Table) -> dict[str, Any]:
    text = (table.schema.metadata or {}).get(_KEY)
    if text is None:
        raise PatchError(f"{path} is a Parquet table, but no patch; `curate patch export VERSION FILE` makes one")
    try:
        header = dict(json.loads(text))
        whole = header.pop("sha256") == _digest(header)
        number, digest = int(header["format"]), bytes.fromhex(header["digest"])
        whole &= len(digest) == 32 and isinstance(header["version"], str) and isinstance(header["content"], str)
    except (ValueError, KeyError, TypeError):
        raise PatchError(f"{path} is damaged: its header cannot be read; fetch it again") from None
    if number > FORMAT:
        raise PatchError(f"{path} was written by a newer curate (format {number}, this one knows {FORMAT}); upgrade it")
    if not whole:
        raise PatchError(f"{path} is damaged: its header is not what was written; fetch it again")
    return header


def _as_json(header: Mapping[str, Any]) -> str:
    return json.dumps(header, sort_keys=True, ensure_ascii=False)


def _digest(header: Mapping[str, Any]) -> str:
    return hashlib.sha256(_as_json(header).encode()).hexdigest()


def _check_values(path: Path, table: pa.Table) -> None:
    for name, digits in _HEX.items():
        column = table.column(name)
        right = pc.all(pc.match_substring_regex(column, f"^[0-9a-f]{{{digits}}}$")).as_py()
        if column.null_count or right is False:
            raise PatchError(f"{path}: a value of {name} does not have {digits} hex digits; fetch it again")
    for name, words in _WORDS.items():
        unknown = set(table.column(name).unique().drop_null().to_pylist()) - set(words)
        if unknown:
            raise PatchError(f"{path} speaks of the {name} `{min(unknown)}`, which means nothing here; upgrade curate")
    ids = table.column("sample_id")
    if len(ids) > 1 and not pc.all(pc.less(ids[:-1], ids[1:])).as_py():
        raise PatchError(f"{path}: its pictures are not in order, or one is listed twice; fetch it again")
    if any(table.column(name).null_count for name in ("gold", *STATISTICS)):
        raise PatchError(f"{path} lacks statistics of some pictures; fetch it again")


def _from_hex(column: pa.ChunkedArray, digits: int) -> np.ndarray:
    data = bytes.fromhex("".join(column.to_pylist()))
    return np.frombuffer(data, ">u8").astype(np.uint64).reshape(-1, digits // 16)
