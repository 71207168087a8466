"""What the workspace and the parent version say of every sample, at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curate.errors import VersionError
from curate.lineage import Edges, find_lineages
from curate.manifest import Fence, Version
from curate.sample import OFFICIAL_SPLITS
from curate.seeding import derive_seed
from curate.version.placement import GOLD, KEPT_OUT, NO_SPLIT, NOT_CHOSEN, Candidates
from curate.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ReleaseEvidence", "gather"]

_NO_EMOTION = ("unknown", "not_a_face")


@dataclass(frozen=True, slots=True)
class ReleaseEvidence:
    """Everything that a release is made from.

    Attributes:
        samples: those of the workspace and those behind the line's fence, by sample_id; columns of
            `Workspace.samples`. Gold pictures whose label is gone have the parent's.
        unfit: (S,) object; why a sample's label or a decision keeps it out, also of gold pictures; empty = fit.
        occurrences: of the workspace, and of earlier versions for samples that no source delivers any more; by source
            and key.
        edges: lineage evidence; ends are positions in `samples`.
        candidates: what placement decides on.
    """

    samples: "pd.DataFrame"
    unfit: np.ndarray
    occurrences: "pd.DataFrame"
    edges: Edges
    candidates: Candidates


def gather(
    workspace: Workspace,
    parent: Version | None,
    *,
    classes: Sequence[str],
    seed: int,
    sources: frozenset[str] | None = None,
) -> ReleaseEvidence:
    """Read the workspace, and take over what the parent and patches fix.

    Samples that the parent knows have its split. Those that it does not know have the split that a patch says, exactly
    as if the parent had said so. A patch's gold pictures are gold where there is no parent, that is, where a line
    starts: the line then has that gold test, as a child of the version that was exported would. A line of this
    workspace's own keeps its gold test, and they are test pictures like others.

    What the parent and its ancestors hold in their tests, and all that belongs with it, is among the samples even if no
    source delivers it any more: it is no row, but what belongs with it stays out of lower splits.

    Args:
        workspace: a view of it at one moment.
        parent: the version whose splits and gold test are inherited; None = there is none.
        classes: labels that the version holds.
        seed: of the order in which ties are broken.
        sources: whose pictures the version may hold, and whose labels count; None = all. Pictures that none of them
            delivers leave the gold test, too, but still decide about what belongs with them.

    Raises:
        VersionError: a gold picture's label is not among the classes.
    """
    import pandas as pd

    fence = None if parent is None else workspace.fence(parent)
    rows = None if parent is None else parent.rows()
    delivered = workspace.occurrences()
    chosen = delivered if sources is None else delivered[delivered["source"].isin(sources)]
    samples, occurrences, gone = _with_gone(workspace.samples(sources), chosen, fence)
    edges = workspace.edges(fence)
    names = pd.Index(samples["sample_id"].to_numpy(object))
    inherited, gold = _inherited(names, rows)
    unfit = _unfit(samples, classes, kept_out=_kept_out(names, occurrences))
    unchosen = ~gone
    unchosen[_positions(names, chosen["sample_id"])] = False
    unfit[unchosen] = NOT_CHOSEN
    _inherit_patched(workspace.patched(), names, inherited, gold, may_be_gold=(unfit == "") & (parent is None))
    gone = gone | (unchosen & gold)
    if rows is not None:
        _keep_gold_labels(samples, unfit, gold & ~gone, rows)
    numbered = _numbered(names, edges)
    lineage = find_lineages(len(names), numbered)
    candidates = Candidates(
        label=_label_codes(samples, gold & ~gone, classes),
        unfit=unfit,
        group=_group_codes(samples),
        keeper=_keepers(workspace, names),
        area=samples["width"].to_numpy(np.int64) * samples["height"].to_numpy(np.int64),
        lineage=lineage,
        inherited=inherited,
        gold=gold,
        gone=gone,
        fenced=_fenced(names, fence),
        official=_official(names, occurrences),
        order=_order(names, lineage, seed),
    )
    return ReleaseEvidence(samples, unfit, occurrences, numbered, candidates)


def _label_codes(samples: "pd.DataFrame", gold: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    index = {label: number for number, label in enumerate(classes)}
    label = np.array([index.get(each, -1) for each in samples["label"].to_numpy(object)], np.int64)
    if (label[gold] < 0).any():
        lost = sorted(set(samples["label"][gold & (label < 0)]))
        raise VersionError(
            f"the gold test holds pictures labelled {', '.join(lost)}; list them in [policy] classes or "
            "--classes, or start a new line with --from none"
        )
    return label


def _group_codes(samples: "pd.DataFrame") -> np.ndarray:
    """Numbers in [0, samples), equal within a duplicate group; its name may be that of a retired sample."""
    import pandas as pd

    return np.asarray(pd.factorize(samples["group_id"].fillna(samples["sample_id"]))[0], np.int64)


def _with_gone(
    samples: "pd.DataFrame", occurrences: "pd.DataFrame", fence: Fence | None
) -> "tuple[pd.DataFrame, pd.DataFrame, np.ndarray]":
    """Add what the fence knows and no source delivers, and say which samples these are: (S,) bool."""
    import pandas as pd

    gone = sorted(fence.members.difference(samples["sample_id"])) if fence else []
    if fence is None or fence.occurrences is None or not gone:
        return samples, occurrences, np.zeros(len(samples), bool)
    nothing = {"sample_id": gone, "width": 0, "height": 0, "mode": "L"}
    samples = pd.concat([samples, pd.DataFrame(nothing)], ignore_index=True)
    samples = samples.sort_values("sample_id", ignore_index=True)
    old = fence.occurrences[fence.occurrences["sample_id"].isin(gone)].drop(columns="left_out")
    return samples, pd.concat([occurrences, old], ignore_index=True), samples["sample_id"].isin(gone).to_numpy(bool)


def _fenced(names: "pd.Index", fence: Fence | None) -> np.ndarray:
    """(S,) the rank of samples that were ever in the tests of the line, `NO_SPLIT` for all others."""
    fenced = np.full(len(names), NO_SPLIT)
    if fence is not None:
        ranks = {"gold": GOLD, "test": OFFICIAL_SPLITS.index("test")}
        fenced[:] = [ranks.get(fence.side.get(name, ""), NO_SPLIT) for name in names.tolist()]
    return fenced


def _inherited(names: "pd.Index", rows: "pd.DataFrame | None") -> tuple[np.ndarray, np.ndarray]:
    inherited, gold = np.full(len(names), NO_SPLIT), np.zeros(len(names), bool)
    if rows is None:
        return inherited, gold
    place = _positions(names, rows["sample_id"])
    here = place >= 0
    inherited[place[here]] = [OFFICIAL_SPLITS.index(split) for split in rows["split"].to_numpy(object)[here]]
    gold[place[here]] = rows["gold"].to_numpy(bool)[here]
    return inherited, gold


def _inherit_patched(
    patched: "pd.DataFrame", names: "pd.Index", inherited: np.ndarray, gold: np.ndarray, *, may_be_gold: np.ndarray
) -> None:
    """Give samples that the parent does not know the split of a patch, in place."""
    placed = patched[patched["split"].notna() & (_positions(names, patched["sample_id"]) >= 0)]
    place = _positions(names, placed["sample_id"])
    new = inherited[place] == NO_SPLIT
    split = np.array([OFFICIAL_SPLITS.index(split) for split in placed["split"]], np.int64)
    inherited[place[new]] = split[new]
    gold[place] |= placed["gold"].to_numpy(bool) & may_be_gold[place]


def _kept_out(names: "pd.Index", occurrences: "pd.DataFrame") -> np.ndarray:
    """(S,) bool: samples that occur only in splits of which curate.toml says that they are in no version."""
    flags = occurrences["kept_out"].isin([True]).to_numpy(bool)
    place = _positions(names, occurrences["sample_id"])
    return np.asarray(
        (np.bincount(place[flags], minlength=len(names)) > 0) & (np.bincount(place[~flags], minlength=len(names)) == 0)
    )


def _unfit(samples: "pd.DataFrame", classes: Sequence[str], *, kept_out: np.ndarray) -> np.ndarray:
    listed = set(classes)
    result = np.full(len(samples), "", object)
    columns = (samples[name].astype(object).to_numpy() for name in ("label", "excluded"))
    for place, (label, excluded) in enumerate(zip(*columns, strict=True)):
        if isinstance(excluded, str):
            result[place] = f"excluded: {excluded}"
        elif not isinstance(label, str):
            result[place] = "label is open"
        elif label not in listed:
            result[place] = f"label is {label}" if label in _NO_EMOTION else f"label {label} is not listed"
    result[kept_out & (result == "")] = KEPT_OUT
    return result


def _keep_gold_labels(samples: "pd.DataFrame", unfit: np.ndarray, gold: np.ndarray, rows: "pd.DataFrame") -> None:
    """Give gold pictures that have lost their label the parent's, in place."""
    import pandas as pd

    lost = np.flatnonzero(gold & (unfit != ""))
    old = rows.set_index("sample_id").loc[samples["sample_id"].iloc[lost].to_numpy(object)]
    for name in ("label", "label_origin"):
        values = samples[name].astype(object).to_numpy().copy()
        values[lost] = old[name].to_numpy(object)
        samples[name] = pd.array(values, dtype="str")


