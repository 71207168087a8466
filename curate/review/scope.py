"""What the next version would hold of the pictures: what of a review would change it, and what would not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from curate.emotions import LABEL_INDEX
from curate.errors import VersionError
from curate.labels import UNRESOLVED
from curate.manifest import release_order
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COPY", "HELD", "LEFT_OUT", "SCOPES", "SETTLED", "newest_gold", "quality_now", "sort_by_scope"]

HELD, SETTLED, COPY, LEFT_OUT = range(4)
SCOPES = (
    "what a version would hold",
    "corrected already: the label is the suggested one",
    "copies: another picture of the group is kept",
    "left out: excluded, kept out, or not of a listed class",
)
"""By code; every picture is in one of them."""


def sort_by_scope(
    samples: "pd.DataFrame",
    occurrences: "pd.DataFrame",
    left_out: set[str],
    *,
    label: np.ndarray,
    settled: np.ndarray,
    kept: np.ndarray,
    gold: set[str],
    classes: Sequence[str],
) -> np.ndarray:
    """In which of `SCOPES` each picture is; the rules of `curate freeze` but for what a parent version adds.

    Args:
        samples: of `Workspace.samples`.
        occurrences: of `Workspace.occurrences`.
        left_out: sample_ids that patches leave out.
        label: (N,) index into `LABELS` before any review; a look may give an open one a label, so it stays.
        settled: (N,) bool; the label is the suggested one already.
        kept: (N,) bool; the search for copies would keep it.
        gold: sample_ids of the gold test; all of a group are kept, and none falls out.
        classes: labels that versions hold.

    Returns:
        (N,) int8.
    """
    listed = np.isin(label, [LABEL_INDEX[name] for name in classes])
    names = samples["sample_id"]
    is_gold = names.isin(gold).to_numpy(bool)
    outside = (names.isin(left_out) | names.isin(_kept_out(occurrences))).to_numpy(bool)
    outside = ~is_gold & (outside | (~listed & (label != UNRESOLVED)))
    scope = np.where(settled, SETTLED, HELD)
    scope[_copies(samples, outside, listed, kept, is_gold)] = COPY
    scope[outside] = LEFT_OUT
    return scope.astype(np.int8)


def quality_now(
    quality: np.ndarray, judged: np.ndarray, label: np.ndarray, suggested: np.ndarray, probs: np.ndarray | None
) -> np.ndarray:
    """How likely the label of now is right, where another one was judged, such as the given one that copies outvote.

    What the judged label lacks is shared out among the others as the model would.

    Args:
        quality: (N,) of the judged label; NaN = not judged.
        judged: (N,) index into `LABELS` of the label that was judged, or `UNRESOLVED`.
        label: (N,) likewise of the label of now.
        suggested: (N,) likewise.
        probs: (N, len(LABELS)) of the model; None = not known: then the suggestion has all of it.

    Returns:
        (N,) float32 in [0, 1]; NaN where nothing was judged, or there is no label.
    """
    rows = np.arange(len(label))
    if probs is None:
        share = (label == suggested).astype(np.float64)
    else:
        others = probs.astype(np.float64)
        others[rows, judged] = 0
        share = others[rows, label] / np.maximum(others.sum(axis=1), np.finfo(float).tiny)
    now = np.where(label == judged, quality, (1 - quality) * share)
    return np.where((label == UNRESOLVED) | (judged == UNRESOLVED), np.nan, now).astype(np.float32)


def newest_gold(workspace: Workspace) -> set[str]:
    """sample_ids of the gold test of the newest release that can be read; none where there is no version."""
    found = {}
    for name in workspace.version_names():
        try:
            version = workspace.version(name)
            if version.header.derived is None:
                found[version] = version.table("rows", columns=["sample_id", "gold"])
        except VersionError:
            continue  # `curate verify` says so
    if not found:
        return set()
    rows = found[release_order(found)[-1]]
    return set(rows.filter(rows["gold"])["sample_id"].to_pylist())


def _kept_out(occurrences: "pd.DataFrame") -> set[str]:
    """sample_ids that occur only in splits of which curate.toml says that they are in no version."""
    flags = occurrences["kept_out"].to_numpy(bool)
    return set(occurrences["sample_id"][flags]) - set(occurrences["sample_id"][~flags])


def _copies(
    samples: "pd.DataFrame", outside: np.ndarray, listed: np.ndarray, kept: np.ndarray, gold: np.ndarray
) -> np.ndarray:
    """Positions of pictures of which another one of their group is kept."""
    index = np.flatnonzero(samples["group_id"].notna().to_numpy(bool) & ~outside)
    group = np.unique(samples["group_id"].iloc[index].to_numpy(str), return_inverse=True)[1]
    area = (samples["width"] * samples["height"]).to_numpy(np.int64)[index]
    order = np.lexsort((index, -area, ~kept[index], ~listed[index], ~gold[index], group))
    ordered, of = index[order], group[order]
    first = np.ones(len(ordered), bool)
    first[1:] = of[1:] != of[:-1]
    return np.asarray(ordered[~first & ~gold[ordered]])
