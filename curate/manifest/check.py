"""Is a version what was released, are its pictures, and does no lineage edge cross a split?"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.components import connect
from curate.errors import VersionDamaged
from curate.manifest.files import HEADER_NAME, TABLES, Tables, file_digest, read_header, read_table, version_digest
from curate.manifest.header import Header
from curate.manifest.picture_check import check_pictures
from curate.manifest.pictures import PictureSource
from curate.manifest.schema import content_digest
from curate.manifest.version import Version
from curate.progress import Progress, silent
from curate.sample import OFFICIAL_SPLITS

__all__ = ["Finding", "Verification", "check_files", "gold_digest", "verify_version"]

_SHOWN = 20
"""So many findings of one kind are spelled out; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be: `kind` (file, digest, header, lineage, leak, gold, parent, picture)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked of one version.

    Attributes:
        version: its name.
        digest: as its header says; empty = the header is damaged.
        rows: pictures of the version.
        edges: lineage edges, none of which crosses a split unless a finding says so.
        pictures: how many pictures were compared with their digests; None = there is no catalog to compare with, or
            a file of the version is damaged.
        findings: empty = all is as it was released.
    """

    version: str
    digest: str
    rows: int
    edges: int
    pictures: int | None
    findings: tuple[Finding, ...]


def verify_version(
    manifests: Path, name: str, *, state: Path, executor: Executor | None = None, progress: Progress = silent
) -> Verification:
    """Re-compute every digest, every picture and every lineage group of a version.

    Args:
        manifests: the folder of all versions.
        name: which one.
        state: the workspace's `.curate`; pictures are checked where it holds a catalog.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Raises:
        VersionNotFound: no version of that name.
    """
    try:
        header = read_header(manifests, name)
    except VersionDamaged as error:
        return Verification(name, "", 0, 0, None, (Finding("file", str(error)),))
    findings = list(_check_files(manifests / name, header))
    if findings:  # a damaged table is not read: what it says means nothing
        return Verification(name, header.digest, header.rows, 0, None, tuple(findings))
    tables = Tables(*(read_table(manifests / name / file) for file in TABLES))
    findings += [
        *_check_content(tables, header),
        *_check_lineage(tables),
        *_check_gold(tables.rows, header),
        *_check_parent(manifests, header, set(_gold_ids(tables.rows))),
    ]
    pictures = check_pictures(
        PictureSource(name, state, header.recipe), tables.rows, executor=executor, progress=progress
    )
    findings += _picture_findings(pictures.damaged)
    return Verification(name, header.digest, len(tables.rows), len(tables.edges), pictures.compared, tuple(findings))


def check_files(version: Version) -> None:
    """Check that the files of a version are as they were written; much quicker than `verify_version`.

    Raises:
        VersionDamaged: one is not, or is missing.
    """
    for text in _damaged_files(version.folder, version.header):
        raise VersionDamaged(text)


def gold_digest(sample_ids: list[str]) -> str:
    """The digest of a gold test's membership: sha256 of the sorted ids, one a line."""
    return hashlib.sha256("\n".join(sorted(sample_ids)).encode()).hexdigest()


def _check_files(folder: Path, header: Header) -> Iterator[Finding]:
    for text in _damaged_files(folder, header):
        yield Finding("file", text)
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name not in (*TABLES, HEADER_NAME):
            yield Finding("file", f"{path} does not belong to the version; move it away")


def _damaged_files(folder: Path, header: Header) -> Iterator[str]:
    for name, digest in header.files.items():
        path = folder / name
        if not path.is_file():
            yield f"{path} is missing; restore it from a backup or from version control"
        elif file_digest(path) != digest:
            yield f"{path} is not as it was written; restore it from a backup or from version control"


def _check_content(tables: Tables, header: Header) -> Iterator[Finding]:
    content = {name: content_digest(table) for name, table in zip(TABLES, tables, strict=True)}
    if version_digest(content, header) != header.digest:
        yield Finding("digest", "the content of the tables does not give the version's digest")
    counts: dict[str, Counter[str]] = {}
    splits, labels = (tables.rows.column(name).to_pylist() for name in ("split", "label"))
    for split, label in zip(splits, labels, strict=True):
        counts.setdefault(split, Counter())[label] += 1
    if counts != {split: claimed for split, claimed in header.counts.items() if claimed.total()}:
        yield Finding("header", "the counts in manifest.json are not those of the rows")