def _numbered(names: "pd.Index", edges: "pd.DataFrame") -> Edges:
    """Edges by position, ordered; each once."""
    ends = np.stack([_positions(names, edges["sample_a"]), _positions(names, edges["sample_b"])], axis=1)
    kind, detail = (edges[name].astype(object).to_numpy() for name in ("kind", "detail"))
    detail = np.array([text if isinstance(text, str) else None for text in detail], object)
    rows = sorted(set(zip(*ends.T.tolist(), kind, [text or "" for text in detail], strict=True)))
    return Edges(
        np.array([row[:2] for row in rows], np.int64).reshape(-1, 2),
        np.array([row[2] for row in rows], object),
        np.array([row[3] or None for row in rows], object),
    )


def _keepers(workspace: Workspace, names: "pd.Index") -> np.ndarray:
    groups = workspace.groups()
    place = _positions(names, groups["sample_id"][groups["keeper"].astype(bool)])
    keeper = np.zeros(len(names), bool)
    keeper[place[place >= 0]] = True
    return keeper


def _official(names: "pd.Index", occurrences: "pd.DataFrame") -> np.ndarray:
    official = np.full(len(names), NO_SPLIT)
    placed = occurrences[occurrences["official_split"].notna()]
    codes = np.array([OFFICIAL_SPLITS.index(split) for split in placed["official_split"]], np.int64)
    np.maximum.at(official, _positions(names, placed["sample_id"]), codes)
    return official


def _order(names: "pd.Index", lineage: np.ndarray, seed: int) -> np.ndarray:
    firsts = np.unique(lineage)
    keys = np.zeros(len(names), np.int64)
    keys[firsts] = [derive_seed(seed, "split", str(names[first])) for first in firsts]
    return np.asarray(keys[lineage])


def _positions(names: "pd.Index", wanted: "pd.Series") -> np.ndarray:
    """(W,) where each of the wanted is among the names, or -1."""
    return np.asarray(names.get_indexer(wanted.to_numpy(object)), np.int64)  # type: ignore[arg-type]  # arrays will do
