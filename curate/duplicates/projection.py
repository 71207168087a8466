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

from curate.executors import map_ordered
from curate.features import FEATURES, MATCH_PX, gradient_features, transform_features
from curate.seeding import derive_seed

__all__ = [
    "COPIES",
    "DIMENSIONS",
    "FITTED_ON",
    "SPREAD_FROM",
    "Projection",
    "embed",
    "fit_projection",
    "flip_projection",
    "jittered_features",
    "pick_by_hash",
    "quantised_features",
]

DIMENSIONS = 64
FITTED_ON = 3_000
SPREAD_FROM = 12_000
COPIES = 3
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


def quantised_features(pictures: np.ndarray) -> np.ndarray:
    """(N, 800) float16 `gradient_features`: half the memory, and the same whether computed now or kept from before."""
    return gradient_features(pictures).astype(np.float16)


def jittered_features(pictures: np.ndarray, sample_ids: Sequence[str], *, seed: int) -> np.ndarray:
    """(N, 3, 800) float16 features of jittered copies of (N, 48, 48) uint8 pictures.

    One picture's jitter depends on the seed and its id, and on nothing else.
    """
    copies = [
        _jitter(picture, derive_seed(seed, "jitter", sample_id, copy))
        for picture, sample_id in zip(pictures, sample_ids, strict=True)
        for copy in range(COPIES)
    ]
    return quantised_features(np.stack(copies)).reshape(len(pictures), COPIES, -1)


def fit_projection(spread: np.ndarray, chosen: np.ndarray, jittered: np.ndarray, *, executor: Executor) -> Projection:
    """Fit on features of the collection's own pictures.

    Args:
        spread: (S, 800) of pictures as different as the collection is.
        chosen: (M, 800) of some pictures.
        jittered: (M, C, 800) of their jittered copies.
        executor: threads or processes.
    """
    versions = [chosen.astype(np.float32), *jittered.swapaxes(0, 1).astype(np.float32)]
    middle = sum(versions) / len(versions)
    mean = spread.mean(axis=0, dtype=np.float64).astype(np.float32)
    deviations = (np.concatenate([version - middle for version in versions]), spread - mean)
    noise, total = map_ordered(executor, _scatter, deviations)
    return _discriminate(mean, total / (len(spread) - 1), noise / len(deviations[0]) / 2)


def flip_projection(projection: Projection, flip: str) -> Projection:
    """The projection that makes of a picture's features the point of the flipped or rotated picture."""
    order = transform_features(np.arange(FEATURES, dtype=np.float32)[None], flip)[0].astype(np.int64)
    mean, matrix = np.empty_like(projection.mean), np.empty_like(projection.matrix)
    mean[order], matrix[order] = projection.mean, projection.matrix
    return Projection(mean, matrix)


def embed(features: np.ndarray, projection: Projection) -> np.ndarray:
    """(N, 64) float32 unit vectors; the cosine of two of them is their inner product."""
    points = (features - projection.mean) @ projection.matrix
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9))


def _scatter(deviations: np.ndarray) -> np.ndarray:
    """(800, 800) float64 sum of outer products."""
    values = deviations.astype(np.float64)
    return np.asarray(values.T @ values)


def _discriminate(mean: np.ndarray, total: np.ndarray, noise: np.ndarray) -> Projection:
    """The directions of largest total variance over within-picture variance (generalised eigenvectors)."""
    noise = noise + _REGULARISATION * np.trace(noise) / len(noise) * np.eye(len(noise))
    half = np.linalg.inv(np.linalg.cholesky(noise))
    _, vectors = np.linalg.eigh(half @ total @ half.T)
    matrix = half.T @ vectors[:, ::-1][:, :DIMENSIONS]
    return Projection(mean, matrix.astype(np.float32))


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
