"""From a version to a patch that may be shared where its pictures may not."""

from concurrent.futures import Executor
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from curate.components import connect
from curate.errors import PatchError
from curate.hashing import hash_hex
from curate.lineage import NOT_COPIES
from curate.manifest import Header, Version
from curate.manifest.schema import VOTES, table_of
from curate.progress import Progress, silent
from curate.version.patch.effects import label_of_reason
from curate.version.patch.files import PATCH, write_patch
from curate.version.patch.prints import STATISTICS, prints_of_catalog
from curate.version.placement import COPY
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["export_patch"]

_OF_ROWS = ("label", "label_origin", "label_by", "split", "group_id")


def export_patch(
    workspace: Workspace, name: str, path: str | Path, *, executor: Executor | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Write what a version says of every picture of its sources, rows and left-out ones, without the pictures.

    The same version gives the same bytes. No row holds more of a picture than two perceptual hashes, its size, and the
    mean, deviation and entropy of its gray values.

    Args:
        workspace: holds the version, and its pictures.
        name: of the version.
        path: the file to write.
        executor: threads or processes; None = threads on all cores.
        progress: progress callback.

    Returns:
        The header of the file.

    Raises:
        VersionNotFound: no version of that name.
        PatchError: the version was augmented (its parent can be exported), or there is no folder for the file.
        PicturesMissing: the workspace does not hold all pictures, which have to be hashed.
        StorageFull: there is no space for the file.
    """
    version = workspace.version(name)
    if version.header.derived:
        parent = version.header.parent_name
        raise PatchError(f"{name} is augmented from {parent}, and its pictures are made anew; export {parent} instead")
    if not Path(path).parent.is_dir():
        raise PatchError(f"there is no folder {Path(path).parent}; make it, or write elsewhere")
    samples = _describe(version)
    with workspace.catalog() as catalog:
        prints = prints_of_catalog(catalog, samples.index.tolist(), executor=executor, progress=progress)
    columns: dict[str, Any] = {field: samples[field].astype(object) for field in samples.columns}
    columns |= {"sample_id": samples.index.to_numpy(object), "gold": samples["gold"].to_numpy(bool)}
    columns |= {"hash_64": hash_hex(prints.coarse), "hash_256": hash_hex(prints.fine)}
    columns |= dict(zip(STATISTICS, prints.statistics.T, strict=True))
    return write_patch(Path(path), _header(version.header), table_of(PATCH, columns))


def _header(version: Header) -> dict[str, Any]:
    return {
        "version": version.name,
        **{key: version[key] for key in ("digest", "line", "gold", "classes")},
        "sources": [{"name": each.name, "licence": each.licence, "digest": each.digest} for each in version.sources],
        "tool": {"curate": installed_version("curate-fer")},
    }


def _describe(version: Version) -> "pd.DataFrame":
    """One row per picture, indexed by sample_id, ascending: columns of `PATCH` but hashes and statistics."""
    import pandas as pd

    rows = version.rows().set_index("sample_id")
    occurrences = version.occurrences()
    ids = pd.Index(sorted({*rows.index, *occurrences["sample_id"]}), dtype=object)
    table = rows[list(_OF_ROWS)].astype(object).reindex(ids)
    table["gold"] = rows["gold"].reindex(ids, fill_value=False)
    by_sample = occurrences.groupby("sample_id")
    table["left_out"] = by_sample["left_out"].first().astype(object).reindex(ids)
    for name, votes in by_sample[list(VOTES)].sum(min_count=1).reindex(ids).items():
        table[str(name)] = votes
    _add_groups(table, version.edges())
    _add_labels(table, rows)
    return table


def _add_groups(table: "pd.DataFrame", edges: "pd.DataFrame") -> None:
    """Fill in, in place, the lineage groups, and the duplicate groups of pictures that were left out."""
    import pandas as pd

    ids = table.index
    ends = np.stack([ids.get_indexer(pd.Index(edges[name])) for name in ("sample_a", "sample_b")], axis=1)
    known_ends = (ends >= 0).all(axis=1)
    of_copies = np.logical_not(edges["kind"].isin(NOT_COPIES).to_numpy(bool))
    table["lineage_id"] = ids.to_numpy()[connect(len(ids), ends[known_ends])]
    group = connect(len(ids), ends[known_ends & of_copies])
    named = table["group_id"].groupby(group).agg(["first", "nunique"])
    known = named["first"].where(named["nunique"] == 1).reindex(group).to_numpy(object)
    table["group_id"] = table["group_id"].where(table["left_out"].isna(), known)


def _add_labels(table: "pd.DataFrame", rows: "pd.DataFrame") -> None:
    """Fill in, in place, the labels that kept pictures out, and for copies what their kept picture has."""
    kept = rows.dropna(subset="group_id").sort_index().groupby("group_id")[["label", "split"]].first().astype(object)
    copy = (table["left_out"] == COPY) & table["group_id"].isin(kept.index)
    for name in ("label", "split"):
        table.loc[copy, name] = kept[name].reindex(table.loc[copy, "group_id"]).to_numpy(object)
    reasons = table["left_out"][table["left_out"].notna() & ~copy]
    table.loc[reasons.index, "label"] = np.array([label_of_reason(reason) for reason in reasons], object)
