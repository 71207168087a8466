"""What plain alignment misses: stretched and rotated copies, edited ones, and blurred ones.

ECC     an affine warp refined by enhanced correlation; finds stretches, small rotations and larger zooms
blocks  the median correlation of nine blocks; finds overlaid text, hats and other edits
blur    the sharper picture is blurred until both match; only for pairs within 6 bits of perceptual hash

Sources: Evangelidis and Psarakis 2008, Parametric Image Alignment Using Enhanced Correlation Coefficient Maximization
(as `cv2.findTransformECC`). Thresholds were chosen by eye on FER-2013: ECC >= 0.93 was right 88 times of 88, blocks
>= 0.95 39 to 40 times of 40.
"""

from typing import NamedTuple

import cv2
import numpy as np

from curate.duplicates.coarse import TEMPLATE_PX
from curate.duplicates.weakest_third import WEAKEST_THIRD_SAME_WARPED, weakest_third
from curate.features import MATCH_PX

__all__ = [
    "BLOCKS_DOUBTFUL",
    "BLOCKS_SAME",
    "BLUR_SAME",
    "ECC_DOUBTFUL",
    "ECC_SAME",
    "AffineMatch",
    "BlurMatch",
    "WarpStart",
    "match_affine",
    "match_blurred",
]

ECC_SAME, ECC_DOUBTFUL = 0.93, 0.90
BLOCKS_SAME, BLOCKS_DOUBTFUL = 0.95, 0.93
BLUR_SAME = 0.97
MAX_ANISOTROPY = 1.5
"""A warp that stretches one side more than this over the other has found something else."""

_BLOCKS = 3
_MARGIN = (MATCH_PX - TEMPLATE_PX) // 2
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 1e-4)
_EVERYWHERE = np.full((MATCH_PX, MATCH_PX), 255, np.uint8)
_BLUR_SIGMAS = (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.2)
_BLUR_WIDE_SIGMA = 7.0
_BLUR_BORDER_PX = 2


class WarpStart(NamedTuple):
    """Where to start: rotation in degrees, scale, and the shift in steps of two pixels down and right."""

    degrees: float
    scale: float
    down: int
    right: int


class AffineMatch(NamedTuple):
    """How well an affine warp brings the pictures together.

    Attributes:
        correlation: of the middle 36 x 36 pixels after the warp, in [-1, 1]; -1 where no sensible warp was found.
        weakest: lowest correlation of a third of them; -1 likewise.
        blocks: median correlation of its nine blocks.
    """

    correlation: float
    weakest: float
    blocks: float

    @property
    def is_copy(self) -> bool:
        """Whether the warp alone shows that both are one photograph."""
        return self.correlation >= ECC_SAME and self.weakest >= WEAKEST_THIRD_SAME_WARPED


class BlurMatch(NamedTuple):
    """How well two pictures agree once the sharper one is blurred: over all, and the weakest third; in [-1, 1]."""

    correlation: float
    weakest: float


def match_affine(one: np.ndarray, two: np.ndarray, start: WarpStart) -> AffineMatch:
    """Refine an affine warp of one band-passed picture onto the other.

    Args:
        one: (48, 48) float32, of `band_pass`.
        two: likewise.
        start: where to start.
    """
    top, left = (min(max(_MARGIN + 2 * step, 0), 2 * _MARGIN) for step in (start.down, start.right))
    window = two[top : top + TEMPLATE_PX, left : left + TEMPLATE_PX]
    middle = (MATCH_PX - 1) / 2
    forward = cv2.getRotationMatrix2D((middle, middle), start.degrees, start.scale)
    forward[:, 2] -= _MARGIN
    backward = cv2.invertAffineTransform(forward).astype(np.float32)
    anisotropy, warp = _refine_warp(window, one, backward)
    size = (TEMPLATE_PX, TEMPLATE_PX)
    warped = cv2.warpAffine(one, warp, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    blocks = float(np.median(_block_correlations(warped, window)))
    if anisotropy >= MAX_ANISOTROPY:
        return AffineMatch(-1.0, -1.0, blocks)
    return AffineMatch(_correlation(warped, window), weakest_third(warped, window), blocks)


def match_blurred(one: np.ndarray, two: np.ndarray) -> BlurMatch:
    """The best match over the amounts by which the sharper of two pictures (48, 48) uint8 may be blurred."""
    sharp, soft = one.astype(np.float32), two.astype(np.float32)
    if cv2.Laplacian(sharp, cv2.CV_32F).var() < cv2.Laplacian(soft, cv2.CV_32F).var():
        sharp, soft = soft, sharp
    target = soft - cv2.GaussianBlur(soft, (0, 0), _BLUR_WIDE_SIGMA)
    inner = slice(_BLUR_BORDER_PX, MATCH_PX - _BLUR_BORDER_PX)
    side = MATCH_PX - 2 * _BLUR_BORDER_PX
    best = BlurMatch(-1.0, -1.0)
    for sigma in _BLUR_SIGMAS:
        blurred = cv2.GaussianBlur(sharp, (0, 0), sigma) if sigma else sharp
        template = (blurred - cv2.GaussianBlur(blurred, (0, 0), _BLUR_WIDE_SIGMA))[inner, inner]
        _, score, _, (left, top) = cv2.minMaxLoc(cv2.matchTemplate(target, template, cv2.TM_CCOEFF_NORMED))
        if score > best.correlation:
            window = target[top : top + side, left : left + side]
            best = BlurMatch(score, weakest_third(template[1:-1, 1:-1], window[1:-1, 1:-1]))
    return best


def _refine_warp(window: np.ndarray, one: np.ndarray, start: np.ndarray) -> tuple[float, np.ndarray]:
    """How unevenly the refined warp stretches (at least 1; infinite where there is none), and the warp."""
    try:
        _, refined = cv2.findTransformECC(window, one, start.copy(), cv2.MOTION_AFFINE, _STOP, _EVERYWHERE, 3)
    except cv2.error:  # the iteration did not converge
        return np.inf, start
    warp = np.asarray(refined)
    stretches = np.linalg.svd(warp[:, :2], compute_uv=False)
    return float(stretches[0] / max(stretches[1], 1e-3)), warp


def _block_correlations(one: np.ndarray, two: np.ndarray) -> list[float]:
    rows = [
        np.array_split(strip, _BLOCKS, axis=1) for picture in (one, two) for strip in np.array_split(picture, _BLOCKS)
    ]
    first = [block for row in rows[:_BLOCKS] for block in row]
    second = [block for row in rows[_BLOCKS:] for block in row]
    return [_correlation(a, b, floor=1.0) for a, b in zip(first, second, strict=True)]


def _correlation(one: np.ndarray, two: np.ndarray, *, floor: float = 1e-6) -> float:
    """Zero-mean normalised cross-correlation; `floor` keeps flat blocks near zero."""
    a, b = one - one.mean(), two - two.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + floor))
