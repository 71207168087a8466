"""Make a derived version: rows for every picture and what augmentation makes of it."""

import shutil
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from curate.augment.derived_lineage import cross_split_duplicates
from curate.augment.expansion import EVERY_SPLIT, Expansion, expand, make_pictures
from curate.augment.header import describe
from curate.augment.materialise import PictureDraft, materialise
from curate.augment.tables import make_tables
from curate.derive import X4
from curate.errors import NothingToRelease, VersionError, VersionExists
from curate.manifest import Derivation, Header, Tables, Version, check_name, next_serial, write_version
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
    keep_pictures: bool = False,
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
        keep_pictures: also store the pictures (materialise); where the version is there already, made in the same
            way, only this is done.
        executor: threads; None = all cores. The version does not depend on it.
        progress: told how many pictures are done.

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
        if keep_pictures and _is_there(workspace, name, parent, recipe, splits):
            made = workspace.version(name)
            materialise(made, executor=executor, progress=progress)
            return made
        _check_free(workspace, name)
        pictures = workspace.state / "pictures" / name
        shutil.rmtree(pictures, ignore_errors=True)  # of a version of that name that was removed
        with PictureDraft(pictures) if keep_pictures else nullcontext() as draft:
            header, tables = _derive(
                parent, name, next_serial(workspace.versions()), recipe, splits, created, draft, executor, progress
            )
            write_version(workspace.manifests, header, tables)
            if draft is not None:
                draft.release(workspace.version(name))
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


def _check_free(workspace: Workspace, name: str) -> None:
    if (workspace.manifests / name).exists():
        raise VersionExists(
            f"there is a version {name} already; versions never change, so give the recipe another name, or store the "
            "pictures of this one with --materialise and the options that it was made with"
        )


def _is_there(workspace: Workspace, name: str, parent: Version, recipe: Mapping[str, Any], splits: str) -> bool:
    """Whether the derived version is there and was made in this way from this parent."""
    if name not in workspace.version_names():
        return False
    header = workspace.version(name).header
    return header.derived == Derivation(dict(recipe), splits) and header.parent == parent.identity


def _derive(
    parent: Version,
    name: str,
    serial: int,
    recipe: Mapping[str, Any],
    splits: str,
    created: datetime,
    draft: PictureDraft | None,
    executor: Executor | None,
    progress: Progress,
) -> tuple[Header, Tables]:
    before = Tables(*(parent.table(each) for each in ("rows", "occurrences", "edges")))
    expansion = expand(before.rows, recipe, splits=splits)
    source = PictureSource(parent.name, parent.state, recipe)
    keep = None if draft is None else draft.add
    shown = make_pictures(source, before.rows, expansion, keep=keep, executor=executor, progress=progress)
    made = np.flatnonzero(expansion.made)
    stray = cross_split_duplicates(before.rows, before.edges, expansion.origin[made], shown.column("sample_id"))
    if draft is not None:
        draft.finish(without=made[stray])
    tables = make_tables(before, _without(expansion, stray), shown.filter(pa.array(~stray)))
    header = describe(
        name,
        parent,
        tables.rows,
        recipe=recipe,
        splits=splits,
        strays=int(stray.sum()),
        created=created.isoformat(timespec="microseconds"),
        serial=serial,
    )
    return header, tables


def _without(expansion: Expansion, stray: np.ndarray) -> Expansion:
    kept = np.ones(len(expansion.origin), bool)
    kept[np.flatnonzero(expansion.made)[stray]] = False
    return Expansion(expansion.origin[kept], expansion.transform[kept])
