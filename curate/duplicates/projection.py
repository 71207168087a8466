"""An embedding in which re-cropped copies lie close together, fitted on the collection itself.

Linear discriminant analysis in which every picture is a class of its own, shown by jittered copies: no labels, no
shipped weights. A projection fitted on another collection is much worse, so it is always fitted on one's own.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import cv2
import numpy as np

from curate.features import MATCH_PX, gradient_features
from curate.seeding import derive_seed

__all__ = ["Projection", "embed", "fit_projection", "pick_by_hash"]

DIMENSIONS = 64
FITTED_ON = 3_000
_SPREAD_FROM = 12_000
_COPIES = 3
_REGULARISATION = 3e-3
_SHIFT_PX, _SCALE, _ROTATION_DEGREES, _ASPECT, _GAMMA, _NOISE = 3.5, 0.18, 4.0, 0.03, 0.2, 3.0


class Projection(NamedTuple):
    """A fitted embedding: `mean` (800,) and `matrix` (800, 64), float32."""

    mean: np.ndarray
    matrix: np.ndarray


def pick_by_hash(sample_ids: Sequence[str], count: int) -> np.ndarray:
    """Indices, ascending, of the `count` samples whose ids hash lowest: the same whatever order they come in."""
    hashed = [hashlib.sha256(sample_id.encode()).digest() for sample_id in sample_ids]
    return np.sort(np.argsort(np.array(hashed, dtype="S32"), kind="stable")[:count])


def fit_projection(
    pictures: np.ndarray, features: np.ndarray, sample_ids: Sequence[str], *, seed: int, executor: Executor
) -> Projection:
    """Fit on jittered copies of up to 3,000 of the collection's own pictures.

    Args:
        pictures: (N, 48, 48) uint8.
        features: (N, 800), theirs.
        sample_ids: theirs.
        seed: of the jitter; one picture's jitter depends on its id and on nothing else.
        executor: threads.
    """
    chosen = pick_by_hash(sample_ids, FITTED_ON)

    def show(copy: int) -> np.ndarray:
        jittered = [_jitter(pictures[i], derive_seed(seed, "jitter", sample_ids[i], copy)) for i in chosen]
        return gradient_features(np.stack(jittered))

    versions = [features[chosen], *executor.map(show, range(_COPIES))]
    middle = sum(versions) / len(versions)
    within = np.concatenate([version - middle for version in versions]).astype(np.float64)
    spread = features[pick_by_hash(sample_ids, _SPREAD_FROM)].astype(np.float64)
    return _discriminate(spread, within)


def embed(features: np.ndarray, projection: Projection) -> np.ndarray:
    """(N, 64) float32 unit vectors; the cosine of two of them is their inner product."""
    points = (features - projection.mean) @ projection.matrix
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9))


def _discriminate(spread: np.ndarray, within: np.ndarray) -> Projection:
    """The directions of largest total variance over within-picture variance (generalised eigenvectors)."""
    mean = spread.mean(axis=0)
    total = np.cov((spread - mean).T)
    noise: np.ndarray = within.T @ within / len(within) / 2
    noise = noise + _REGULARISATION * np.trace(noise) / len(noise) * np.eye(len(noise))
    half = np.linalg.inv(np.linalg.cholesky(noise))
    _, vectors = np.linalg.eigh(half @ total @ half.T)
    matrix = half.T @ vectors[:, ::-1][:, :DIMENSIONS]
    return Projection(mean.astype(np.float32), matrix.astype(np.float32))


def _jitter(picture: np.ndarray, seed: int) -> np.ndarray:
    """One picture as somebody else may have cropped and saved it."""
    rng = np.random.default_rng(seed)
    scale = np.exp(rng.uniform(-_SCALE, _SCALE))
    shift = rng.uniform(-_SHIFT_PX, _SHIFT_PX, 2)
    middle = (MATCH_PX - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), rng.uniform(-_ROTATION_DEGREES, _ROTATION_DEGREES), scale)
    stretch = np.exp(rng.uniform(-_ASPECT, _ASPECT))
    matrix[0] *= stretch
    matrix[0, 2] += middle * (1 - stretch)
    matrix[:, 2] = matrix[:, 2] + shift
    moved = cv2.warpAffine(picture, matrix, picture.shape, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    lit = 255 * (moved / 255.0) ** np.exp(rng.uniform(-_GAMMA, _GAMMA))
    return np.asarray(np.clip(lit + rng.normal(0, _NOISE, lit.shape), 0, 255).astype(np.uint8))
