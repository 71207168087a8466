"""Which pictures a version holds, and in which split: the rules of inheritance, withdrawal, gold and keepers. Pure."""

from dataclasses import dataclass

import numpy as np

from curate.manifest import GONE
from curate.sample import OFFICIAL_SPLITS
from curate.version.splits import assign_splits

__all__ = [
    "COPY",
    "GOLD",
    "KEPT_OUT",
    "NOT_CHOSEN",
    "NO_SPLIT",
    "TOUCHES_GOLD",
    "WITHDRAWN",
    "Candidates",
    "Placement",
    "place",
]

NO_SPLIT = -1
COPY, WITHDRAWN, TOUCHES_GOLD = "copy of a kept picture", "withdrawn", "belongs with a gold picture"
KEPT_OUT = "its official split is kept out by [splits]"
NOT_CHOSEN = "of a source that was not chosen"
"""Why a picture is left out, although its label would admit it."""

_TRAIN, _VAL, _TEST = range(len(OFFICIAL_SPLITS))
GOLD = _TEST + 1
"""The rank of gold pictures, above the splits."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """All samples of a workspace, and what decides about them; parallel (S,) arrays, by sample_id.

    Attributes:
        label: index into the version's classes, or -1.
        unfit: object; why the sample cannot be in a version (its label is open, not listed, ...); empty = it can.
        group: number of the duplicate group, in [0, S); one of its own where a sample has none.
        keeper: bool; the member of its group that the duplicate search would keep.
        area: pixels.
        lineage: the lineage group, likewise.
        inherited: index into `OFFICIAL_SPLITS` of the split in the parent, or `NO_SPLIT`.
        gold: bool; in the gold test of the parent, or of the patch that starts the line.
        gone: bool; no source delivers the picture any more; it is no row, but decides about what belongs with it.
        fenced: `GOLD` or the test split for samples that the parent or its ancestors ever held there; else `NO_SPLIT`.
        official: index into `OFFICIAL_SPLITS` of the highest official split, or `NO_SPLIT`.
        order: int64 key by which ties are broken, the same within a lineage group.
    """

    label: np.ndarray
    unfit: np.ndarray
    group: np.ndarray
    keeper: np.ndarray
    area: np.ndarray
    lineage: np.ndarray
    inherited: np.ndarray
    gold: np.ndarray
    gone: np.ndarray
    fenced: np.ndarray
    official: np.ndarray
    order: np.ndarray


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of each sample; parallel (S,) arrays.

    Attributes:
        split: index into `OFFICIAL_SPLITS`, or `NO_SPLIT` for samples that are left out.
        left_out: object; why; empty = it is a row.
        moved: bool; a row whose official split was repaired.
        anchor: bool; samples whose split decided about others of their lineage group.
        dealt: bool; rows that were dealt out by the ratios, as nothing else placed their lineage group.
        settled: bool; samples whose lineage group the parent or a patch placed.
    """

    split: np.ndarray
    left_out: np.ndarray
    moved: np.ndarray
    anchor: np.ndarray
    dealt: np.ndarray
    settled: np.ndarray


def place(
    own: Candidates,
    *,
    ratios: tuple[float, ...],
    keep_official_splits: bool,
    keep_copies: bool,
    asked: np.ndarray | None = None,
) -> Placement:
    """Decide about every sample.

    1. Gold pictures stay while a source delivers them, whatever else happened to them. Others need a label of the
       version's classes.
    2. A lineage group that the parent knows goes on in the highest split in which the parent has one of its pictures,
       or an ancestor had one in its test. Those that the parent has in a lower split are withdrawn. New pictures join,
       or are left out where the group touches gold. It does not matter whether these pictures
       are still delivered, or fit.
    3. Of the pictures of one duplicate group one is kept (all gold ones, if there are any), unless copies are.
    4. New lineage groups go where the highest split says that is asked for one of their pictures (`asked`, (S,) index
       into `OFFICIAL_SPLITS` or `NO_SPLIT`), or their highest official one, if these are kept; others are dealt out by
       ratio.
    """
    gold = own.gold & ~own.gone
    left_out = np.where(gold, "", own.unfit).astype(object)
    left_out[own.gone] = _why_gone(own)
    fit = left_out == ""
    rank = np.maximum(np.where(own.gold, GOLD, own.inherited), own.fenced)
    deciding = fit | own.gone | (own.fenced != NO_SPLIT)
    top = _highest(own.lineage, np.where(deciding, rank, NO_SPLIT))
    left_out[fit & (own.inherited != NO_SPLIT) & (own.inherited < np.minimum(top, _TEST))] = WITHDRAWN
    late = fit & (own.inherited == NO_SPLIT) & (top == GOLD)
    if not keep_copies:
        of_gold = np.bincount(own.group[gold], minlength=len(gold))[own.group] > 0
        left_out[_copies(own, gold, (left_out == "") & (of_gold | ~late))] = COPY
    left_out[late & (left_out == "")] = TOUCHES_GOLD
    kept = left_out == ""
    split = np.where(kept & (top != NO_SPLIT), np.minimum(top, _TEST), NO_SPLIT)
    if asked is not None:
        wanted = _highest(own.lineage, np.where(fit, asked, NO_SPLIT))
        split = np.where(kept & (split == NO_SPLIT), wanted, split)
    official = np.full(len(split), NO_SPLIT)
    if keep_official_splits:
        official = _highest(own.lineage, np.where(fit, own.official, NO_SPLIT))
        known = kept & (split == NO_SPLIT) & (official != NO_SPLIT)
        split[known] = official[known]
    dealt = kept & (split == NO_SPLIT)
    new = np.flatnonzero(dealt)
    split[new] = assign_splits(own.lineage[new], own.label[new], ratios=ratios, order=own.order[new])
    moved = kept & keep_official_splits & (own.official != NO_SPLIT) & (split != own.official)
    anchor = deciding & np.where(top != NO_SPLIT, rank == top, fit & (own.official == official))
    return Placement(split, left_out, moved, anchor, dealt, top != NO_SPLIT)


def _why_gone(own: Candidates) -> list[str]:
    sides = {GOLD: "gold", _TEST: "test"}
    reasons = zip(own.unfit[own.gone].tolist(), own.fenced[own.gone].tolist(), strict=True)
    return [unfit if unfit == NOT_CHOSEN else GONE[sides.get(rank, "")] for unfit, rank in reasons]


def _highest(lineage: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """(S,) the highest rank in each sample's lineage group."""
    highest = np.full(len(lineage), NO_SPLIT)
    np.maximum.at(highest, lineage, rank)
    return np.asarray(highest[lineage])


def _copies(own: Candidates, gold: np.ndarray, admitted: np.ndarray) -> np.ndarray:
    """Samples of which a copy is kept instead."""
    index = np.flatnonzero(admitted)
    order = np.lexsort((index, -own.area[index], ~own.keeper[index], ~gold[index], own.group[index]))
    ordered = index[order]
    first = np.ones(len(ordered), bool)
    first[1:] = own.group[ordered[1:]] != own.group[ordered[:-1]]
    return np.asarray(ordered[~first & ~gold[ordered]])
