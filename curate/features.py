"""Gradient features of whole batches of pictures, shared by duplicate search and classical models.

A flipped or rotated picture has the same numbers in another order, so its features never need to be computed.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice

import cv2
import numpy as np

from curate.executors import map_ordered
from curate.hashing import to_gray
from curate.images import decode_reduced
from curate.progress import Progress
from curate.transforms import FLIPS_AND_ROTATIONS

__all__ = [
    "FEATURES",
    "MATCH_PX",
    "gaussian_matrix",
    "gradient_features",
    "matching_picture_of",
    "matching_pictures",
    "pictures_for_matching",
    "transform_features",
]

MATCH_PX = 48
"""Side of the square to which every picture is reduced before it is compared."""

_LEAST_DECODED = 4
"""So many times the side that is compared is decoded at least. Of 1,000 photographs of 1200 x 1600, decoded at a
quarter, the pixels that are compared differ by one level at most."""

_PER_TASK = 256
"""Picture files at a time, so that few of them are in memory."""

_DIRECTIONS, _CELLS = 8, 10
FEATURES = _DIRECTIONS * _CELLS * _CELLS
_SMOOTHING_SIGMA, _POOLING_SIGMA = 1.0, 2.0
_FIRST_CELL, _LAST_CELL = 4.0, MATCH_PX - 5.0
_CHUNK = 64
"""Pictures at a time: what they need stays in a core's cache."""
_FLAT = 0.02
"""Total gradient below which a picture is flat: rounding alone reaches 0.0012, one pixel off by one level 0.24."""


def matching_pictures(pixels: np.ndarray) -> np.ndarray:
    """One canonical picture as it is compared: gray, reduced or enlarged to a square.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.

    Returns:
        (48, 48) uint8.
    """
    gray = to_gray(pixels[None])[0]
    if gray.shape == (MATCH_PX, MATCH_PX):
        return np.asarray(gray)
    shrinks = min(gray.shape) >= MATCH_PX
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, (MATCH_PX, MATCH_PX), interpolation=how))


def matching_picture_of(data: bytes) -> np.ndarray:
    """`matching_pictures` of a picture file; large JPEGs are decoded at a part of their size, see `decode_reduced`.

    Returns:
        (48, 48) uint8.
    """
    return matching_pictures(decode_reduced(data, least_px=_LEAST_DECODED * MATCH_PX).pixels)


def pictures_for_matching(
    files: Iterable[bytes], count: int, *, executor: Executor, progress: Progress, task: str = "reading pictures"
) -> np.ndarray:
    """`matching_picture_of` of many picture files.

    Args:
        files: read as they are needed.
        count: how many there are.
        executor: threads or processes.
        progress: progress callback.
        task: what the progress is called.

    Returns:
        (count, 48, 48) uint8, in the order of the files.
    """
    pictures = np.empty((count, MATCH_PX, MATCH_PX), np.uint8)
    with progress(task, count, unit="pictures") as advance:
        start = 0
        for part in map_ordered(executor, _decode_for_matching, _batches(iter(files))):
            pictures[start : start + len(part)] = part
            start += len(part)
            advance(len(part))
    return pictures


def _batches(files: Iterator[bytes]) -> Iterator[list[bytes]]:
    while batch := list(islice(files, _PER_TASK)):
        yield batch


def _decode_for_matching(files: list[bytes]) -> np.ndarray:
    return np.stack([matching_picture_of(data) for data in files])


def gradient_features(pictures: np.ndarray) -> np.ndarray:
    """Where which edges are: signed gradients in eight directions, pooled into 10 x 10 overlapping cells.

    Args:
        pictures: (N, 48, 48) uint8.

    Returns:
        (N, 800) float32, each row the square root of a distribution (its squares sum to 1; all zero for a flat
        picture), ordered by direction, row and column of cells.
    """
    features = np.empty((len(pictures), FEATURES), np.float32)
    for start in range(0, len(pictures), _CHUNK):
        features[start : start + _CHUNK] = _chunk_features(pictures[start : start + _CHUNK])
    return features


def transform_features(features: np.ndarray, name: str) -> np.ndarray:
    """Features of the flipped or rotated pictures, from those of the pictures as they are.

    Args:
        features: (N, 800), of `gradient_features`.
        name: a key of `FLIPS_AND_ROTATIONS`.

    Returns:
        (N, 800), a permutation of the columns.
    """
    grid = features.reshape(-1, _DIRECTIONS, _CELLS, _CELLS)
    direction = np.arange(_DIRECTIONS)
    transposed, upside_down, left_right = FLIPS_AND_ROTATIONS[name]
    if transposed:
        grid = grid[:, (_DIRECTIONS // 4 - direction) % _DIRECTIONS].swapaxes(2, 3)
    if upside_down:
        grid = grid[:, -direction % _DIRECTIONS, ::-1]
    if left_right:
        grid = grid[:, (_DIRECTIONS // 2 - direction) % _DIRECTIONS, :, ::-1]
    return np.ascontiguousarray(grid).reshape(len(features), FEATURES)


def gaussian_matrix(sigma: float, length: int = MATCH_PX) -> np.ndarray:
    """(length, length) float32 that blurs a column by a Gaussian, mirroring the border without its edge pixel."""
    radius = int(np.ceil(4 * sigma))
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-(offsets**2) / (2 * sigma * sigma))
    weights /= weights.sum()
    period = 2 * (length - 1)
    matrix = np.zeros((length, length))
    for row in range(length):
        columns = np.abs(row + offsets) % period
        np.add.at(matrix[row], np.where(columns >= length, period - columns, columns), weights)
    return np.asarray(matrix, np.float32)


def _pooling_matrix() -> np.ndarray:
    centres = np.linspace(_FIRST_CELL, _LAST_CELL, _CELLS)
    weights = np.exp(-((np.arange(MATCH_PX) - centres[:, None]) ** 2) / (2 * _POOLING_SIGMA**2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _difference_matrix() -> np.ndarray:
    inner = np.arange(1, MATCH_PX - 1)
    matrix = np.zeros((MATCH_PX, MATCH_PX), np.float32)
    matrix[inner, inner + 1] = 1
    matrix[inner, inner - 1] = -1
    return matrix


_SMOOTH = gaussian_matrix(_SMOOTHING_SIGMA)
_SLOPE = _difference_matrix() @ _SMOOTH
_POOL = _pooling_matrix()


def _chunk_features(pictures: np.ndarray) -> np.ndarray:
    values = pictures.astype(np.float32)
    across = np.matmul(np.matmul(_SMOOTH, values), _SLOPE.T)
    down = np.matmul(np.matmul(_SLOPE, values), _SMOOTH.T)
    half = _DIRECTIONS // 2
    edges = np.empty((len(values), _DIRECTIONS, MATCH_PX, MATCH_PX), np.float32)
    for index in range(half):
        angle = 2 * np.pi * index / _DIRECTIONS
        slope = np.float32(np.cos(angle)) * across + np.float32(np.sin(angle)) * down
        np.maximum(slope, 0, out=edges[:, index])
        np.subtract(edges[:, index], slope, out=edges[:, index + half])
    pooled = np.matmul(np.matmul(_POOL, edges), _POOL.T).reshape(len(values), -1)
    total = pooled.sum(axis=1, keepdims=True)
    pooled /= np.where(total < _FLAT, np.inf, total)
    return np.asarray(np.sqrt(np.maximum(pooled, 0)))
