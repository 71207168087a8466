"""Dictionaries of atoms learned from windows of pictures, and how much the windows of a picture resemble each atom.

Source: Coates, Lee and Ng 2011, An Analysis of Single-Layer Networks in Unsupervised Feature Learning, section 3:
whitening, spherical k-means, activation above the mean of all atoms. Unlike there, half of the atoms are the mirrored
others, and only what lies a standard deviation above the mean counts: fewer atoms speak, and labels of FER-2013 were
predicted better. Sums are taken over 3 x 3 parts of the picture and as square roots.
"""

from collections.abc import Callable

import numpy as np

__all__ = ["ATOMS", "code_pictures", "learn_atoms", "mirrored_codes", "sample_size"]

ATOMS = 256
_HALF = ATOMS // 2
_PARTS = 3
_CHUNK = 64
_FITTED_ON, _OF_A_PICTURE = 40_000, 20
_ROUNDS = 8
_ABOVE_MEAN = 1.0
"""Standard deviations."""


def code_pictures(
    pictures: np.ndarray, atoms: np.ndarray, windows_of: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """How much the windows in each of 3 x 3 parts of a picture resemble each atom.

    Args:
        pictures: (N, 48, 48) uint8.
        atoms: (D, 256) float32, of `learn_atoms`.
        windows_of: (M, 48, 48) pictures -> (M, P, P, D) normalised windows; P is a multiple of 3.

    Returns:
        (N, 9 x 256) float32.
    """
    codes = np.empty((len(pictures), _PARTS, _PARTS, ATOMS), np.float32)
    for start in range(0, len(pictures), _CHUNK):
        windows = windows_of(pictures[start : start + _CHUNK])
        count, positions, _, size = windows.shape
        active = _rectify(windows.reshape(-1, size) @ atoms)
        shape = (count, _PARTS, positions // _PARTS, _PARTS, positions // _PARTS, ATOMS)
        codes[start : start + count] = active.reshape(shape).sum(axis=2).sum(axis=3)
    return np.sqrt(codes, out=codes).reshape(len(pictures), -1)


def mirrored_codes() -> np.ndarray:
    """(9 x 256,) int64: codes of the mirrored picture are those of the picture in this order."""
    order = np.arange(_PARTS * _PARTS * ATOMS).reshape(_PARTS, _PARTS, 2, _HALF)
    return order[:, ::-1, ::-1].ravel()


def sample_size(pictures: int) -> int:
    """How many windows of so many pictures atoms are learned from."""
    return max(min(_FITTED_ON, _OF_A_PICTURE * pictures), _HALF)


def learn_atoms(windows: np.ndarray, mirrored: np.ndarray, *, floor: float, rng: np.random.Generator) -> np.ndarray:
    """Find atoms that windows resemble.

    Args:
        windows: (N, D) float32, normalised, each of mean 0; N at least 128.
        mirrored: (D,) int64; the numbers of a mirrored window are those of the window in this order.
        floor: added to the variances before whitening, which would blow up noise where they are small.
        rng: draws the first atoms.

    Returns:
        (D, 256) float32; normalised windows times this are activations. The second half are mirror images of the first.
    """
    white = _whitening(windows, mirrored, floor)
    points = _unit(windows @ white)
    atoms = points[rng.choice(len(points), _HALF, replace=False)]
    for _ in range(_ROUNDS):
        atoms = _move(points, atoms, mirrored)
    return np.asarray(white @ np.concatenate([atoms, atoms[:, mirrored]]).T, np.float32)


def _rectify(active: np.ndarray) -> np.ndarray:
    """What of (N, A) activations lies a standard deviation above the row's mean, in place."""
    active -= active.mean(axis=1, keepdims=True)
    active -= _ABOVE_MEAN * np.sqrt(np.einsum("ij,ij->i", active, active)[:, None] / active.shape[1])
    return np.asarray(np.maximum(active, 0, out=active))


def _whitening(windows: np.ndarray, mirrored: np.ndarray, floor: float) -> np.ndarray:
    """(D, D) float32, symmetric, the same for mirrored windows."""
    spread = windows.T @ windows / len(windows)
    spread = (spread + spread[mirrored][:, mirrored]) / 2
    values, vectors = np.linalg.eigh(spread.astype(np.float64))
    return np.asarray((vectors / np.sqrt(np.maximum(values, 0) + floor)) @ vectors.T, np.float32)


def _move(points: np.ndarray, atoms: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
    """One round of spherical k-means in which a point may count for an atom as its mirror image."""
    half = len(atoms)
    nearest = (points @ np.concatenate([atoms, atoms[:, mirrored]]).T).argmax(axis=1)
    flipped = np.where((nearest >= half)[:, None], points[:, mirrored], points)
    member = np.zeros((half, len(points)), np.float32)
    member[nearest % half, np.arange(len(points))] = 1
    sums = member @ flipped
    empty = np.linalg.norm(sums, axis=1) < 1e-3
    sums[empty] = atoms[empty]
    return _unit(sums)


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6))
