"""The tables of a release, in their canonical order."""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from curate.manifest import Tables
from curate.manifest.schema import EDGES, OCCURRENCES, ROWS, VOTES, table_of
from curate.sample import OFFICIAL_SPLITS
from curate.version.placement import NO_SPLIT, Placement
from curate.version.release_evidence import ReleaseEvidence

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["make_tables"]

_LABEL = ("label", "label_origin", "label_by", "label_at")


def make_tables(evidence: ReleaseEvidence, placed: Placement, gold: np.ndarray) -> Tables:
    """Rows by sample_id, occurrences by source and key, edges by their ends.

    Args:
        evidence: what is known of every sample.
        placed: what becomes of it.
        gold: (S,) bool.
    """
    return Tables(_rows(evidence, placed, gold), _occurrences(evidence, placed), _edges(evidence))


def _rows(evidence: ReleaseEvidence, placed: Placement, gold: np.ndarray) -> pa.Table:
    own = evidence.candidates
    kept = np.flatnonzero(placed.split != NO_SPLIT)
    samples = evidence.samples.iloc[kept]
    names = evidence.samples["sample_id"].to_numpy(object)
    splits = np.array([*OFFICIAL_SPLITS, None], object)
    held = evidence.unfit.copy()
    held[~gold | (held == "")] = None
    columns = {
        name: samples[name].astype(object).to_numpy()
        for name in (
            "sample_id",
            "label",
            "label_origin",
            "label_by",
            "label_at",
            "group_id",
            "width",
            "height",
            "mode",
        )
    }
    columns |= {
        "split": splits[placed.split[kept]],
        "gold": gold[kept],
        "held": held[kept],
        "moved_from": splits[np.where(placed.moved, own.official, NO_SPLIT)][kept],
        "lineage_id": names[own.lineage[kept]],
        **_from_occurrences(evidence.occurrences, columns["sample_id"]),
    }
    return table_of(ROWS, columns)


def _from_occurrences(occurrences: "pd.DataFrame", wanted: np.ndarray) -> dict[str, np.ndarray]:
    """Subject, sequence (alphabetically first, if several), sources, and votes summed over occurrences."""
    import pandas as pd

    names = pd.Index(wanted)
    place = names.get_indexer(occurrences["sample_id"].to_numpy(object))
    inside = occurrences[place >= 0]
    by_row = inside.groupby(place[place >= 0])
    found: dict[str, np.ndarray] = {}
    for name in ("subject", "sequence"):
        column = np.full(len(names), None, object)
        known = inside[inside[name].notna()]
        firsts = known.groupby(place[place >= 0][inside[name].notna().to_numpy()])[name].min()
        column[firsts.index.to_numpy(np.int64)] = firsts.to_numpy(object)
        found[name] = column
    sources = np.full(len(names), "", object)
    pairs = sorted({*zip(place[place >= 0].tolist(), inside["source"].to_numpy(object).tolist(), strict=True)})
    for row, source in pairs:
        sources[row] = f"{sources[row]}, {source}" if sources[row] else source
    votes = by_row[list(VOTES)].sum(min_count=1)
    rows = votes.index.to_numpy(np.int64)
    for name in VOTES:
        column = np.full(len(names), None, object)
        values = votes[name]
        present = values.notna().to_numpy()
        column[rows[present]] = values[present].to_numpy(np.int64)
        found[name] = column
    return {**found, "sources": sources}


def _occurrences(evidence: ReleaseEvidence, placed: Placement) -> pa.Table:
    import pandas as pd

    ordered = evidence.occurrences.sort_values(["source", "key"], kind="stable")
    reasons = dict(zip(evidence.samples["sample_id"], placed.left_out, strict=True))
    left_out = ordered["sample_id"].map(reasons).replace("", None)
    columns = {field.name: ordered[field.name] for field in OCCURRENCES if field.name != "left_out"}
    return table_of(OCCURRENCES, {**columns, "left_out": pd.Series(left_out, dtype=object)})


def _edges(evidence: ReleaseEvidence) -> pa.Table:
    names = evidence.samples["sample_id"].to_numpy(object)
    edges = evidence.edges
    order = np.lexsort((edges.kind.astype(str), edges.ends[:, 1], edges.ends[:, 0]))
    return table_of(
        EDGES,
        {
            "sample_a": names[edges.ends[order, 0]],
            "sample_b": names[edges.ends[order, 1]],
            "kind": edges.kind[order],
            "detail": edges.detail[order],
        },
    )
