"""Which pictures of a patch are here: identical ones by digest, re-encoded ones by hashes that leave no doubt."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from curate.progress import Progress, silent
from curate.version.patch.nearest import FAR, NONE, Assignment, Nearest, find_nearest
from curate.version.patch.prints import Prints, is_recognisable

__all__ = [
    "AMBIGUOUS",
    "IDENTICAL",
    "KINDS",
    "LIMITS",
    "RE_ENCODED",
    "UNMATCHED",
    "Limits",
    "Matches",
    "find_identical",
    "match_copies",
]

KINDS = ("unmatched", "ambiguous", "re-encoded", "identical")
UNMATCHED, AMBIGUOUS, RE_ENCODED, IDENTICAL = range(len(KINDS))


@dataclass(frozen=True, slots=True)
class Limits:
    """How alike two pictures must be.

    Attributes:
        coarse_bits, fine_bits: most bits of 64 and of 256 in which the hashes differ.
        margin_bits, margin_ratio: a picture that differs in `b` bits of all 320 is clearly nearer than one with another
            label or split that differs in at least `margin_ratio * b + margin_bits`.
        brightness, contrast: most that mean and standard deviation of the luma differ, in gray levels.
        stretch: most that the relation of width to height differs, as a share.
    """

    coarse_bits: int
    fine_bits: int
    margin_bits: int
    margin_ratio: float
    brightness: float
    contrast: float
    stretch: float


LIMITS = Limits(
    coarse_bits=6, fine_bits=12, margin_bits=6, margin_ratio=1.5, brightness=1.5, contrast=6.0, stretch=0.02
)
"""Source: benchmarks/patch_thresholds.py, generated faces of 48 and of 112 pixels, encoded again: the widest limits
with which no copy was matched with another picture, although most pictures had near twins with other labels."""


class Matches(NamedTuple):
    """What became of the pictures of a patch; parallel (F,) arrays.

    Attributes:
        kind: index into `KINDS`.
        local: index of the picture here that it is, or may be; `NONE` where there is none.
        coarse, fine: bits in which their hashes differ; 0 for identical ones, `FAR` where there is none.
        runner_up: bits of all 320 of the nearest picture that would have brought something else, or `FAR`.
    """

    kind: np.ndarray
    local: np.ndarray
    coarse: np.ndarray
    fine: np.ndarray
    runner_up: np.ndarray


def find_identical(patched: Sequence[str], local: Sequence[str]) -> np.ndarray:
    """(F,) int64 index in `local` of each of the sample_ids `patched`, or `NONE`; `local` is ascending."""
    import pandas as pd

    return np.asarray(pd.Index(local).get_indexer(pd.Index(patched)), np.int64)


def match_copies(
    patched: Prints,
    local: Prints,
    assignment: Assignment,
    same: np.ndarray,
    *,
    limits: Limits = LIMITS,
    executor: Executor,
    progress: Progress = silent,
) -> Matches:
    """Match the pictures that are not identical.

    A picture here and one of the patch are copies of each other where each is the other's nearest, both hashes and the
    statistics are within the limits, and on either side the nearest picture that brings another label or split is
    clearly further. All pictures are compared, those with an identical counterpart too, because they may be nearer.
    Blank ones are not.

    Args:
        patched: F pictures of the patch.
        local: L pictures here; none, where all of them, or all of the patch, have an identical counterpart.
        assignment: of the patch's pictures.
        same: (F,) index of the identical picture here, or `NONE`.
        limits: how alike is alike enough.
        executor: threads or processes.
        progress: progress callback.
    """
    matches = _of_identical(same)
    if not len(local.coarse):
        return matches
    ours, theirs = (np.flatnonzero(is_recognisable(prints)) for prints in (local, patched))
    of_local = np.full(len(local.coarse), NONE)
    of_local[same[same != NONE]] = np.flatnonzero(same != NONE)
    asking = ours[of_local[ours] == NONE]
    if not len(asking) or not (same[theirs] == NONE).any():
        return matches
    forth = find_nearest(local, asking, patched, theirs, assignment, executor=executor, progress=progress)
    of_local[asking] = forth.other
    close = _close(local.take(asking), patched, forth, limits) & (same[forth.other] == NONE)
    wanted = np.unique(forth.other[close])
    of_ours = assignment.take(of_local)
    back = find_nearest(patched, wanted, local, ours, of_ours, executor=executor, progress=progress)
    _decide(matches, _Both(asking, forth, close, wanted, back), limits)
    return matches


class _Both(NamedTuple):
    """What both collections say; pictures are named by their index in the whole collection.

    Attributes:
        asking: (Q,) pictures here without identical counterpart, and `forth`, what is nearest to them.
        close: (Q,) bool; that is within the limits.
        wanted: (W,) pictures of the patch to which a close one is nearest, and `back`, what is nearest to them.
    """

    asking: np.ndarray
    forth: Nearest
    close: np.ndarray
    wanted: np.ndarray
    back: Nearest


def _of_identical(same: np.ndarray) -> Matches:
    known = same != NONE
    far = np.where(known, 0, FAR)
    return Matches(np.where(known, IDENTICAL, UNMATCHED), same.copy(), far, far.copy(), np.full(len(same), FAR))


def _close(local: Prints, patched: Prints, nearest: Nearest, limits: Limits) -> np.ndarray:
    """(Q,) bool: pictures here whose nearest of the patch is within the limits."""
    ours, theirs = local.statistics.astype(float), patched.statistics[nearest.other].astype(float)
    apart = np.abs(ours - theirs) / 100
    ratio = (ours[:, 0] * theirs[:, 1]) / (ours[:, 1] * theirs[:, 0])
    return np.asarray(
        (nearest.other != NONE)
        & (nearest.coarse <= limits.coarse_bits)
        & (nearest.fine <= limits.fine_bits)
        & (apart[:, 2] <= limits.brightness)
        & (apart[:, 3] <= limits.contrast)
        & (np.abs(np.log(ratio)) <= limits.stretch)
    )


def _decide(matches: Matches, both: _Both, limits: Limits) -> None:
    """Fill in, in place, what the hashes say."""
    near = np.flatnonzero(both.close)
    theirs = both.forth.other[near]
    index = np.searchsorted(both.wanted, theirs)
    clear = _clear(both.forth, limits)[near] & _clear(both.back, limits)[index]
    mutual = both.back.other[index] == both.asking[near]
    matches.kind[both.wanted] = AMBIGUOUS
    matches.local[both.wanted] = both.back.other
    matches.coarse[both.wanted], matches.fine[both.wanted] = both.back.coarse, both.back.fine
    matches.runner_up[both.wanted] = both.back.rival_bits
    np.minimum.at(matches.runner_up, theirs[mutual], both.forth.rival_bits[near[mutual]])
    matches.kind[theirs[mutual & clear]] = RE_ENCODED
    rival = both.forth.rival[near]
    doubted = mutual & ~clear & (rival != NONE)
    doubted[doubted] = matches.kind[rival[doubted]] == UNMATCHED
    matches.kind[rival[doubted]] = AMBIGUOUS
    matches.local[rival[doubted]] = both.asking[near[doubted]]


def _clear(nearest: Nearest, limits: Limits) -> np.ndarray:
    return np.asarray(nearest.rival_bits >= limits.margin_ratio * nearest.bits + limits.margin_bits)
