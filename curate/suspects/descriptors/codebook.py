"""Dictionaries of atoms learned from windows of pictures, and how much any window resembles each atom.

Source: Coates, Lee and Ng 2011, An Analysis of Single-Layer Networks in Unsupervised Feature Learning, section 3:
whitening, spherical k-means, activation above the mean of all atoms. Unlike there, half of the atoms are the mirrored
others, and only what lies a standard deviation above the mean counts: fewer atoms speak, and labels of FER-2013 were
predicted better.
"""

import numpy as np

__all__ = ["learn_atoms", "rectify"]

_ROUNDS = 8
_ABOVE_MEAN = 1.0
"""Standard deviations."""


def learn_atoms(
    windows: np.ndarray, mirrored: np.ndarray, *, half: int, floor: float, rng: np.random.Generator
) -> np.ndarray:
    """Find atoms that windows resemble.

    Args:
        windows: (N, D) float32, normalised, each of mean 0; N at least `half`.
        mirrored: (D,) int64; the numbers of a mirrored window are those of the window in this order.
        half: so many atoms; as many again are their mirror images.
        floor: added to the variances before whitening, which would blow up noise where they are small.
        rng: draws the first atoms.

    Returns:
        (D, 2 half) float32; normalised windows times this are activations, before `rectify`.
    """
    white = _whitening(windows, mirrored, floor)
    points = _unit(windows @ white)
    atoms = points[rng.choice(len(points), half, replace=False)]
    for _ in range(_ROUNDS):
        atoms = _move(points, atoms, mirrored)
    return np.asarray(white @ np.concatenate([atoms, atoms[:, mirrored]]).T, np.float32)


def rectify(active: np.ndarray) -> np.ndarray:
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
    turned = np.where((nearest >= half)[:, None], points[:, mirrored], points)
    member = np.zeros((half, len(points)), np.float32)
    member[nearest % half, np.arange(len(points))] = 1
    sums = member @ turned
    empty = np.linalg.norm(sums, axis=1) < 1e-3
    sums[empty] = atoms[empty]
    return _unit(sums)


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6))
