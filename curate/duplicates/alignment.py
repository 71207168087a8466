"""Are two pictures the same photograph? Zero-mean normalised cross-correlation of band-passed pictures, aligned.

Coarse to fine. Coarse: half resolution, five scales, shifts of two pixels, one matrix product per picture. Refined: the
best coarse scale and its neighbours, shifts around the best coarse one, full resolution.

The score is the best correlation of a 36 x 36 template from one picture, scaled by 0.84 to 1.19, with any window of the
other within 6 pixels of the centre. On FER-2013 it is sharply bimodal: at 0.90 and above, 176 of 176 pairs looked at
were the same photograph; between 0.84 and 0.90 about half. What outshines the faces, like a caption that all pictures
carry, raises it for strangers: so where it is high, every third of the picture is looked at as well.
"""

from concurrent.futures import Executor
from typing import NamedTuple

import cv2
import numpy as np

from curate.duplicates.coarse import SCALES, TEMPLATE_PX, WIDE_SIGMA, align_coarsely, scaled_templates
from curate.duplicates.row_selection import RowSelection, cut
from curate.duplicates.weakest_third import weakest_third
from curate.executors import map_ordered
from curate.features import MATCH_PX, gaussian_matrix

__all__ = [
    "DOUBTFUL",
    "SAME_PHOTOGRAPH",
    "Alignment",
    "align",
    "band_pass",
    "band_passed",
]

_COARSE_MARGIN, _REFINED_MARGIN = 1.2, 1.5
"""How far below the wanted score the coarse step, and the first refined look, may lie, as a multiple of what the wanted
score lacks to 1. Measured: 99.9 % of the near copies in FER-2013 that reach 0.90 lie within 0.12 and 0.15 of it; all
984 pairs of CK+48 that reach 0.95 within 0.02."""

SAME_PHOTOGRAPH, DOUBTFUL = 0.90, 0.84
"""Refined scores from which two pictures are one photograph, and from which a person should look."""

_FINE_SIGMA = 0.8
_PAIRS_PER_TASK = 512
_CHUNK = 128


class Alignment(NamedTuple):
    """How well the first picture of each pair lies on the second; parallel (M,) arrays.

    Attributes:
        coarse: best half-resolution correlation, float32 in [-1, 1].
        refined: best full-resolution correlation; -1 where the coarse step ruled the pair out.
        weakest: lowest correlation of a third of the pictures where they lie best; -1 where `refined` is below
            `DOUBTFUL`.
        scale: index into `SCALES` of the best coarse scale, int64.
        shift: (M, 2) best coarse shift down and right, in steps of two pixels, int64.
    """

    coarse: np.ndarray
    refined: np.ndarray
    weakest: np.ndarray
    scale: np.ndarray
    shift: np.ndarray


def align(
    pictures: np.ndarray,
    others: np.ndarray,
    pairs: np.ndarray,
    *,
    wanted: np.ndarray,
    executor: Executor,
) -> Alignment:
    """Align the pictures of every pair, each with the other as template.

    Args:
        pictures: (N, 48, 48) uint8; the first of each pair is taken from these.
        others: (N, 48, 48) uint8; the second is taken from these (the same, or flipped pictures).
        pairs: (M, 2) int64.
        wanted: (M,) refined score that would count; effort stops where it is out of reach.
        executor: threads or processes.
    """
    coarse, step, shift = align_coarsely(pictures, others, pairs, scaled_templates, executor=executor)
    scale = step * 2
    scores = np.full((len(pairs), 2), -1.0, np.float32)
    likely = np.flatnonzero(coarse >= wanted - _COARSE_MARGIN * (1 - wanted))
    one, two = band_passed(pictures, pairs[likely, 0]), band_passed(others, pairs[likely, 1])
    parts = cut(len(likely), _PAIRS_PER_TASK)
    columns = ([values[likely[part]] for part in parts] for values in (scale, shift, wanted))
    refined = map_ordered(executor, _refine_pairs, map(one.take, parts), map(two.take, parts), *columns)
    for part, measured in zip(parts, refined, strict=True):
        scores[likely[part]] = measured
    return Alignment(coarse, scores[:, 0], scores[:, 1], scale, shift)


