"""Local binary patterns: whether each of a pixel's eight neighbours is brighter, counted by cell.

Source: Ojala, Pietikainen and Maenpaa 2002, Multiresolution Gray-Scale and Rotation Invariant Texture Classification
with Local Binary Patterns, IEEE TPAMI 24(7), section 2: the 58 patterns with at most two changes around the circle are
counted one by one and all others together. The neighbours are the eight adjacent pixels, without interpolation.
"""

import numpy as np

from curate.features import MATCH_PX
from curate.suspects.descriptors.descriptor import Descriptor

__all__ = ["describe_texture"]

_AROUND = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
"""Row and column of each neighbour in the 3 x 3 square, clockwise; its index is its bit."""
_INNER = MATCH_PX - 2
_CELLS = 6
_PATTERNS = 59
_CHUNK = 1000


def describe_texture() -> Descriptor:
    """Square roots of the counts of 59 patterns in 6 x 6 cells: 2,124 numbers."""
    return Descriptor(_describe, _mirrored())


def _describe(pictures: np.ndarray) -> np.ndarray:
    size = _CELLS * _CELLS * _PATTERNS
    line = _cell_of_pixel()
    cell = ((line[:, None] * _CELLS + line) * _PATTERNS).astype(np.int32)
    pattern = _PATTERN_OF_CODE.astype(np.int32)
    result = np.empty((len(pictures), size), np.float32)
    for start in range(0, len(pictures), _CHUNK):
        part = pictures[start : start + _CHUNK]
        first = np.arange(len(part), dtype=np.int32)[:, None, None] * size + cell
        counts = np.bincount((first + pattern[_codes(part)]).ravel(), minlength=len(part) * size)
        result[start : start + len(part)] = np.sqrt(counts.reshape(len(part), size))
    return result


def _codes(pictures: np.ndarray) -> np.ndarray:
    """(N, 46, 46) uint8: bit by bit, whether the neighbour is at least as bright as the pixel."""
    centre = pictures[:, 1:-1, 1:-1]
    codes = np.zeros(centre.shape, np.uint8)
    for bit, (row, column) in enumerate(_AROUND):
        neighbour = pictures[:, row : row + _INNER, column : column + _INNER]
        codes |= (neighbour >= centre).view(np.uint8) << bit
    return codes


def _cell_of_pixel() -> np.ndarray:
    """(46,) cell of each inner pixel, the same from both sides."""
    half = np.arange(_INNER // 2) * _CELLS // _INNER
    return np.concatenate([half, _CELLS - 1 - half[::-1]])


def _mirrored() -> np.ndarray:
    bit_of = {neighbour: bit for bit, neighbour in enumerate(_AROUND)}
    moved = [bit_of[row, 2 - column] for row, column in _AROUND]
    codes = np.arange(256)
    flipped = sum((codes >> bit & 1) << target for bit, target in enumerate(moved))
    pattern = np.empty(_PATTERNS, np.int64)
    pattern[_PATTERN_OF_CODE] = _PATTERN_OF_CODE[flipped]
    columns = np.arange(_CELLS * _CELLS * _PATTERNS).reshape(_CELLS, _CELLS, _PATTERNS)
    return columns[:, ::-1][..., pattern].ravel()


def _number_patterns() -> np.ndarray:
    """(256,) int64: 0 to 57 for the uniform codes in ascending order, 58 for all others."""
    codes = np.arange(256)
    bits = codes[:, None] >> np.arange(8) & 1
    uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    return np.where(uniform, np.cumsum(uniform) - 1, _PATTERNS - 1)


_PATTERN_OF_CODE = _number_patterns()
