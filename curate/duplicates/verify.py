"""Which candidates are the same photograph, by which tier, and how sure.

Whatever the score, every third of the pictures has to agree: else something that both carry, like a caption, may be all
that is alike, and a person should look.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor

import numpy as np

from curate.duplicates.alignment import Alignment, band_passed
from curate.duplicates.coarse import SCALES, WARP_STARTS, align_coarsely, warped_templates
from curate.duplicates.methods import (
    BLOCKS_DOUBTFUL,
    BLOCKS_SAME,
    BLUR_SAME,
    ECC_DOUBTFUL,
    ECC_SAME,
    AffineMatch,
    WarpStart,
    match_affine,
    match_blurred,
)
from curate.duplicates.pairs import TIERS, CandidatePairs
from curate.duplicates.row_selection import RowSelection, cut
from curate.duplicates.thresholds import PLAIN, needed_score
from curate.duplicates.weakest_third import WEAKEST_THIRD_SAME, WEAKEST_THIRD_SAME_BLURRED, WEAKEST_THIRD_SAME_WARPED
from curate.executors import map_ordered

__all__ = ["recheck_by_warp", "verify_affine", "verify_aligned", "verify_blurred"]

_ALIGNED, _AFFINE, _BLOCKS, _BLUR = range(len(TIERS))
_WARP_IS_BETTER_BY, _WARP_MARGIN = 0.02, 0.26
_WORTH_THE_OTHER_WAY = 0.80
_PAIRS_PER_TASK, _RECHECKED_PER_TASK = 128, 8


def recheck_by_warp(
    pictures: np.ndarray,
    others: np.ndarray,
    pairs: np.ndarray,
    alignment: Alignment,
    *,
    needed: np.ndarray,
    executor: Executor,
) -> Alignment:
    """A second look at pairs whose score counts but whose thirds do not all agree: copies may be a little askew.

    Arguments as of `alignment.align`.

    Returns:
        The alignment, with the weakest third after an affine warp where that settles it.
    """
    chosen = np.flatnonzero((alignment.refined >= needed) & (alignment.weakest < WEAKEST_THIRD_SAME))
    one, two = band_passed(pictures, pairs[chosen, 0]), band_passed(others, pairs[chosen, 1])
    starts, parts = _upright_starts(alignment, chosen), cut(len(chosen), _RECHECKED_PER_TASK)
    tasks = map(one.take, parts), map(two.take, parts), [starts[part] for part in parts]
    warped = np.array(
        [third for part in map_ordered(executor, _thirds_after_warp, *tasks) for third in part], np.float32
    )
    weakest = alignment.weakest.copy()
    weakest[chosen] = np.where(warped >= WEAKEST_THIRD_SAME_WARPED, warped, weakest[chosen])
    return alignment._replace(weakest=weakest)


def verify_aligned(candidates: CandidatePairs, alignment: Alignment, *, doubtful: np.ndarray) -> np.ndarray:
    """(K,) `PAIR`: what alignment alone says, given the scores from which pairs are doubtful."""
    score, needed = np.round(alignment.refined, 4), needed_score(candidates.gate)
    index = np.flatnonzero(score >= np.minimum(needed, doubtful))
    moved = (alignment.scale[index] != SCALES.index(1.0)) | alignment.shift[index].any(axis=1)
    duplicate = (score[index] >= needed[index]) & _agree_throughout(alignment)[index]
    return candidates.accept(index, tier=_ALIGNED, similarity=score[index], duplicate=duplicate, moved=moved)


def _agree_throughout(alignment: Alignment) -> np.ndarray:
    return np.asarray(np.round(alignment.weakest, 4) >= WEAKEST_THIRD_SAME)


def verify_affine(
    pictures: np.ndarray, candidates: CandidatePairs, alignment: Alignment, *, from_coarse: float, executor: Executor
) -> np.ndarray:
    """Stretched, slightly rotated and edited copies among pairs that alignment did not accept.

    Args:
        pictures: (N, 48, 48) uint8 of the collection.
        candidates: upright ones; those that need more than others are left alone.
        alignment: of the candidates.
        from_coarse: best coarse correlation over shifts, scales and rotations from which a warp is tried at all.
        executor: threads or processes.

    Returns:
        (K,) `PAIR`.
    """
    rejected = (alignment.refined < needed_score(candidates.gate)) | ~_agree_throughout(alignment)
    hopeful = alignment.coarse >= from_coarse - _WARP_MARGIN
    index = np.flatnonzero(rejected & hopeful & (candidates.gate == PLAIN))
    score, template, shift = align_coarsely(
        pictures, pictures, candidates.ends[index], warped_templates, executor=executor
    )
    upright = alignment.coarse[index]
    chosen = np.flatnonzero(np.maximum(score, upright) >= from_coarse)
    starts = _upright_starts(alignment, index[chosen])
    for number, k in enumerate(chosen.tolist()):
        if score[k] > upright[k] + _WARP_IS_BETTER_BY:
            starts[number] = WarpStart(*WARP_STARTS[template[k]], *shift[k].tolist())
    index = index[chosen]
    one, two = (band_passed(pictures, rows) for rows in candidates.ends[index].T)
    parts = cut(len(index), _PAIRS_PER_TASK)
    tasks = map(one.take, parts), map(two.take, parts), [starts[part] for part in parts]
    matches = [match for part in map_ordered(executor, _best_matches, *tasks) for match in part]
    affine, weakest, blocks = np.round(np.array(matches, np.float32).reshape(-1, 3).T, 4)
    copy = (affine >= ECC_SAME) & (weakest >= WEAKEST_THIRD_SAME_WARPED)
    by_blocks = ~copy & ((blocks >= BLOCKS_SAME) | (affine < ECC_DOUBTFUL))
    alike = np.flatnonzero((affine >= ECC_DOUBTFUL) | (blocks >= BLOCKS_DOUBTFUL))
    return candidates.accept(
        index[alike],
        tier=np.where(by_blocks, _BLOCKS, _AFFINE)[alike],
        similarity=np.where(by_blocks, blocks, affine)[alike],
        duplicate=(copy | (blocks >= BLOCKS_SAME))[alike],
        moved=True,
    )


def verify_blurred(pictures: np.ndarray, candidates: CandidatePairs, *, executor: Executor) -> np.ndarray:
    """(K,) `PAIR`: copies that were blurred, among pairs whose perceptual hashes are close."""
    one, two = (RowSelection(pictures, rows) for rows in candidates.ends.T)
    parts = cut(len(candidates.ends), _PAIRS_PER_TASK)
    measured = list(map_ordered(executor, _match_blurred_pairs, map(one.take, parts), map(two.take, parts)))
    score, weakest = np.round(np.concatenate([np.zeros((0, 2), np.float32), *measured]).T, 4)
    index = np.flatnonzero(score >= BLUR_SAME)
    duplicate = weakest[index] >= WEAKEST_THIRD_SAME_BLURRED
    return candidates.accept(index, tier=_BLUR, similarity=score[index], duplicate=duplicate, moved=False)


def _match_blurred_pairs(one: RowSelection, two: RowSelection) -> np.ndarray:
    """(n, 2) float32 correlation and weakest third of pairs of pictures."""
    return np.array([match_blurred(one[pair], two[pair]) for pair in range(len(one))], np.float32)


def _best_matches(one: RowSelection, two: RowSelection, starts: Sequence[WarpStart]) -> list[AffineMatch]:
    return [_best_match(one[pair], two[pair], start) for pair, start in enumerate(starts)]


def _thirds_after_warp(one: RowSelection, two: RowSelection, starts: Sequence[WarpStart]) -> np.ndarray:
    """(n,) float32: the weakest third of pairs of band-passed pictures, with either picture warped."""
    ways = (_match_both_ways(one[pair], two[pair], start) for pair, start in enumerate(starts))
    return np.array([max(match.weakest for match in both) for both in ways], np.float32)


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


def _upright_starts(alignment: Alignment, index: np.ndarray) -> list[WarpStart]:
    rows = zip(alignment.scale[index].tolist(), alignment.shift[index].tolist(), strict=True)
    return [WarpStart(0.0, SCALES[scale], down, right) for scale, (down, right) in rows]
