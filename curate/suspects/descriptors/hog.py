"""Histograms of oriented gradients: which edges lie in which cell, contrast normalised over 2 x 2 cells.

Source: Dalal and Triggs 2005, Histograms of Oriented Gradients for Human Detection, sections 6.2 to 6.4: square root of
the intensities, no smoothing, linear interpolation between orientations, L2-Hys with a clip of 0.2. Unlike there,
directions are signed (18 of them over 360 degrees) and pixels vote for their cell alone.
"""

import numpy as np

from curate.features import MATCH_PX
from curate.suspects.descriptors.descriptor import Descriptor
from curate.suspects.descriptors.gradients import DIRECTIONS, MIRRORED_DIRECTION, gradient_atoms, sum_cells

__all__ = ["describe_edges"]

_CELLS_PX = (8, 6)
_CLIP, _FLOOR = 0.2, 1e-3
_CHUNK = 500


def describe_edges() -> Descriptor:
    """Signed gradients in 18 directions, in cells of 8 and of 6 pixels: 5,328 numbers."""
    return Descriptor(_describe, _mirrored())


def _describe(pictures: np.ndarray) -> np.ndarray:
    parts = []
    for start in range(0, len(pictures), _CHUNK):
        atoms = gradient_atoms(pictures[start : start + _CHUNK])
        parts.append(np.concatenate([_blocks(sum_cells(atoms, cell_px)) for cell_px in _CELLS_PX], axis=1))
    return np.concatenate(parts)


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
    for cell_px in _CELLS_PX:
        side = MATCH_PX // cell_px - 1
        columns = np.arange(side * side * 4 * DIRECTIONS).reshape(side, side, 2, 2, DIRECTIONS)
        orders.append(start + columns[:, ::-1, :, ::-1][..., MIRRORED_DIRECTION].ravel())
        start += columns.size
    return np.concatenate(orders)
