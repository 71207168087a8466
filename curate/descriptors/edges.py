"""Histograms of oriented gradients: which edges lie in which cell, contrast normalised over 2 x 2 cells.

Source: Dalal and Triggs 2005, Histograms of Oriented Gradients for Human Detection, sections 6.2 to 6.4: square root of
the intensities, no smoothing, linear interpolation between orientations, L2-Hys with a clip of 0.2. Unlike there,
directions are signed (18 of them over 360 degrees) and pixels vote for their cell alone.
"""

import cv2
import numpy as np

from curate.descriptors.descriptor import Descriptor
from curate.features import MATCH_PX

__all__ = ["describe_edges"]

_BINS = 18
_ATOM_PX = 2
"""Gradients are summed over squares of this side first, of which all cells are made."""
_CELLS_PX = (8, 6)
_CLIP, _FLOOR = 0.2, 1e-3
_ATOMS = MATCH_PX // _ATOM_PX
_CHUNK = 500


def describe_edges() -> Descriptor:
    """Signed gradients in 18 directions, in cells of 8 and of 6 pixels: 5,328 numbers."""
    return Descriptor(_describe, _mirrored())


def _describe(pictures: np.ndarray) -> np.ndarray:
    parts = []
    for start in range(0, len(pictures), _CHUNK):
        atoms = _gradient_atoms(pictures[start : start + _CHUNK])
        parts.append(np.concatenate([_blocks(_cells(atoms, cell_px)) for cell_px in _CELLS_PX], axis=1))
    return np.concatenate(parts)


def _gradient_atoms(pictures: np.ndarray) -> np.ndarray:
    """(N, 24, 24, 18) float32: gradient length by direction, summed over squares of 2 x 2 pixels."""
    count = len(pictures)
    roots = np.sqrt(pictures.astype(np.float32))
    across, down = np.zeros_like(roots), np.zeros_like(roots)
    across[:, :, 1:-1] = roots[:, :, 2:] - roots[:, :, :-2]
    down[:, 1:-1] = roots[:, 2:] - roots[:, :-2]
    length, angle = cv2.cartToPolar(across.reshape(-1, MATCH_PX), down.reshape(-1, MATCH_PX))
    place = angle.ravel() * np.float32(_BINS / (2 * np.pi)) - np.float32(0.5)
    low = np.floor(place)
    share = place - low
    # An angle of a full turn is possible: rounding may carry it past the last direction.
    low_bin = low.astype(np.int32) % _BINS
    high_bin = (low_bin + 1) % _BINS
    line = np.arange(MATCH_PX, dtype=np.int32) // _ATOM_PX
    atom = (np.arange(count, dtype=np.int32)[:, None, None] * _ATOMS + line[:, None]) * _ATOMS + line
    first = atom.ravel() * _BINS
    weight = length.ravel()
    size = count * _ATOMS * _ATOMS * _BINS
    summed = np.bincount(first + low_bin, weight * (1 - share), size)
    summed += np.bincount(first + high_bin, weight * share, size)
    return summed.astype(np.float32).reshape(count, _ATOMS, _ATOMS, _BINS)


def _cells(atoms: np.ndarray, cell_px: int) -> np.ndarray:
    side = cell_px // _ATOM_PX
    count = _ATOMS // side
    return np.asarray(atoms.reshape(len(atoms), count, side, count, side, _BINS).sum(axis=(2, 4)))


def _blocks(cells: np.ndarray) -> np.ndarray:
    blocks = _neighbours(cells)
    blocks /= np.sqrt((blocks**2).sum(axis=-1, keepdims=True) + _FLOOR)
    np.minimum(blocks, _CLIP, out=blocks)
    blocks /= np.sqrt((blocks**2).sum(axis=-1, keepdims=True) + _FLOOR)
    return blocks.reshape(len(cells), -1)


def _neighbours(cells: np.ndarray) -> np.ndarray:
    """Every cell with its right, lower and lower right neighbour, side by side."""
    parts = [cells[:, :-1, :-1], cells[:, :-1, 1:], cells[:, 1:, :-1], cells[:, 1:, 1:]]
    return np.concatenate(parts, axis=-1)


def _mirrored() -> np.ndarray:
    orders, start = [], 0
    direction = (_BINS // 2 - 1 - np.arange(_BINS)) % _BINS
    for cell_px in _CELLS_PX:
        side = MATCH_PX // cell_px - 1
        numbers = np.arange(side * side * 4 * _BINS).reshape(side, side, 2, 2, _BINS)
        orders.append(start + numbers[:, ::-1, :, ::-1][..., direction].ravel())
        start += numbers.size
    return np.concatenate(orders)
