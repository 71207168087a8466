"""From a patch to the catalog: match its pictures, take over what it says of them, report."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from curate.catalog import Catalog
from curate.catalog.patches import Effect, patched_rows, store_patch
from curate.executors import local_threads
from curate.progress import Progress, silent
from curate.version.patch.effects import effects_of, outcomes_of, settle
from curate.version.patch.files import Patch, read_patch
from curate.version.patch.matching import KINDS, RE_ENCODED, Matches, find_identical, match_copies
from curate.version.patch.nearest import NONE
from curate.version.patch.prints import prints_of_catalog
from curate.version.patch.report import PatchReport, make_report, outcome_table
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Applied", "apply_patch"]


class Applied(NamedTuple):
    """What applying a patch did: counts, and a table of what became of every picture (see `report.outcome_table`)."""

    report: PatchReport
    outcomes: "pd.DataFrame"


def apply_patch(
    workspace: Workspace,
    path: str | Path,
    *,
    applied: datetime,
    replace: bool = False,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Applied:
    """Take over labels, splits and exclusions of a version made elsewhere, for the pictures that are here.

    Matched are pictures that are here pixel by pixel, and copies that were encoded again where hashes leave no doubt
    (see `matching.match_copies`); nothing else is applied. Labels come right before votes and given labels. Splits are
    inherited by the next version, for pictures that its parent does not know; the patch's gold test becomes that of
    a new line. Applying a file again brings what it says of pictures ingested since, and else nothing.

    Args:
        workspace: where to.
        path: the file.
        applied: now.
        replace: where a patch applied earlier says otherwise, this one wins; else the earlier stays.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Raises:
        PatchError: the file is no patch, or damaged.
        WorkspaceLocked: another process writes to this workspace.
        StorageFull: the disk is full; nothing was taken over.
    """
    patch = read_patch(Path(path))
    with workspace.locked("curate patch apply"), workspace.catalog() as catalog:
        before = workspace.samples()
        matches = _match(catalog, patch, before["sample_id"].tolist(), executor=executor, progress=progress)
        effects = effects_of(patch.table, matches.kind >= RE_ENCODED)
        said = list(_said(matches, effects, before["sample_id"].to_numpy(object)))
        known = {row.sample_id: row for row in patched_rows(catalog)}
        settled = settle(
            ((name, effect) for name, _, effect in said), known, digest=patch.header["digest"], replace=replace
        )
        rows = [(name, match, effect) for name, match, effect in said if name in settled.new]
        if rows:
            store_patch(catalog, patch.header, rows, applied=applied)
    after = workspace.samples()
    report = make_report(
        patch,
        matches,
        settled,
        len(before),
        excluded=int((after["excluded"].notna() & before["excluded"].isna()).sum()),
        labels_changed=int((after["label"].fillna("") != before["label"].fillna("")).sum()),
        splits_kept=_count_kept_splits(workspace, {name: effect.split for name, _, effect in said}),
    )
    return Applied(report, outcome_table(patch, matches, effects, settled, before))


def _match(
    catalog: Catalog, patch: Patch, local: list[str], *, executor: Executor | None, progress: Progress
) -> Matches:
    same = find_identical(patch.table.column("sample_id").to_pylist(), local)
    pools = nullcontext(executor) if executor else local_threads()
    with pools as pool:
        hashed = local if (same == NONE).any() and (same != NONE).sum() < len(local) else []
        prints = prints_of_catalog(catalog, hashed, executor=pool, progress=progress)
        return match_copies(patch.prints(), prints, outcomes_of(patch.table), same, executor=pool, progress=progress)


def _said(matches: Matches, effects: list[Effect], local: np.ndarray) -> Iterator[tuple[str, str, Effect]]:
    """Picture here, how it was matched, and what the patch says of it."""
    for place in np.flatnonzero(matches.kind >= RE_ENCODED).tolist():
        yield str(local[matches.local[place]]), KINDS[matches.kind[place]], effects[place]


def _count_kept_splits(workspace: Workspace, splits: dict[str, str | None]) -> int:
    """Pictures that the newest version has in another split than a patch says."""
    newest = workspace.newest_release()
    if newest is None:
        return 0
    rows = newest.rows()
    said = [splits.get(sample_id) for sample_id in rows["sample_id"]]
    return sum(one is not None and one != two for one, two in zip(said, rows["split"], strict=True))
