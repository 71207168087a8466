"""Which candidates are the same photograph, by which tier, and how sure.

Whatever the score, every third of the pictures has to agree: else something that both carry, like a caption, may be all
that is alike, and a person should look.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np

from curate.duplicates.alignment import (
    SAME_PHOTOGRAPH,
    SCALES,
    WARP_STARTS,
    Alignment,
    BandPassed,
    align_coarsely,
    warped_templates,
)
from curate.duplicates.methods import (
    BLOCKS_DOUBTFUL,
    BLOCKS_SAME,
    BLUR_SAME,
    ECC_DOUBTFUL,
    ECC_SAME,
    AffineMatch,
    BlurMatch,
    WarpStart,
    match_affine,
    match_blurred,
)
from curate.duplicates.searchable import SearchablePictures
from curate.duplicates.weakest_third import WEAKEST_THIRD_SAME, WEAKEST_THIRD_SAME_BLURRED, WEAKEST_THIRD_SAME_WARPED
from curate.executors import map_ordered

__all__ = [
    "TIERS",
    "Verified",
    "verify_affine",
    "verify_aligned",
    "verify_blurred",
    "warp_where_thirds_differ",
]

TIERS = ("aligned", "affine", "blocks", "blur")
"""`method` of a pair, by code."""

_POSED_MARGIN, _POSED_IS_BETTER_BY = 0.26, 0.02
_WORTH_THE_OTHER_WAY = 0.80
_PAIRS_PER_TASK = 128


class Verified(NamedTuple):
    """Candidates that some tier accepts or finds doubtful; parallel (K,) arrays.

    Attributes:
        which: index of the candidate.
        tier: index into `TIERS`.
        similarity: float32, on the tier's own scale.
        duplicate: True = the same photograph, False = a person should look.
        moved: True = not simply the same picture saved again: shifted, scaled, or warped.
    """

    which: np.ndarray
    tier: np.ndarray
    similarity: np.ndarray
    duplicate: np.ndarray
    moved: np.ndarray


def warp_where_thirds_differ(
    pictures: np.ndarray,
    others: np.ndarray,
    pairs: np.ndarray,
    found: Alignment,
    *,
    needed: np.ndarray,
    executor: Executor,
) -> Alignment:
    """A second look at pairs whose score counts but whose thirds do not all agree: copies may be a little askew.

    Arguments as of `alignment.align`.

    Returns:
        The alignment, with the weakest third after an affine warp where that settles it.
    """
    chosen = np.flatnonzero((found.refined >= needed) & (found.weakest < WEAKEST_THIRD_SAME))
    own, other = BandPassed(pictures, pairs[chosen, 0]), BandPassed(others, pairs[chosen, 1])

    def look(index: int) -> float:
        one, two = pairs[index]
        start = _upright_start(found, index)
        return max(match.weakest for match in _match_both_ways(own[one], other[two], start))

    warped = np.fromiter(map_ordered(executor, look, chosen.tolist()), np.float32, len(chosen))
    weakest = found.weakest.copy()
    weakest[chosen] = np.where(warped >= WEAKEST_THIRD_SAME_WARPED, warped, weakest[chosen])
    return found._replace(weakest=weakest)


def verify_aligned(found: Alignment, *, needed: np.ndarray, doubtful: np.ndarray) -> Verified:
    """What alignment alone says, given the scores from which a pair counts and from which it is doubtful."""
    score = np.round(found.refined, 4)
    index = np.flatnonzero(score >= np.minimum(needed, doubtful))
    moved = (found.scale[index] != SCALES.index(1.0)) | found.shift[index].any(axis=1)
    duplicate = (score[index] >= needed[index]) & _agree_throughout(found)[index]
    return Verified(index, np.zeros(len(index), np.int64), score[index], duplicate, moved)


def _agree_throughout(found: Alignment) -> np.ndarray:
    return np.asarray(np.round(found.weakest, 4) >= WEAKEST_THIRD_SAME)


def verify_affine(
    collection: SearchablePictures,
    pairs: np.ndarray,
    found: Alignment,
    needed: np.ndarray,
    *,
    from_coarse: float,
    executor: Executor,
) -> Verified:
    """Stretched, slightly rotated and edited copies among pairs that alignment did not accept.

    Args:
        collection: the pictures.
        pairs: (M, 2) candidates.
        found: their alignment.
        needed: (M,) of `gates.needed_score`; gated pairs are left alone.
        from_coarse: best coarse correlation over shifts, scales and rotations from which a warp is tried at all.
        executor: threads.
    """
    open_pairs = (
        ((found.refined < needed) | ~_agree_throughout(found))
        & (found.coarse >= from_coarse - _POSED_MARGIN)
        & (needed == np.float32(SAME_PHOTOGRAPH))
    )
    open_index = np.flatnonzero(open_pairs)
    pictures = collection.pictures
    score, pose, shift = align_coarsely(pictures, pictures, pairs[open_index], warped_templates, executor=executor)
    upright = found.coarse[open_index]
    chosen = np.flatnonzero(np.maximum(score, upright) >= from_coarse)
    bands = BandPassed(pictures, pairs[open_index[chosen]])

    def match(task: np.ndarray) -> list[AffineMatch]:
        results = []
        for k in task:
            one, two = pairs[open_index[k]]
            start = _upright_start(found, int(open_index[k]))
            if score[k] > upright[k] + _POSED_IS_BETTER_BY:
                degrees, scale = WARP_STARTS[pose[k]]
                start = WarpStart(degrees, scale, int(shift[k, 0]), int(shift[k, 1]))
            results.append(_best_match(bands[one], bands[two], start))
        return results

    tasks = [chosen[start : start + _PAIRS_PER_TASK] for start in range(0, len(chosen), _PAIRS_PER_TASK)]
    measured = [row for part in map_ordered(executor, match, tasks) for row in part]
    affine, weakest, blocks = np.round(np.array(measured, np.float32).reshape(-1, 3).T, 4)
    copy = (affine >= ECC_SAME) & (weakest >= WEAKEST_THIRD_SAME_WARPED)
    tier = np.where(copy, 1, np.where(blocks >= BLOCKS_SAME, 2, np.where(affine >= ECC_DOUBTFUL, 1, 2)))
    kept = np.flatnonzero((affine >= ECC_DOUBTFUL) | (blocks >= BLOCKS_DOUBTFUL))
    duplicate = copy | (blocks >= BLOCKS_SAME)
    similarity = np.where(tier == 1, affine, blocks)
    everything = np.ones(len(kept), bool)
    return Verified(open_index[chosen[kept]], tier[kept], similarity[kept], duplicate[kept], everything)


def verify_blurred(collection: SearchablePictures, pairs: np.ndarray, *, executor: Executor) -> Verified:
    """Copies that were blurred, among pairs whose perceptual hashes are close."""
    pictures = collection.pictures

    def match(task: np.ndarray) -> list[BlurMatch]:
        return [match_blurred(pictures[pairs[k, 0]], pictures[pairs[k, 1]]) for k in task]

    everything = np.arange(len(pairs))
    tasks = [everything[start : start + _PAIRS_PER_TASK] for start in range(0, len(pairs), _PAIRS_PER_TASK)]
    measured = [row for part in map_ordered(executor, match, tasks) for row in part]
    score, weakest = np.round(np.array(measured, np.float32).reshape(-1, 2).T, 4)
    index = np.flatnonzero(score >= BLUR_SAME)
    count = len(index)
    duplicate = weakest[index] >= WEAKEST_THIRD_SAME_BLURRED
    return Verified(index, np.full(count, 3), score[index], duplicate, np.zeros(count, bool))


def _best_match(one: np.ndarray, two: np.ndarray, start: WarpStart) -> AffineMatch:
    """The better match with either picture warped; like alignment, a warp may work one way only."""
    ways = _match_both_ways(one, two, start)
    forward = next(ways)
    if forward.is_copy or forward.blocks >= BLOCKS_SAME:
        return forward
    if max(forward.correlation, forward.blocks) < _WORTH_THE_OTHER_WAY:
        return forward
    backward = next(ways)
    best = max(forward, backward, key=lambda match: (match.is_copy, match.correlation))
    return best._replace(blocks=max(forward.blocks, backward.blocks))


def _match_both_ways(one: np.ndarray, two: np.ndarray, start: WarpStart) -> Iterator[AffineMatch]:
    yield match_affine(one, two, start)
    scale = 1 / start.scale
    back = WarpStart(-start.degrees, scale, round(-start.down * scale), round(-start.right * scale))
    yield match_affine(two, one, back)


def _upright_start(found: Alignment, index: int) -> WarpStart:
    down, right = found.shift[index]
    return WarpStart(0.0, SCALES[found.scale[index]], int(down), int(right))
