"""Gradients by direction, summed over small squares, of which all cells of edges and shapes are made."""

import cv2
import numpy as np

from curate.features import MATCH_PX

__all__ = ["DIRECTIONS", "MIRRORED_DIRECTION", "gradient_atoms", "sum_cells"]

DIRECTIONS = 18
"""Signed, over 360 degrees."""
MIRRORED_DIRECTION = (DIRECTIONS // 2 - 1 - np.arange(DIRECTIONS)) % DIRECTIONS
_ATOM_PX = 2
_ATOMS = MATCH_PX // _ATOM_PX


def gradient_atoms(pictures: np.ndarray) -> np.ndarray:
    """(N, 24, 24, 18) float32: gradient length by direction, summed over squares of 2 x 2 pixels.

    Gradients are those of the square root of the intensities, shared between the two nearest directions.

    Args:
        pictures: (N, 48, 48) uint8.
    """
    count = len(pictures)
    roots = np.sqrt(pictures.astype(np.float32))
    across, down = np.zeros_like(roots), np.zeros_like(roots)
    across[:, :, 1:-1] = roots[:, :, 2:] - roots[:, :, :-2]
    down[:, 1:-1] = roots[:, 2:] - roots[:, :-2]
    length, angle = cv2.cartToPolar(across.reshape(-1, MATCH_PX), down.reshape(-1, MATCH_PX))
    position = angle.ravel() * np.float32(DIRECTIONS / (2 * np.pi)) - np.float32(0.5)
    low = np.floor(position)
    share = position - low
    # An angle of a full turn is possible: rounding may carry it past the last direction.
    low_bin = low.astype(np.int32) % DIRECTIONS
    high_bin = (low_bin + 1) % DIRECTIONS
    line = np.arange(MATCH_PX, dtype=np.int32) // _ATOM_PX
    atom = (np.arange(count, dtype=np.int32)[:, None, None] * _ATOMS + line[:, None]) * _ATOMS + line
    first = atom.ravel() * DIRECTIONS
    weight = length.ravel()
    size = count * _ATOMS * _ATOMS * DIRECTIONS
    summed = np.bincount(first + low_bin, weight * (1 - share), size)
    summed += np.bincount(first + high_bin, weight * share, size)
    return summed.astype(np.float32).reshape(count, _ATOMS, _ATOMS, DIRECTIONS)


def sum_cells(atoms: np.ndarray, cell_px: int) -> np.ndarray:
    """(N, 48 / cell_px, 48 / cell_px, 18): the sums over square cells; `cell_px` is even and divides 48."""
    side = cell_px // _ATOM_PX
    count = _ATOMS // side
    return np.asarray(atoms.reshape(len(atoms), count, side, count, side, DIRECTIONS).sum(axis=(2, 4)))
