"""Random geometry and brightness of training pictures: drawn on the host, applied on the host or on the device.

What happens to a picture is drawn by numpy from the seed, whatever the device, so that all devices see the same
pictures, up to the rounding of interpolation.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np

from curate.benchmark.recipe import Augmentation

__all__ = ["Draws", "draw", "warp_on_device", "warp_on_host"]


class Draws(NamedTuple):
    """What happens to N pictures.

    Attributes:
        matrix: (N, 6) float32, the first two rows of the affine map from a place (x, y, 1) in the result to the place
            in the picture that is shown there, in pixels.
        brightness: (N,) float32 factors.
    """

    matrix: np.ndarray
    brightness: np.ndarray


def draw(augmentation: Augmentation, count: int, *, size_px: int, rng: np.random.Generator) -> Draws:
    """Draw what happens to so many pictures; always as many random numbers, whatever the recipe."""
    zoom = np.exp(-rng.uniform(-1, 1, count) * augmentation.log_zoom)
    angle = np.deg2rad(rng.uniform(-1, 1, count) * augmentation.rotation_deg)
    shear = rng.uniform(-1, 1, count) * augmentation.shear
    shift = rng.uniform(-1, 1, (count, 2)) * augmentation.shift_px
    flip = np.where(rng.random(count) < 0.5, -1.0, 1.0) if augmentation.mirror else np.ones(count)
    low, high = augmentation.brightness
    brightness = low + rng.random(count) * (high - low)
    if not augmentation.moves:
        shift = np.zeros((count, 2))
    elif not any((augmentation.rotation_deg, augmentation.log_zoom, augmentation.shear)):
        shift = np.rint(shift)  # whole pixels stay exact
    across = np.stack([zoom * np.cos(angle), zoom * (np.cos(angle) * shear - np.sin(angle))], axis=1)
    down = np.stack([zoom * np.sin(angle), zoom * (np.sin(angle) * shear + np.cos(angle))], axis=1)
    across *= flip[:, None]
    middle = (size_px - 1) / 2
    rows = [across, (middle + shift[:, 0] - across.sum(axis=1) * middle)[:, None]]
    rows += [down, (middle + shift[:, 1] - down.sum(axis=1) * middle)[:, None]]
    return Draws(np.concatenate(rows, axis=1).astype(np.float32), brightness.astype(np.float32))


def warp_on_host(pictures: np.ndarray, draws: Draws) -> np.ndarray:
    """Apply draws by OpenCV; what lies outside a picture is its nearest edge pixel.

    Args:
        pictures: (N, H, W) or (N, H, W, 3) uint8.
        draws: of N.

    Returns:
        The same shape and type.
    """
    warped = np.empty_like(pictures)
    size = pictures.shape[2], pictures.shape[1]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    matrices = draws.matrix.reshape(-1, 2, 3).astype(np.float64)
    for picture, matrix, out in zip(pictures, matrices, warped, strict=True):
        cv2.warpAffine(picture, matrix, size, dst=out, flags=how, borderMode=cv2.BORDER_REPLICATE)
    if (draws.brightness == 1).all():
        return warped
    factor = draws.brightness.reshape(-1, *[1] * (pictures.ndim - 1))
    return np.asarray(np.clip(np.rint(warped * factor), 0, 255), np.uint8)


def warp_on_device(pictures: Any, matrix: Any, brightness: Any) -> Any:
    """The same by keras operations.

    Args:
        pictures: (N, H, W, C) float32 tensor in 0..255.
        matrix: (N, 6) float32 tensor.
        brightness: (N,) float32 tensor.
    """
    from keras import ops

    coefficients = ops.concatenate([matrix, ops.zeros_like(matrix[:, :2])], axis=1)
    warped = ops.image.affine_transform(
        pictures, coefficients, interpolation="bilinear", fill_mode="nearest", data_format="channels_last"
    )
    return ops.clip(warped * ops.reshape(brightness, (-1, 1, 1, 1)), 0.0, 255.0)
