"""compact: a small convolutional network for two processor cores, in a full and a quick form.

A strided first convolution and pooling right after the first convolution of each block keep the maps small: on a
processor, ordinary convolutions of small maps are faster than separable ones of large maps.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from curate.benchmark.recipe import Augmentation, NetworkRecipe, Seeds

__all__ = ["COMPACT", "COMPACT_QUICK"]

_STEM = 24
_PEAK, _WARM = 3e-3, 0.2
"""Highest learning rate, and the share of the steps that lead up to it."""


def _build(classes: int, seeds: Seeds, *, widths: tuple[int, ...], dropout: float) -> Any:
    import keras

    layers = keras.layers

    def convolve(maps: Any, filters: int, kernel: int = 3, strides: int = 1) -> Any:
        initial = keras.initializers.HeNormal(seed=seeds.take())
        how = {"strides": strides, "padding": "same", "use_bias": False, "kernel_initializer": initial}
        return layers.Conv2D(filters, kernel, **how)(maps)

    def settle(maps: Any) -> Any:
        return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(maps))

    pictures = keras.Input((48, 48, 1))
    maps = settle(convolve(layers.Rescaling(1 / 64, offset=-2.0)(pictures), _STEM, 4, 2))
    for width in widths:
        maps = settle(layers.MaxPooling2D()(convolve(maps, width)))
        maps = settle(convolve(maps, width))
    pooled = layers.GlobalAveragePooling2D()(maps)
    if dropout:
        pooled = layers.Dropout(dropout, seed=seeds.take())(pooled)
    initial = keras.initializers.GlorotUniform(seed=seeds.take())
    logits = layers.Dense(classes, kernel_initializer=initial, dtype="float32")(pooled)
    return keras.Model(pictures, logits, name="compact")


def _optimizer() -> Any:
    import keras

    return keras.optimizers.AdamW(_PEAK, weight_decay=0.05, beta_2=0.99)


def one_cycle(done: float) -> float:
    """Up from a tenth of the peak, then down to nothing, both in straight lines.

    Source: the shape of Smith and Topin 2018, Super-convergence, section 3.
    """
    if done < _WARM:
        return _PEAK * (0.1 + 0.9 * done / _WARM)
    return _PEAK * (1 - done) / (1 - _WARM)


def _network(*widths: int, dropout: float = 0.0) -> Callable[[int, Seeds], Any]:
    return partial(_build, widths=widths, dropout=dropout)


COMPACT = NetworkRecipe(
    name="compact",
    summary="small CNN of 0.66 million parameters, 25 epochs; for two processor cores",
    build=_network(48, 96, 192, dropout=0.2),
    optimizer=_optimizer,
    rate=one_cycle,
    epochs=25,
    augmentation=Augmentation(mirror=True, shift_px=3, rotation_deg=10, log_zoom=0.12),
    label_smoothing=0.1,
    average=0.9,
    quick="compact-quick",
)

COMPACT_QUICK = NetworkRecipe(
    name="compact-quick",
    summary="its quick form of 0.30 million parameters, 6 epochs",
    build=_network(32, 64, 128),
    optimizer=_optimizer,
    rate=one_cycle,
    epochs=6,
    augmentation=Augmentation(mirror=True, shift_px=3),
    label_smoothing=0.1,
    quick="compact-quick",
)
