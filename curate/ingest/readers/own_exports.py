"""What curate's own exports say of their pictures, in the metadata.csv beside them, or else in their names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from curate.errors import SourceUnreadable
from curate.ingest.delivery import Delivery, Member
from curate.ingest.readers.picture_tables import table_rows
from curate.sample import Origin, Problem, SourceItem
from curate.spreadsheets import find_columns

__all__ = ["OwnExports", "read_own_exports"]

TABLE_NAME = "metadata.csv"
_COLUMNS = ("file_name", "lineage_id", "parent", "transform", "subject", "sequence")
_ID = re.compile(r"[0-9a-f]{64}")
_NAMED_AFTER = re.compile(r"([0-9a-f]{64})(?:-([\w.-]+))?\.\w+")
"""SAMPLE.png, or PARENT-TRANSFORM.png."""


_Lineage = tuple[Origin, str | None, str | None]
"""What a picture was made from, its subject and its sequence."""


@dataclass(frozen=True, slots=True)
class OwnExports:
    """What the tables of exports in a delivery say.

    Attributes:
        tables: those that were read.
        origins: path of a picture -> what it was made from, subject and sequence.
        problems: rows that say nothing that can be meant, and pictures that are not there.
    """

    tables: tuple[Member, ...] = ()
    origins: Mapping[str, _Lineage] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def describe(self, delivered: SourceItem) -> SourceItem:
        """The picture with what its export says of it."""
        lineage = self.origins.get(delivered.key)
        if lineage is not None:
            origin, subject, sequence = lineage
            return delivered._replace(origin=origin, subject=subject, sequence=sequence)
        named = _NAMED_AFTER.fullmatch(delivered.key.rpartition("/")[2])
        if named is None:
            return delivered
        sample_id, transform = named[1], named[2] or ""
        return delivered._replace(origin=Origin(sample_id, sample_id if transform else "", transform))


def read_own_exports(delivery: Delivery, pictures: Sequence[Member]) -> OwnExports:
    """Find and read the tables that `curate export --to image-folder` wrote; a broken row is a problem."""
    paths = {member.path for member in pictures}
    tables: list[Member] = []
    problems: list[Problem] = []
    origins: dict[str, _Lineage] = {}
    for member in delivery.members:
        if member.parts[-1] != TABLE_NAME:
            continue
        rows = list(_rows(delivery, member))
        tables += [member] * bool(rows)
        problems += [row for row in rows if isinstance(row, Problem)]
        named = dict(row for row in rows if not isinstance(row, Problem))
        origins |= {path: lineage for path, lineage in named.items() if path in paths}
        missing = named.keys() - paths
        if missing:
            reason = f"{member.path} names {len(missing):,} pictures that are not there, such as this one"
            problems.append(Problem(min(missing), "lineage-without-picture", reason))
    return OwnExports(tuple(tables), origins, tuple(problems))


def _rows(delivery: Delivery, member: Member) -> Iterator[tuple[str, _Lineage] | Problem]:
    """Path and lineage by the rows of a table; none where it is not curate's."""
    folder = member.path.removesuffix(TABLE_NAME)
    try:
        rows = table_rows(delivery, member.path)
        columns = find_columns(next(rows, []), {name: (name,) for name in _COLUMNS})
        if not columns.keys() >= set(_COLUMNS):
            return
        for number, row in enumerate(rows):
            cells = {name: row[columns[name]] if columns[name] < len(row) else "" for name in _COLUMNS}
            lineage, key = _read_row(cells), f"{member.path}:row:{number}"
            what = f"row {number} of {member.path} does not say which lineage a picture has"
            yield (
                (folder + cells["file_name"], lineage)
                if lineage
                else Problem(key, "broken-lineage", f"{what}; what it says was left out")
            )
    except SourceUnreadable as error:
        yield Problem(member.path, "broken-table", str(error))


def _read_row(cells: Mapping[str, str]) -> _Lineage | None:
    lineage, parent = cells["lineage_id"], cells["parent"]
    if not cells["file_name"] or not _ID.fullmatch(lineage) or not (parent == "" or _ID.fullmatch(parent)):
        return None
    return Origin(lineage, parent, cells["transform"]), cells["subject"] or None, cells["sequence"] or None