def _refine_pairs(
    one: RowSelection, two: RowSelection, scale: np.ndarray, shift: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """(n, 2) float32: refined score and weakest third of pairs of band-passed pictures."""
    starts = zip(scale.tolist(), shift, wanted.tolist(), strict=True)
    best = [_refine_both(one[pair], two[pair], *start) for pair, start in enumerate(starts)]
    weakest = [weakest_third(match.template, match.window) if match.score >= DOUBTFUL else -1.0 for match in best]
    return np.array([[match.score for match in best], weakest], np.float32).T


def band_passed(pictures: np.ndarray, rows: np.ndarray) -> RowSelection:
    """`band_pass` of these rows of the pictures, in this order; each picture's is made once."""
    wanted, slot = np.unique(rows, return_inverse=True)
    return RowSelection(band_pass(pictures[wanted]), slot)


def band_pass(pictures: np.ndarray) -> np.ndarray:
    """(N, 48, 48) float32: Gaussian 0.8 minus Gaussian 4, so that light and grain do not matter."""
    fine, wide = gaussian_matrix(_FINE_SIGMA), gaussian_matrix(WIDE_SIGMA)
    bands = np.empty(pictures.shape, np.float32)
    for start in range(0, len(pictures), _CHUNK):
        values = pictures[start : start + _CHUNK].astype(np.float32)
        part = np.matmul(np.matmul(fine, values), fine.T)
        part -= np.matmul(np.matmul(wide, values), wide.T)
        bands[start : start + _CHUNK] = part
    return bands


_OFFSETS = [-(MATCH_PX - TEMPLATE_PX / scale) / 2 * scale for scale in SCALES]
_WARPS = [np.array([[s, 0, offset], [0, s, offset]], np.float32) for s, offset in zip(SCALES, _OFFSETS, strict=True)]


class _Match(NamedTuple):
    """A template, the (36, 36) window of the other picture on which it lies best, and their correlation."""

    score: float
    template: np.ndarray
    window: np.ndarray


def _refine_both(one: np.ndarray, two: np.ndarray, scale: int, shift: np.ndarray, wanted: float) -> _Match:
    """Best match of a template from either picture.

    A template must lie wholly inside the other picture, so that where one is a tighter crop only one direction works.
    """
    forward = _refine(one, two, scale, shift, wanted)
    if forward.score >= wanted or forward.score < wanted - _REFINED_MARGIN * (1 - wanted):
        return forward
    inverse = int(np.abs(np.array(SCALES) - 1 / SCALES[scale]).argmin())
    backward = _refine(two, one, inverse, np.rint(-shift / SCALES[scale]), wanted)
    return forward if forward.score >= backward.score else backward


def _refine(one: np.ndarray, two: np.ndarray, scale: int, shift: np.ndarray, wanted: float) -> _Match:
    """Best full-resolution match near a coarse optimum: shift +-2 pixels, scale +-1 unless hopeless."""
    margin = (MATCH_PX - TEMPLATE_PX) // 2
    top, left = (min(max(margin + 2 * int(step) - 2, 0), 2 * margin - 4) for step in shift)
    window = two[top : top + TEMPLATE_PX + 4, left : left + TEMPLATE_PX + 4]
    best = _correlate(one, window, scale)
    if best.score >= wanted - _REFINED_MARGIN * (1 - wanted):
        for index in (scale - 1, scale + 1):
            if 0 <= index < len(SCALES):
                nearby = _correlate(one, window, index)
                best = nearby if nearby.score > best.score else best
    return best


def _correlate(one: np.ndarray, window: np.ndarray, scale: int) -> _Match:
    template = cv2.warpAffine(one, _WARPS[scale], (TEMPLATE_PX, TEMPLATE_PX), flags=cv2.INTER_LINEAR)
    _, score, _, (left, top) = cv2.minMaxLoc(cv2.matchTemplate(window, template, cv2.TM_CCOEFF_NORMED))
    return _Match(score, template, window[top : top + TEMPLATE_PX, left : left + TEMPLATE_PX])
