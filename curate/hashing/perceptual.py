"""Perceptual hashes (pHash), bit-identical to those of imagehash."""

import functools

import numpy as np
from PIL import Image

from curate.hashing.reduction import resize_square
from curate.transforms import FLIPS_AND_ROTATIONS

__all__ = ["detailed_hashes", "hash_hex", "perceptual_hashes"]

_SIDE, _DETAILED_SIDE = 8, 16
"""Frequencies along each axis that a 64-bit and a 256-bit hash keep."""

_PIXELS_PER_FREQUENCY = 4
_TIE_TOLERANCE = 1e-6


def perceptual_hashes(gray: np.ndarray) -> np.ndarray:
    """The 64-bit pHash of each picture and of its eight flips and rotations.

    The identity's hash is bit-identical to `imagehash.phash` of the picture. The others come from the same block of
    DCT coefficients: for pictures that were mirrored or turned by 180 degrees they equal the hash of the transformed
    picture, for quarter turns they differ from it by up to 4 bits (the reduction to 32x32 rounds in another order).

    Args:
        gray: (N, H, W) uint8.

    Returns:
        (N, 8) uint64 in the order of `FLIPS_AND_ROTATIONS`; the most significant bit is the mean brightness.

    Source: imagehash 4.3 `phash`: Lanczos to 32x32, two DCT-II, low 8x8 block against its median.
    """
    reduced = resize_square(gray, side_px=_SIDE * _PIXELS_PER_FREQUENCY)
    blocks = _dct_blocks(reduced, _SIDE)
    hashes = np.empty((len(gray), len(FLIPS_AND_ROTATIONS)), np.uint64)
    bits_by_flip: dict[tuple[bool, bool], np.ndarray] = {}
    for column, (transposed, upside_down, left_right) in enumerate(FLIPS_AND_ROTATIONS.values()):
        # A flip negates the odd frequencies along its axis; a transposed picture has transposed frequencies.
        flips = (left_right, upside_down) if transposed else (upside_down, left_right)
        if flips not in bits_by_flip:
            bits_by_flip[flips] = _above_median(blocks * _flip_signs(*flips))
        bits = bits_by_flip[flips]
        hashes[:, column] = _pack(bits.swapaxes(1, 2) if transposed else bits)
    for index in _tied(reduced, blocks):
        hashes[index, 0] = _reference_hash(gray[index], _SIDE)[0]
    return hashes


def detailed_hashes(gray: np.ndarray) -> np.ndarray:
    """The 256-bit pHash of each picture, bit-identical to `imagehash.phash(picture, hash_size=16)`.

    Args:
        gray: (N, H, W) uint8.

    Returns:
        (N, 4) uint64, the most significant bits first.

    Source: imagehash 4.3 `phash`: Lanczos to 64x64, two DCT-II, low 16x16 block against its median.
    """
    reduced = resize_square(gray, side_px=_DETAILED_SIDE * _PIXELS_PER_FREQUENCY)
    blocks = _dct_blocks(reduced, _DETAILED_SIDE)
    hashes = _pack(_above_median(blocks)).reshape(len(gray), 4)
    for index in _tied(reduced, blocks):
        hashes[index] = _reference_hash(gray[index], _DETAILED_SIDE)
    return hashes


def hash_hex(hashes: np.ndarray) -> list[str]:
    """The hex digits by which imagehash and other tools exchange hashes.

    Args:
        hashes: (N,) uint64, 16 digits each; or (N, 4), 64 digits each.
    """
    words = hashes[:, None] if hashes.ndim == 1 else hashes
    return ["".join(f"{word:016x}" for word in row) for row in words.tolist()]


@functools.cache
def _cosines(frequencies: int) -> np.ndarray:
    """(frequencies, 4 x frequencies) float64: the lowest DCT-II rows, as `scipy.fftpack.dct` scales them."""
    length = frequencies * _PIXELS_PER_FREQUENCY
    samples = 2 * np.arange(length) + 1
    return 2 * np.cos(np.pi * np.arange(frequencies)[:, None] * samples / (2 * length))


def _dct_blocks(reduced: np.ndarray, frequencies: int) -> np.ndarray:
    return np.asarray(_cosines(frequencies) @ reduced @ _cosines(frequencies).T)


def _flip_signs(upside_down: bool, left_right: bool) -> np.ndarray:  # noqa: FBT001
    odd = np.where(np.arange(_SIDE) % 2, -1.0, 1.0)
    return np.outer(odd if upside_down else odd**2, odd if left_right else odd**2)


def _above_median(blocks: np.ndarray) -> np.ndarray:
    return np.asarray(blocks > _median(blocks)[:, None, None])


def _median(blocks: np.ndarray) -> np.ndarray:
    flat = blocks.reshape(len(blocks), -1)
    upper = flat.shape[1] // 2
    return np.asarray(np.partition(flat, (upper - 1, upper), axis=1)[:, upper - 1 : upper + 1].mean(axis=1))


def _tied(reduced: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Pictures with a coefficient so near the median that rounding decides: the reference itself must be asked."""
    nearest = np.abs(blocks - _median(blocks)[:, None, None]).min(axis=(1, 2))
    tied = np.flatnonzero(nearest < _TIE_TOLERANCE)
    return np.asarray(tied[reduced[tied].any(axis=(1, 2))])


def _pack(bits: np.ndarray) -> np.ndarray:
    """All bits in order, 64 a number, the first the most significant."""
    return np.packbits(bits.reshape(-1, 64), axis=1).view(">u8").ravel().astype(np.uint64)


def _reference_hash(gray: np.ndarray, frequencies: int) -> np.ndarray:
    import imagehash

    return _pack(imagehash.phash(Image.fromarray(gray), hash_size=frequencies).hash)
