"""The header of a version: what its manifest.json says beside the digests."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version as installed_version
from typing import Any

import numpy as np

from curate.catalog import tables
from curate.config import Config
from curate.coverage import read_coverage
from curate.lineage import reaching_edges
from curate.manifest import Version, gold_digest
from curate.manifest.header import Departure, GoldTest, LargestGroup, SplitRepair
from curate.sample import OFFICIAL_SPLITS
from curate.version.placement import NO_SPLIT, NOT_CHOSEN, WITHDRAWN, Placement
from curate.version.release_evidence import ReleaseEvidence
from curate.workspace import Workspace

__all__ = ["FORMAT", "describe_configuration", "describe_content", "describe_lineage", "describe_sources", "gold_of"]

FORMAT = 1
"""Raised when an older curate could no longer read what is written."""

_TESTED_BEFORE = "tested before"


def describe_lineage(name: str, parent: Version | None, *, serial: int, created: str) -> dict[str, Any]:
    """Name, line, parent, place in the order of versions, time and tool."""
    return {
        "format": FORMAT,
        "name": name,
        "line": name if parent is None else parent.header.line,
        "parent": None if parent is None else asdict(parent.identity),
        "serial": serial,
        "created": created,
        "tool": {"curate": installed_version("curate-fer")},
    }


def describe_content(evidence: ReleaseEvidence, placed: Placement, parent: Version | None) -> dict[str, Any]:
    """Classes, counts, the gold test, and what was left out, withdrawn, held, moved and dealt out."""
    names = evidence.samples["sample_id"].to_numpy(object)
    gold = gold_of(evidence, placed, parent)
    return {
        "rows": int((placed.split != NO_SPLIT).sum()),
        "counts": _count_labels(evidence, placed),
        "gold": asdict(GoldTest(int(gold.sum()), gold_digest(names[gold].tolist()))),
        "left_out": dict(Counter(reason for reason in placed.left_out.tolist() if reason).most_common()),
        "held": int((gold & (evidence.unfit != "")).sum()),
        "fenced": int((evidence.candidates.gone & (evidence.unfit != NOT_CHOSEN)).sum()),
        "departed": _departed(evidence, parent),
        "withdrawn": _withdrawn(evidence, placed),
        "moved": _moved(evidence, placed),
        "dealt": int(placed.dealt.sum()),
        "largest_group": asdict(_largest_group(evidence)),
    }


def gold_of(evidence: ReleaseEvidence, placed: Placement, parent: Version | None) -> np.ndarray:
    """(S,) bool: the gold test. The first version of a line has that of patches, or else its test split becomes it."""
    gold: np.ndarray = evidence.candidates.gold & ~evidence.candidates.gone
    return gold if parent is not None or gold.any() else placed.split == OFFICIAL_SPLITS.index("test")


def describe_configuration(
    config: Config, *, ratios: Sequence[float], keep_copies: bool, keep_official_splits: bool
) -> dict[str, Any]:
    """Everything that the user chose."""
    return {
        "classes": list(config.policy.classes),
        "seed": config.seed,
        "ratios": list(ratios),
        "keep_copies": keep_copies,
        "keep_official_splits": keep_official_splits,
        "policy": {**asdict(config.policy), "classes": list(config.policy.classes)},
        "labels": [dict(config.labels), {source: dict(names) for source, names in config.source_labels.items()}],
        "splits": {source: dict(names) for source, names in config.splits.items()},
        "derived": None,
    }


def describe_sources(
    view: Workspace, evidence: ReleaseEvidence, placed: Placement, chosen: frozenset[str] | None = None
) -> dict[str, Any]:
    """Where the pictures came from, which patches speak of them, and how thoroughly they were searched for copies.

    Args:
        view: the workspace at one moment.
        evidence: what the version is made from.
        placed: in which split.
        chosen: names of sources that the version is made of; None = all.
    """
    sources = view.sources()
    sources = sources[sources["occurrences"] > 0]
    if chosen is not None:
        sources = sources[sources["name"].isin(chosen)]
    shown = ["name", "format", "licence", "digest", "revision", "occurrences"]
    with view.catalog() as catalog:
        fenced = view.fenced_ids()
        search = read_coverage(catalog, tables.active_ids(catalog), fenced)
    held_back = evidence.samples["sample_id"][evidence.candidates.gone & (evidence.unfit != NOT_CHOSEN)]
    patches = view.patches()[["version", "digest", "samples"]].astype(object)
    return {
        "search": {**asdict(search), **_count_doubt(view, evidence, placed)},
        "unsearched": len(set(held_back).difference(fenced)),
        "sources": sources[shown].astype(object).to_dict("records"),
        "patches": patches.to_dict("records"),
    }


def _count_doubt(view: Workspace, evidence: ReleaseEvidence, placed: Placement) -> dict[str, int]:
    """Pairs that the search left to people and nobody judged; and those between pictures, or copies, in two splits."""
    import pandas as pd

    names = pd.Index(evidence.samples["sample_id"].to_numpy(object))
    pairs = view.pairs()
    pairs = pairs.loc[pairs["verdict"] == "review", ["sample_a", "sample_b"]]
    ends = np.stack([names.get_indexer(pairs[name].to_numpy(object)) for name in pairs])
    ends = ends[:, (ends >= 0).all(axis=0)]
    group = evidence.candidates.group
    split = np.full(len(group), NO_SPLIT)
    np.maximum.at(split, group, placed.split)
    one, two = split[group[ends]]
    across = (one != two) & (one != NO_SPLIT) & (two != NO_SPLIT)
    return {"doubtful": ends.shape[1], "doubtful_across_splits": int(across.sum())}


def _count_labels(evidence: ReleaseEvidence, placed: Placement) -> dict[str, dict[str, int]]:
    labels = evidence.samples["label"].to_numpy(object)
    counts: dict[str, dict[str, int]] = {}
    for code, split in enumerate(OFFICIAL_SPLITS):
        found = Counter(labels[placed.split == code].tolist())
        counts[split] = dict(sorted(found.items()))
    return counts


def _departed(evidence: ReleaseEvidence, parent: Version | None) -> list[dict[str, Any]]:
    """The parent's pictures that no source, or none that was chosen, delivers, counted by their sources and split."""
    if parent is None:
        return []
    rows = parent.table("rows", columns=["sample_id", "sources", "split", "gold"]).to_pylist()
    delivered = set(evidence.samples["sample_id"][~evidence.candidates.gone & (evidence.unfit != NOT_CHOSEN)])
    found = Counter(
        (str(row["sources"]), "gold" if row["gold"] else str(row["split"]))
        for row in rows
        if row["sample_id"] not in delivered
    )
    return [asdict(Departure(*whose, count)) for whose, count in sorted(found.items())]


