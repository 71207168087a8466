"""The labelled pictures of a workspace as they are judged, and the other evidence on their labels."""

from collections.abc import Set
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from curate.catalog import Catalog, pictures, tables
from curate.emotions import LABEL_INDEX, LABELS
from curate.errors import NothingToScore
from curate.features import pictures_for_matching
from curate.labels import UNRESOLVED, Ballots, cast_ballots
from curate.progress import Progress
from curate.resolution import resolve_catalog
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FEWEST_OF_A_CLASS", "LabelDataset", "load_dataset"]

FEWEST_OF_A_CLASS = 5
"""Lineage groups outside the gold test that a class needs: one for each fold."""


@dataclass(frozen=True, slots=True)
class LabelDataset:
    """N labelled samples, ordered by sample_id; parallel arrays.

    Attributes:
        classes: the K names that labels are judged among.
        left_out: label -> labelled samples of a class that is too rare to be judged.
        sample_ids: 64 hex digits each.
        pictures: (N, 48, 48) uint8.
        label: (N,) int64, index into `classes`: the label as given, before copies are resolved together.
        lineage: (N,) int64, index of the lineage group.
        group: (N,) int64, index of the duplicate group; a sample without copies has one of its own.
        copies: (N,) int64, samples in the duplicate group; 1 = no copy is known.
        ballots: (N, K) int64, given labels of the whole duplicate group, one per source and sample.
        votes: (N, K) int64, annotators' votes of the policy's panel.
        gold: (N,) bool; in the gold test of any line.
    """

    classes: tuple[str, ...]
    left_out: dict[str, int]
    sample_ids: list[str]
    pictures: np.ndarray
    label: np.ndarray
    lineage: np.ndarray
    group: np.ndarray
    copies: np.ndarray
    ballots: np.ndarray
    votes: np.ndarray
    gold: np.ndarray

    def __len__(self) -> int:
        return len(self.sample_ids)


def load_dataset(
    workspace: Workspace, *, lines: Set[str] | None = None, executor: Executor, progress: Progress
) -> LabelDataset:
    """Read every sample whose label is one of the policy's classes.

    Args:
        workspace: whose samples.
        lines: names of the lines whose gold tests count as gold; None = of all.
        executor: threads or processes.
        progress: progress callback.

    Raises:
        NothingToScore: fewer than two classes have pictures of five lineage groups outside the gold test.
    """
    with workspace.snapshot() as view, view.catalog() as catalog:
        samples = view.samples()
        samples["code"] = _given_codes(view, catalog)
        group = _indices(samples["group_id"].fillna(samples["sample_id"]))
        ballots, votes = _count_occurrences(view.occurrences(), samples["sample_id"], group)
        judged = samples["code"].isin([LABEL_INDEX[name] for name in view.config.policy.classes])
        judged &= samples["excluded"].isna()
        samples["gold"] = samples["sample_id"].isin(_gold_ids(view, lines))
        codes, left_out = _frequent_classes(samples[judged], workspace)
        rows = np.flatnonzero(judged & samples["code"].isin(codes))
        chosen = samples.iloc[rows]
        sample_ids = chosen["sample_id"].tolist()
        files = (file.data for file in pictures.read(catalog, sample_ids))
        reduced = pictures_for_matching(files, len(sample_ids), executor=executor, progress=progress)
    return LabelDataset(
        classes=tuple(LABELS[code] for code in codes),
        left_out=left_out,
        sample_ids=sample_ids,
        pictures=reduced,
        label=np.searchsorted(codes, chosen["code"].to_numpy()),
        lineage=_indices(chosen["lineage_id"]),
        group=group[rows],
        copies=np.bincount(group)[group[rows]],
        ballots=ballots[rows][:, codes],
        votes=votes[rows][:, codes],
        gold=chosen["gold"].to_numpy(bool),
    )


def _given_codes(workspace: Workspace, catalog: Catalog) -> np.ndarray:
    """(S,) int64 label of every sample by the policy, but each copy for itself, as copies are evidence alone."""
    config = workspace.config
    sample_rows, resolved = resolve_catalog(catalog, replace(config, policy=replace(config.policy, groups="none")))
    rows = np.array([row[0] for row in tables.sample_rows(catalog)], np.int64)
    return resolved.label[np.searchsorted(sample_rows, rows)]


def _count_occurrences(
    occurrences: "pd.DataFrame", sample_ids: "pd.Series[str]", group: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(S, len(LABELS)) ballots of each sample's duplicate group, and votes on the sample itself."""
    import pandas as pd

    sample = pd.Index(sample_ids).get_indexer(pd.Index(occurrences["sample_id"]))
    source = _indices(occurrences["source"])
    label = occurrences["given_label"].map(LABEL_INDEX).fillna(UNRESOLVED).to_numpy(np.int64)
    given = label != UNRESOLVED
    ballots = cast_ballots(len(sample_ids), Ballots(sample[given], source[given], label[given]))
    pooled, votes = np.zeros_like(ballots), np.zeros_like(ballots)
    np.add.at(pooled, group, ballots)
    np.add.at(votes, sample, occurrences[[f"votes_{name}" for name in LABELS]].fillna(0).to_numpy(np.int64))
    return pooled[group], votes


def _frequent_classes(judged: "pd.DataFrame", workspace: Workspace) -> tuple[np.ndarray, dict[str, int]]:
    """Codes of classes with enough lineage groups to fit on, ascending, and how many samples the others have."""
    groups = judged[~judged["gold"]].groupby("code")["lineage_id"].nunique()
    codes = np.sort(groups.index[groups >= FEWEST_OF_A_CLASS].to_numpy(np.int64))
    if len(codes) < 2:
        raise NothingToScore(
            f"{workspace.folder} has {len(judged):,} labelled pictures, but labels can be judged only where two "
            f"classes or more have pictures of {FEWEST_OF_A_CLASS} unrelated faces each; ingest more, or look at "
            "`[policy] classes` in curate.toml"
        )
    counts = judged["code"].value_counts()
    return codes, {LABELS[code]: int(counts[code]) for code in sorted(set(counts.index) - set(codes.tolist()))}


def _gold_ids(workspace: Workspace, lines: Set[str] | None) -> list[str]:
    """The gold pictures of lines: of any of their versions, as a gold test may have shrunk since."""
    gold: set[str] = set()
    for version in workspace.versions():
        if lines is not None and version.header.line not in lines:
            continue
        rows = version.table("rows", columns=["sample_id", "gold"])
        gold.update(rows.filter(rows.column("gold")).column("sample_id").to_pylist())
    return sorted(gold)


def _indices(names: "pd.Series[str]") -> np.ndarray:
    return np.unique(names.to_numpy(object), return_inverse=True)[1]
