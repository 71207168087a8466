"""Principal components of descriptors, in two parts: what a mirrored picture keeps, and what changes its sign.

If every picture counts together with its mirror image, each principal component is either symmetric or antisymmetric.
So the mirrored picture needs no description of its own, and inner products with both cost as much as with one.
"""

from typing import NamedTuple

import numpy as np

from curate.suspects.descriptors.descriptor import Descriptor

__all__ = ["Reduced", "Reduction", "fit_reduction"]

_MORE, _ROUNDS = 40, 1
"""Random directions beyond those wanted, and rounds of refinement: the accuracy of the randomised components.

Source: Halko, Martinsson and Tropp 2011, Finding Structure with Randomness, SIAM Review 53(2), algorithm 4.4."""
_FLAT = 1e-6


class Reduced(NamedTuple):
    """N pictures by their components; parallel arrays of float32, the mean square length of whole rows near 1.

    Attributes:
        even: (N, E); the mirrored pictures have the same.
        odd: (N, O); the mirrored pictures have the negative.
    """

    even: np.ndarray
    odd: np.ndarray


class Reduction(NamedTuple):
    """A fitted reduction.

    Attributes:
        mirrored: the descriptor's order.
        mean: (D,) float32, of pictures and mirror images.
        even: (D, E) float32.
        odd: (D, O) float32.
    """

    mirrored: np.ndarray
    mean: np.ndarray
    even: np.ndarray
    odd: np.ndarray

    def apply(self, features: np.ndarray) -> Reduced:
        """Components of (N, D) described pictures."""
        centred = features - self.mean
        return Reduced(centred @ self.even, centred @ self.odd)


def fit_reduction(descriptor: Descriptor, pictures: np.ndarray, *, components: int, seed: int) -> Reduction:
    """Find the main components of standardised features.

    Args:
        descriptor: describes the pictures.
        pictures: (N, 48, 48) uint8, N at least 1.
        components: of both parts together, those of largest variance; fewer where there are not so many.
        seed: of the random directions.
    """
    features = descriptor.describe(pictures)
    flipped = features[:, descriptor.mirrored]
    mean = ((features + flipped) / 2).mean(axis=0)
    squares = ((features - mean) ** 2).mean(axis=0)
    scale = 1 / np.sqrt((squares + squares[descriptor.mirrored]) / 2 + _FLAT**2)
    rng = np.random.default_rng(seed)
    vectors, values = [], []
    for sign in (1, -1):
        part = (features - mean + sign * (flipped - mean)) * (scale / 2)
        directions, variances = _principal(part, components, rng)
        vectors.append(directions)
        values.append(variances)
    least = max(np.sort(np.concatenate(values))[-components:].min(initial=np.inf), _FLAT)
    total = sum(float(value[value >= least].sum()) for value in values)
    even, odd = (
        (scale[:, None] * vector[:, value >= least] / np.sqrt(max(total, _FLAT))).astype(np.float32)
        for vector, value in zip(vectors, values, strict=True)
    )
    return Reduction(descriptor.mirrored, mean.astype(np.float32), even, odd)


def _principal(rows: np.ndarray, components: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(D, C) main directions of (N, D) rows and (C,) their mean squares."""
    count = min(components, *rows.shape)
    basis = rng.standard_normal((rows.shape[1], min(count + _MORE, rows.shape[1]))).astype(np.float32)
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(rows.T @ (rows @ basis))[0]
    projected = rows @ basis
    values, vectors = np.linalg.eigh((projected.T @ projected / len(rows)).astype(np.float64))
    return basis @ vectors[:, ::-1][:, :count].astype(np.float32), values[::-1][:count]
