"""The words of augmentation recipes, and what they do to a picture; the only place that knows albumentations.

| kind | options | does |
|---|---|---|
| `flip` | | swaps left and right |
| `rotate` | `degrees` | turns about the centre by up to so many degrees either way |
| `shear` | `degrees` | slants sideways by up to so many degrees either way |
| `zoom` | `factor = [low, high]` | scales about the centre; above 1 enlarges |
| `brightness` | `factor = [low, high]` | multiplies the values |
| `contrast` | `factor = [low, high]` | multiplies the distance from the mean gray |

All take `p`, how likely the step is (default 1, of `flip` 0.5). The size stays; what comes in from outside repeats the
edge, as in Keras' `fill_mode="nearest"`. Interpolation is bilinear.

Pixels depend on the installed albumentations and OpenCV, which a derived version's header names.
"""

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curate.seeding import derive_seed

__all__ = ["STEPS", "Option", "Step", "apply_steps"]


@dataclass(frozen=True, slots=True)
class Option:
    """A setting of a step: numbers in [low, high].

    Attributes:
        low, high: what a number may be.
        pair: two of them, the lower first; a value is drawn between.
        default: None = it must be given.
    """

    low: float
    high: float
    pair: bool = False
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of step: its options, and the albumentations transform that does it."""

    options: Mapping[str, Option]
    make: Callable[[Mapping[str, Any]], Any]


def apply_steps(pixels: np.ndarray, steps: Sequence[Mapping[str, Any]], *, seed: int) -> np.ndarray:
    """Do a recipe's steps one after the other.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
        steps: each with `kind` and every option of its kind.
        seed: of this picture. Each step draws from a seed of its own, so that steps are independent.

    Returns:
        The same shape and type.
    """
    for number, step in enumerate(_transforms(steps)):
        step.set_random_seed(derive_seed(seed, number))
        pixels = step(image=pixels)["image"]
    return np.ascontiguousarray(pixels)


class _Made(threading.local):
    """Transforms that this thread made, by the steps as JSON; they are costly to make and hold their random state."""

    def __init__(self) -> None:
        self.by_steps: dict[str, list[Any]] = {}


_made = _Made()


def _transforms(steps: Sequence[Mapping[str, Any]]) -> list[Any]:
    key = json.dumps(steps, sort_keys=True)
    if key not in _made.by_steps:
        _made.by_steps[key] = [STEPS[step["kind"]].make(step) for step in steps]
    return _made.by_steps[key]


def _albumentations() -> Any:
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # else its import asks the network for a newer version
    import albumentations

    return albumentations


def _flip(step: Mapping[str, Any]) -> Any:
    return _albumentations().HorizontalFlip(p=step["p"])


def _warp(step: Mapping[str, Any], **change: Any) -> Any:
    import cv2

    return _albumentations().Affine(
        **change, keep_ratio=True, interpolation=cv2.INTER_LINEAR, border_mode=cv2.BORDER_REPLICATE, p=step["p"]
    )


def _rotate(step: Mapping[str, Any]) -> Any:
    return _warp(step, rotate=(-step["degrees"], step["degrees"]))


def _shear(step: Mapping[str, Any]) -> Any:
    return _warp(step, shear={"x": (-step["degrees"], step["degrees"]), "y": (0, 0)})


def _zoom(step: Mapping[str, Any]) -> Any:
    return _warp(step, scale=tuple(step["factor"]))


def _tone(step: Mapping[str, Any]) -> Any:
    unchanged = {"brightness": (1, 1), "contrast": (1, 1), "saturation": (1, 1), "hue": (0, 0)}
    return _albumentations().ColorJitter(**{**unchanged, step["kind"]: tuple(step["factor"])}, p=step["p"])


_LIKELY = Option(0, 1, default=1)

STEPS: dict[str, Step] = {
    "flip": Step({"p": Option(0, 1, default=0.5)}, _flip),
    "rotate": Step({"degrees": Option(0, 180), "p": _LIKELY}, _rotate),
    "shear": Step({"degrees": Option(0, 60), "p": _LIKELY}, _shear),
    "zoom": Step({"factor": Option(0.1, 10, pair=True), "p": _LIKELY}, _zoom),
    "brightness": Step({"factor": Option(0, 10, pair=True), "p": _LIKELY}, _tone),
    "contrast": Step({"factor": Option(0, 10, pair=True), "p": _LIKELY}, _tone),
}
"""By kind."""
