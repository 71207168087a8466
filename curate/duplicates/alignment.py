"""Are two pictures the same photograph? Zero-mean normalised cross-correlation of band-passed pictures, aligned.

Coarse to fine. Coarse: half resolution, five scales, shifts of two pixels, one matrix product per picture. Refined: the
best coarse scale and its neighbours, shifts around the best coarse one, full resolution.

The score is the best correlation of a 36 x 36 template from one picture, scaled by 0.84 to 1.19, with any window of the
other within 6 pixels of the centre. On FER-2013 it is sharply bimodal: at 0.90 and above, 176 of 176 pairs looked at
were the same photograph; between 0.84 and 0.90 about half. What outshines the faces, like a caption that all pictures
carry, raises it for strangers: so where it is high, every third of the picture is looked at as well.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import NamedTuple

import cv2
import numpy as np

from curate.duplicates.weakest_third import weakest_third
from curate.executors import map_ordered
from curate.features import MATCH_PX, gaussian_matrix

__all__ = [
    "DOUBTFUL",
    "SAME_PHOTOGRAPH",
    "SCALES",
    "WARP_STARTS",
    "Alignment",
    "BandPassed",
    "align",
    "align_coarsely",
    "band_pass",
    "warped_templates",
]

SCALES = (0.84, 0.88, 0.92, 0.96, 1.0, 1.04, 1.08, 1.13, 1.19)
"""Template scales of the refined step; the coarse one takes every second."""

TEMPLATE_PX = 36
WARP_STARTS = (
    *((degrees, scale) for degrees in (-10.0, -5.0, 5.0, 10.0) for scale in (0.9, 1.0, 1.11)),
    (0.0, 0.77),
    (0.0, 1.3),
)
"""Rotations in degrees, and scales, at which `warped_templates` looks: beyond the reach of plain alignment."""

_COARSE_MARGIN, _REFINED_MARGIN = 1.2, 1.5
"""How far below the wanted score the coarse step, and the first refined look, may lie, as a multiple of what the wanted
score lacks to 1. Measured: 99.9 % of the near copies in FER-2013 that reach 0.90 lie within 0.12 and 0.15 of it; all
984 pairs of CK+48 that reach 0.95 within 0.02."""

SAME_PHOTOGRAPH, DOUBTFUL = 0.90, 0.84
"""Refined scores from which two pictures are one photograph, and from which a person should look."""

_FINE_SIGMA, _HALF_SIGMA, _WIDE_SIGMA = 0.8, 1.2, 4.0
_HALF_PX, _HALF_TEMPLATE_PX = MATCH_PX // 2, TEMPLATE_PX // 2
_SHIFTS = _HALF_PX - _HALF_TEMPLATE_PX + 1
_FLAT = 1e-3
_PICTURES_PER_TASK = 128
_PAIRS_PER_TASK = 512
_CHUNK = 128
_PICTURES_PER_BLOCK = 8192


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
        others: (N, 48, 48) uint8; the second is taken from these (the same, or transformed pictures).
        pairs: (M, 2) int64.
        wanted: (M,) refined score that would count; effort stops where it is out of reach.
        executor: threads; the work shares the pictures.
    """
    coarse, step, shift = align_coarsely(pictures, others, pairs, scaled_templates, executor=executor)
    scale = step * 2
    scores = np.full((len(pairs), 2), -1.0, np.float32)
    kept = np.flatnonzero(coarse >= wanted - _COARSE_MARGIN * (1 - wanted))
    own, other = BandPassed(pictures, pairs[kept, 0]), BandPassed(others, pairs[kept, 1])
    tasks = [kept[start : start + _PAIRS_PER_TASK] for start in range(0, len(kept), _PAIRS_PER_TASK)]

    def refine(chosen: np.ndarray) -> np.ndarray:
        rows = zip(pairs[chosen], scale[chosen], shift[chosen], wanted[chosen], strict=True)
        best = [_refine_both(own[one], other[two], int(at), moved, float(goal)) for (one, two), at, moved, goal in rows]
        weakest = [weakest_third(match.template, match.window) if match.score >= DOUBTFUL else -1.0 for match in best]
        return np.array([[match.score for match in best], weakest], np.float32).T

    for chosen, measured in zip(tasks, map_ordered(executor, refine, tasks), strict=True):
        scores[chosen] = measured
    return Alignment(coarse, scores[:, 0], scores[:, 1], scale, shift)