def _check_lineage(tables: Tables) -> Iterator[Finding]:
    """Lineage groups are what the edges say, and each lies in one split."""
    names = pa.chunked_array(
        [
            *tables.rows.column("sample_id").chunks,
            *tables.edges.column("sample_a").chunks,
            *tables.edges.column("sample_b").chunks,
        ],
        pa.large_string(),
    )
    universe = names.unique().sort()
    place = _indices(tables.rows.column("sample_id"), universe)
    ends = np.stack([_indices(tables.edges.column(name), universe) for name in ("sample_a", "sample_b")], axis=1)
    lineage = connect(len(universe), ends)[place]
    recorded = tables.rows.column("lineage_id")
    wrong = np.flatnonzero(pc.not_equal(universe.take(pa.array(lineage)), recorded).to_numpy())
    if len(wrong):
        first = tables.rows.column("sample_id")[int(wrong[0])]
        yield Finding("lineage", f"{len(wrong):,} rows are not in the lineage group of their edges, such as {first}")
    split = _indices(tables.rows.column("split"), pa.array(OFFICIAL_SPLITS, pa.large_string()))
    low, high = np.full(len(universe), len(OFFICIAL_SPLITS)), np.full(len(universe), -1)
    np.minimum.at(low, lineage, split)
    np.maximum.at(high, lineage, split)
    crossing = np.flatnonzero(high > low)
    crossing = crossing[low[crossing] < len(OFFICIAL_SPLITS)]
    if len(crossing):
        yield from _crossings(tables, ends, universe, place, split, lineage, crossing)


def _crossings(
    tables: Tables,
    ends: np.ndarray,
    universe: pa.Array,
    place: np.ndarray,
    split: np.ndarray,
    lineage: np.ndarray,
    crossing: np.ndarray,
) -> Iterator[Finding]:
    """The edges that cross a split; for groups that hang together through pictures left out, two of their rows."""
    of_sample = np.full(len(universe), -1)
    of_sample[place] = split
    both = of_sample[ends]
    direct = np.flatnonzero((both >= 0).all(axis=1) & (both[:, 0] != both[:, 1]))
    for number in direct[:_SHOWN].tolist():
        edge = {name: tables.edges.column(name)[number].as_py() for name in tables.edges.column_names}
        sides = " and ".join(OFFICIAL_SPLITS[code] for code in both[number])
        why = edge["kind"] + (f" {edge['detail']}" if edge["detail"] else "")
        yield Finding("leak", f"{edge['sample_a']} and {edge['sample_b']} ({why}) lie in {sides}")
    if len(direct) > _SHOWN:
        yield Finding("leak", f"{len(direct) - _SHOWN:,} more edges cross a split")
    if not len(direct):
        rows = np.flatnonzero(lineage == crossing[0])
        one, two = (universe[int(place[rows[split[rows].argmin()]])], universe[int(place[rows[split[rows].argmax()]])])
        yield Finding("leak", f"{len(crossing):,} lineage groups lie in two splits, such as that of {one} and {two}")


def _check_gold(rows: pa.Table, header: Header) -> Iterator[Finding]:
    gold = rows.filter(rows.column("gold"))
    ids = gold.column("sample_id").to_pylist()
    if gold_digest(ids) != header.gold.digest or len(ids) != header.gold.rows:
        yield Finding("gold", "the gold rows are not those of the gold test in manifest.json")
    if set(gold.column("split").to_pylist()) - {"test"}:
        yield Finding("gold", "gold rows lie outside the test split")


def _check_parent(manifests: Path, header: Header, gold: set[str]) -> Iterator[Finding]:
    parent = header.parent
    if parent is None or not (manifests / parent.name).is_dir():
        return
    try:
        there = read_header(manifests, parent.name)
    except VersionDamaged as error:
        yield Finding("parent", str(error))
        return
    if there.digest != parent.digest:
        yield Finding("parent", f"{parent.name} is another version than the one this was made from")
    if there.line == header.line and there.gold != header.gold:
        yield from _check_gold_shrank(manifests, gold, parent.name)


def _check_gold_shrank(manifests: Path, gold: set[str], parent: str) -> Iterator[Finding]:
    """Along a line the gold test may lose pictures that no source delivers any more, and never gains any."""
    try:
        rows = read_table(manifests / parent / "rows.parquet", columns=["sample_id", "gold"])
    except VersionDamaged as error:
        yield Finding("parent", str(error))
        return
    new = gold.difference(_gold_ids(rows))
    if new:
        yield Finding(
            "gold", f"the gold test holds {len(new):,} pictures that are not in that of {parent}, of the same line"
        )


def _gold_ids(rows: pa.Table) -> list[str]:
    return list(rows.filter(rows.column("gold")).column("sample_id").to_pylist())


def _picture_findings(damaged: tuple[str, ...]) -> Iterator[Finding]:
    for text in damaged[:_SHOWN]:
        yield Finding("picture", text)
    if len(damaged) > _SHOWN:
        yield Finding("picture", f"{len(damaged) - _SHOWN:,} more pictures are not as they were")


def _indices(values: pa.ChunkedArray, universe: pa.Array) -> np.ndarray:
    found = pc.index_in(values, value_set=universe)
    return np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)
