"""What is known of every distinct picture: measures, label and where it comes from, what speaks against it, lineage."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from curate.catalog import Catalog, decisions, duplicates, tables
from curate.components import connect
from curate.config import Config
from curate.decisions import Verdict
from curate.emotions import LABELS
from curate.hashing import hash_hex
from curate.labels import ORIGINS, UNRESOLVED
from curate.resolution import resolve_catalog
from curate.workspace.frames import frame, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["sample_table"]

_MEASURES = ("brightness", "contrast", "sharpness", "entropy")
_EXCLUDED_ELSEWHERE = "excluded"


def sample_table(
    catalog: Catalog,
    config: Config,
    *,
    edges: "pd.DataFrame",
    patched: "pd.DataFrame",
    sources: Collection[str] | None = None,
) -> "pd.DataFrame":
    """The table that `Workspace.samples` describes.

    Args:
        catalog: at one moment.
        config: by whose policy labels are resolved.
        edges: lineage evidence.
        patched: what patches say of samples.
        sources: names of those whose labels and votes count; None = all.
    """
    table = frame(tables.sample_rows(catalog), tables.SampleRow._fields)
    numbers, resolved = resolve_catalog(catalog, config, sources=sources)
    group_ids = {each.sample_id: each.group_id for each in duplicates.group_rows(catalog)}
    place = np.searchsorted(numbers, table["row"].to_numpy(np.int64))
    table["label"] = text([None if code == UNRESOLVED else LABELS[code] for code in resolved.label[place]])
    table["label_origin"] = text([ORIGINS[code] for code in resolved.origin[place]])
    hashes = np.frombuffer(b"".join(value[:8] for value in table["hashes"]), ">u8")
    table["hash"] = text(hash_hex(hashes))
    table["group_id"] = text(group_ids.get(sample_id) for sample_id in table["sample_id"])
    _add_lineage(table, edges)
    _add_authors(table, patched, decisions.settled_decisions(catalog).pictures)
    shown = ("sample_id", "width", "height", "mode", "label", "label_origin", "label_by", "label_at", "excluded")
    return table[[*shown, "group_id", "lineage_id", "hash", *_MEASURES, "flags"]]


def _add_lineage(table: "pd.DataFrame", edges: "pd.DataFrame") -> None:
    import pandas as pd

    names = pd.Index(table["sample_id"])
    ends = np.stack([names.get_indexer(edges["sample_a"]), names.get_indexer(edges["sample_b"])], axis=1)
    known = (ends >= 0).all(axis=1)
    table["lineage_id"] = table["sample_id"].take(connect(len(names), ends[known])).array


def _add_authors(table: "pd.DataFrame", patched: "pd.DataFrame", reviewed: dict[str, Verdict]) -> None:
    """Add label_by, label_at and excluded; reviewers overrule what a patch excluded."""
    taken = patched.set_index("sample_id").reindex(table["sample_id"])
    by: list[str | None] = []
    at: list[str | None] = []
    excluded: list[str | None] = []
    columns = (table["sample_id"], table["label_origin"], taken["patch"], taken["left_out"])
    for sample_id, origin, patch, left_out in zip(*(column.to_numpy(object) for column in columns), strict=True):
        verdict = reviewed.get(sample_id)
        by.append(verdict.by if verdict and origin == "reviewed" else patch if origin == "patch" else None)
        at.append(verdict.at if verdict else None)
        reason = left_out if isinstance(left_out, str) else None
        if verdict and not verdict.label:
            reason = f"by {verdict.by}"
        elif verdict and reason and reason.startswith(_EXCLUDED_ELSEWHERE):
            reason = None
        excluded.append(reason)
    table["label_by"], table["label_at"], table["excluded"] = text(by), text(at), text(excluded)