class BandPassed:
    """Band-passed pictures by their index; only those that are wanted are made."""

    def __init__(self, pictures: np.ndarray, wanted: np.ndarray) -> None:
        rows = np.unique(wanted)
        self._bands = band_pass(pictures[rows])
        self._slot = {int(row): slot for slot, row in enumerate(rows)}

    def __getitem__(self, row: int) -> np.ndarray:
        return np.asarray(self._bands[self._slot[int(row)]])


def band_pass(pictures: np.ndarray) -> np.ndarray:
    """(N, 48, 48) float32: Gaussian 0.8 minus Gaussian 4, so that light and grain do not matter."""
    return _blurred_difference(pictures, _FINE_SIGMA)


def _blurred_difference(pictures: np.ndarray, sigma: float) -> np.ndarray:
    fine, wide = gaussian_matrix(sigma), gaussian_matrix(_WIDE_SIGMA)
    bands = np.empty(pictures.shape, np.float32)
    for start in range(0, len(pictures), _CHUNK):
        values = pictures[start : start + _CHUNK].astype(np.float32)
        part = np.matmul(np.matmul(fine, values), fine.T)
        part -= np.matmul(np.matmul(wide, values), wide.T)
        bands[start : start + _CHUNK] = part
    return bands


def align_coarsely(
    pictures: np.ndarray,
    others: np.ndarray,
    pairs: np.ndarray,
    make_templates: Callable[[np.ndarray], np.ndarray],
    *,
    executor: Executor,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Best half-resolution correlation of every pair over poses and shifts.

    Args:
        pictures: (N, 48, 48) uint8; templates are made from these.
        others: (N, 48, 48) uint8; they are looked for in these.
        pairs: (M, 2) int64.
        make_templates: (n, 48, 48) uint8 to (n, P, 324) float32, zero mean and unit norm.
        executor: threads.

    Returns:
        (M,) float32 score, (M,) int64 pose, (M, 2) int64 shift in steps of two pixels down and right.
    """
    best, place = np.empty(len(pairs), np.float32), np.empty(len(pairs), np.int64)
    halves = _half_bands(others, np.unique(pairs[:, 1]), executor)
    for block in _blocks(pairs):
        wanted, row = np.unique(pairs[block, 0], return_inverse=True)
        templates = np.concatenate(list(executor.map(make_templates, _parts(pictures[wanted]))))
        runs = np.split(np.arange(len(block)), np.flatnonzero(np.diff(pairs[block, 1])) + 1)
        tasks = [runs[start : start + _PICTURES_PER_TASK] for start in range(0, len(runs), _PICTURES_PER_TASK)]

        def score(task: list[np.ndarray], block: np.ndarray = block, row: np.ndarray = row) -> None:
            windows, weights = _windows(halves[pairs[block[[run[0] for run in task]], 1]])
            for run, window, weight in zip(task, windows, weights, strict=True):
                scores = templates[row[run]].reshape(-1, _HALF_TEMPLATE_PX**2) @ window.T  # noqa: B023
                scores *= weight
                scores = scores.reshape(len(run), -1)
                chosen = scores.argmax(axis=1)
                place[block[run]] = chosen
                best[block[run]] = scores[np.arange(len(run)), chosen]

        for _ in map_ordered(executor, score, tasks):
            pass
    pose, window = np.divmod(place, _SHIFTS**2)
    shift = np.stack(np.divmod(window, _SHIFTS), axis=1) - _SHIFTS // 2
    return best, pose, shift


def _blocks(pairs: np.ndarray) -> Iterator[np.ndarray]:
    """Indices of pairs, in blocks that share at most so many first pictures, ordered by second picture within."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0] // _PICTURES_PER_BLOCK))
    yield from (
        np.split(order, np.flatnonzero(np.diff(pairs[order, 0] // _PICTURES_PER_BLOCK)) + 1) if len(order) else ()
    )


def _parts(pictures: np.ndarray) -> list[np.ndarray]:
    return [pictures[start : start + _CHUNK] for start in range(0, len(pictures), _CHUNK)]


def scaled_templates(pictures: np.ndarray) -> np.ndarray:
    """(n, 5, 324) normalised half-resolution templates, one for each coarse scale."""
    values = pictures.astype(np.float32)
    fine, wide = np.matmul(_FINE_CUTS, values), np.matmul(_WIDE_CUTS, values)
    templates = np.empty((len(values), len(_CUTS), _HALF_TEMPLATE_PX, _HALF_TEMPLATE_PX), np.float32)
    for index in range(len(_CUTS)):
        rows = slice(index * _HALF_TEMPLATE_PX, (index + 1) * _HALF_TEMPLATE_PX)
        np.matmul(fine[:, rows], _FINE_CUTS[rows].T, out=templates[:, index])
        templates[:, index] -= np.matmul(wide[:, rows], _WIDE_CUTS[rows].T)
    return _normalised(templates.reshape(len(values), len(_CUTS), -1))


def warped_templates(pictures: np.ndarray) -> np.ndarray:
    """(n, 14, 324) normalised half-resolution templates, one for each of `WARP_STARTS`."""
    halves = _half_bands_of(pictures)
    size = (_HALF_TEMPLATE_PX, _HALF_TEMPLATE_PX)
    middle = (_HALF_PX - 1) / 2
    templates = np.empty((len(halves), len(WARP_STARTS), _HALF_TEMPLATE_PX**2), np.float32)
    for index, (degrees, scale) in enumerate(WARP_STARTS):
        warp = cv2.getRotationMatrix2D((middle, middle), degrees, scale)
        warp[:, 2] -= _SHIFTS // 2
        for row, half in enumerate(halves):
            templates[row, index] = cv2.warpAffine(half, warp, size, flags=cv2.INTER_LINEAR).ravel()
    return _normalised(templates)


def _normalised(templates: np.ndarray) -> np.ndarray:
    templates -= templates.mean(axis=2, keepdims=True)
    norms = np.linalg.norm(templates, axis=2, keepdims=True)
    templates /= np.where(norms < _FLAT, np.inf, norms)
    return templates


def _half_bands(pictures: np.ndarray, wanted: np.ndarray, executor: Executor) -> np.ndarray:
    """(N, 24, 24) half-resolution band-passed pictures; only those wanted are filled in."""
    halves = np.empty((len(pictures), _HALF_PX, _HALF_PX), np.float32)

    def fill(rows: np.ndarray) -> None:
        halves[rows] = _half_bands_of(pictures[rows])

    for _ in map_ordered(executor, fill, _parts(wanted)):
        pass
    return halves


def _half_bands_of(pictures: np.ndarray) -> np.ndarray:
    values = pictures.astype(np.float32)
    halves = np.matmul(np.matmul(_FINE_HALF, values), _FINE_HALF.T)
    halves -= np.matmul(np.matmul(_WIDE_HALF, values), _WIDE_HALF.T)
    return np.asarray(halves)


def _windows(halves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 49, 324) windows of (n, 24, 24) half-resolution pictures, and (n, 49) one over their norms about the mean.

    The templates have zero mean, so that the windows' means need not be subtracted.
    """
    view = np.lib.stride_tricks.sliding_window_view(halves, (_HALF_TEMPLATE_PX,) * 2, axis=(1, 2))
    windows = view.reshape(len(halves), _SHIFTS**2, -1)
    energy = np.einsum("ijk,ijk->ij", windows, windows) - windows.sum(axis=2) ** 2 / windows.shape[2]
    norms = np.sqrt(np.maximum(energy, 0))
    return windows, 1 / np.where(norms < _FLAT, np.inf, norms)


def _cut_matrix(samples: int, width_px: float) -> np.ndarray:
    """(samples, 48) float32: the middle `width_px` pixels resampled to `samples`, averaging four points each."""
    points = 4
    matrix = np.zeros((samples, MATCH_PX))
    for row in range(samples):
        for point in range(points):
            place = MATCH_PX / 2 - width_px / 2 + (row + (point + 0.5) / points) * width_px / samples - 0.5
            place = min(max(place, 0), MATCH_PX - 1)
            left = int(place)
            right = min(left + 1, MATCH_PX - 1)
            matrix[row, left] += (1 - (place - left)) / points
            matrix[row, right] += (place - left) / points
    return matrix.astype(np.float32)


_CUTS = [_cut_matrix(_HALF_TEMPLATE_PX, TEMPLATE_PX / scale) for scale in SCALES[::2]]
_FINE_CUTS = np.concatenate([cut @ gaussian_matrix(_HALF_SIGMA) for cut in _CUTS])
_WIDE_CUTS = np.concatenate([cut @ gaussian_matrix(_WIDE_SIGMA) for cut in _CUTS])
_FINE_HALF = _cut_matrix(_HALF_PX, MATCH_PX) @ gaussian_matrix(_HALF_SIGMA)
_WIDE_HALF = _cut_matrix(_HALF_PX, MATCH_PX) @ gaussian_matrix(_WIDE_SIGMA)
_OFFSETS = [-(MATCH_PX - TEMPLATE_PX / scale) / 2 * scale for scale in SCALES]
_WARPS = [np.array([[s, 0, offset], [0, s, offset]], np.float32) for s, offset in zip(SCALES, _OFFSETS, strict=True)]


class _Match(NamedTuple):
    """A template, the (36, 36) window of the other picture on which it lies best, and their correlation."""

    score: float
    template: np.ndarray
    window: np.ndarray


def _refine_both(own: np.ndarray, other: np.ndarray, scale: int, shift: np.ndarray, wanted: float) -> _Match:
    """Best match of a template from either picture.

    A template must lie wholly inside the other picture, so that where one is a tighter crop only one direction works.
    """
    forward = _refine(own, other, scale, shift, wanted)
    if forward.score >= wanted or forward.score < wanted - _REFINED_MARGIN * (1 - wanted):
        return forward
    inverse = int(np.abs(np.array(SCALES) - 1 / SCALES[scale]).argmin())
    backward = _refine(other, own, inverse, np.rint(-shift / SCALES[scale]), wanted)
    return forward if forward.score >= backward.score else backward


def _refine(own: np.ndarray, other: np.ndarray, scale: int, shift: np.ndarray, wanted: float) -> _Match:
    """Best full-resolution match near a coarse optimum: shift +-2 pixels, scale +-1 unless hopeless."""
    margin = (MATCH_PX - TEMPLATE_PX) // 2
    top, left = (min(max(margin + 2 * int(step) - 2, 0), 2 * margin - 4) for step in shift)
    window = other[top : top + TEMPLATE_PX + 4, left : left + TEMPLATE_PX + 4]
    best = _correlate(own, window, scale)
    if best.score >= wanted - _REFINED_MARGIN * (1 - wanted):
        for index in (scale - 1, scale + 1):
            if 0 <= index < len(SCALES):
                nearby = _correlate(own, window, index)
                best = nearby if nearby.score > best.score else best
    return best


def _correlate(own: np.ndarray, window: np.ndarray, scale: int) -> _Match:
    template = cv2.warpAffine(own, _WARPS[scale], (TEMPLATE_PX, TEMPLATE_PX), flags=cv2.INTER_LINEAR)
    _, score, _, (left, top) = cv2.minMaxLoc(cv2.matchTemplate(window, template, cv2.TM_CCOEFF_NORMED))
    return _Match(score, template, window[top : top + TEMPLATE_PX, left : left + TEMPLATE_PX])