def _withdrawn(evidence: ReleaseEvidence, placed: Placement) -> list[dict[str, Any]]:
    """Each withdrawn picture, the split that it had, and the edge by which a higher split reaches it.

    A picture that an ancestor tested on and the parent trained on, as releases before the fence could, is itself why.
    """
    names = evidence.samples["sample_id"].to_numpy(object)
    gone = np.flatnonzero(placed.left_out == WITHDRAWN)
    edge_of = reaching_edges(evidence.edges, np.flatnonzero(placed.anchor), gone)
    listed = []
    for sample in gone.tolist():
        edge = {"sample_a": names[sample], "sample_b": names[sample], "kind": _TESTED_BEFORE, "detail": None}
        if sample in edge_of:
            number = edge_of[sample]
            one, two = evidence.edges.ends[number]
            edge = {"sample_a": names[one], "sample_b": names[two]}
            edge |= {"kind": evidence.edges.kind[number], "detail": evidence.edges.detail[number]}
        split = OFFICIAL_SPLITS[evidence.candidates.inherited[sample]]
        listed.append({"sample_id": names[sample], "split": split, "edge": edge})
    return listed


def _largest_group(evidence: ReleaseEvidence) -> LargestGroup:
    """The lineage group with most pictures, the lowest of several: its name, size and kinds of edges."""
    lineage = evidence.candidates.lineage
    if not len(lineage):
        return LargestGroup(None, 0, 0, {})
    sizes = np.bincount(lineage)
    largest = int(sizes.argmax())
    kinds = evidence.edges.kind[lineage[evidence.edges.ends[:, 0]] == largest]
    return LargestGroup(
        lineage_id=str(evidence.samples["sample_id"].iloc[largest]),
        pictures=int(sizes[largest]),
        of=len(lineage),
        because_of=dict(Counter(kinds.tolist()).most_common()),
    )


def _moved(evidence: ReleaseEvidence, placed: Placement) -> list[dict[str, Any]]:
    """Rows by official split, split, and kind of the edge by which the deciding picture reaches them."""
    rows = np.flatnonzero(placed.moved)
    edge_of = reaching_edges(evidence.edges, np.flatnonzero(placed.anchor), rows)
    counts = Counter(
        (
            OFFICIAL_SPLITS[evidence.candidates.official[row]],
            OFFICIAL_SPLITS[placed.split[row]],
            str(evidence.edges.kind[edge_of[row]]) if row in edge_of else "inherited",
        )
        for row in rows.tolist()
    )
    return [asdict(SplitRepair(*move, count)) for move, count in counts.most_common()]
