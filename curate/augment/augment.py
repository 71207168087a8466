"""Make a derived version: rows for every picture and what augmentation makes of it."""

from collections.abc import Mapping
from concurrent.futures import Executor
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from curate.augment.derived_lineage import cross_split_duplicates
from curate.augment.expansion import EVERY_SPLIT, Expansion, describe_pictures, expand
from curate.augment.header import describe
from curate.augment.tables import make_tables
from curate.derive import X4
from curate.errors import NothingToRelease, VersionError, VersionExists
from curate.manifest import Tables, Version, check_name, next_serial, write_version
from curate.manifest.pictures import PictureSource
from curate.progress import Progress, silent
from curate.storage import space_needed
from curate.workspace import Workspace

__all__ = ["NEWEST", "SPLITS", "augment_version", "derived_name"]

NEWEST = "newest"
"""As version: the newest that was not derived from another."""

SPLITS = ("train", EVERY_SPLIT)


def augment_version(
    workspace: Workspace,
    version: str = NEWEST,
    *,
    created: datetime,
    recipe: Mapping[str, Any] = X4,
    splits: str = "train",
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Version:
    """Write `manifests/VERSION-RECIPE/`, with VERSION as parent, in its line and with its gold test.

    Each picture of the chosen splits becomes a row for each transform; the others stay. An augmented picture that
    equals a picture of another split is left out and counted in the header.

    Args:
        workspace: which holds the pictures.
        version: what to augment, or `NEWEST`.
        created: now; it orders versions but is no part of their digest.
        recipe: `X4`, or what `read_recipe` returned.
        splits: `train`, or `all`: then the header says that the test is augmented.
        executor: threads or processes; None = threads on all cores. The version does not depend on it.
        progress: progress callback.

    Raises:
        WorkspaceLocked: another process writes to this workspace.
        VersionExists: the name is taken.
        VersionNotFound: no such version.
        VersionError: it is an augmented one, or there is no such choice of splits.
        NothingToRelease: there is no version yet.
        PicturesMissing: this workspace does not hold its pictures.
        StorageFull: there is no space; nothing is left behind.
    """
    if splits not in SPLITS:
        raise VersionError(f"splits {splits}: choose {' or '.join(SPLITS)}")
    parent = _parent(workspace, version)
    name = derived_name(parent.name, recipe)
    with workspace.locked("curate augment"), space_needed(workspace.state):
        if (workspace.manifests / name).exists():
            raise VersionExists(
                f"there is a version {name} already; versions never change, so give the recipe another name"
            )
        before = Tables(*(parent.table(table) for table in ("rows", "occurrences", "edges")))
        tables, crossing = _derive(parent, before, recipe, splits, executor=executor, progress=progress)
        header = describe(
            name,
            parent,
            tables.rows,
            recipe=recipe,
            splits=splits,
            crossing=crossing,
            created=created.isoformat(timespec="microseconds"),
            serial=next_serial(workspace.versions()),
        )
        write_version(workspace.manifests, header, tables)
    return workspace.version(name)


def derived_name(version: str, recipe: Mapping[str, Any]) -> str:
    """The name of the derived version, such as `v3-x4`.

    Raises:
        VersionError: it would be too long.
    """
    return check_name(f"{version}-{recipe['name']}")


def _parent(workspace: Workspace, version: str) -> Version:
    if version != NEWEST:
        found = workspace.version(version)
        if found.header.derived is not None:
            raise VersionError(f"{version} is augmented already; augment {found.header.parent_name} instead")
        return found
    newest = workspace.newest_release()
    if newest is None:
        raise NothingToRelease(f"there is no version in {workspace.manifests}; make one with `curate freeze v1`")
    return newest


def _derive(
    parent: Version,
    before: Tables,
    recipe: Mapping[str, Any],
    splits: str,
    *,
    executor: Executor | None,
    progress: Progress,
) -> tuple[Tables, int]:
    """The tables of the derived version, and how many pictures were left out because they would join two splits."""
    expansion = expand(before.rows, recipe, splits=splits)
    source = PictureSource(parent.name, parent.state, recipe)
    pictures = describe_pictures(source, before.rows, expansion, executor=executor, progress=progress)
    made = np.flatnonzero(expansion.made)
    crossing = cross_split_duplicates(before.rows, before.edges, expansion.origin[made], pictures.column("sample_id"))
    allowed = np.ones(len(expansion.origin), bool)
    allowed[made[crossing]] = False
    expansion = Expansion(expansion.origin[allowed], expansion.transform[allowed])
    return make_tables(before, expansion, pictures.filter(pa.array(~crossing))), int(crossing.sum())
