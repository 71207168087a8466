"""rice-c: four convolution blocks and two dense layers, the baseline of two published studies.

Source: Rice 2023 and Alfroukh 2023, student papers on facial-emotion recognition with FER-2013; the network of their
public Keras notebook for the Kaggle data `jonathanoheix/face-expression-recognition-dataset`.
"""

from typing import Any

from curate.benchmark.recipe import NetworkRecipe, Plateau, Seeds, Stopping

__all__ = ["RICE_C"]

_CONVOLUTIONS = ((64, 3), (128, 5), (512, 3), (512, 3))
_DENSE = (256, 512)
_DROPOUT = 0.25
_RATE = 1e-3


def _build(classes: int, seeds: Seeds) -> Any:
    import keras

    layers = keras.layers

    def initial() -> Any:
        return keras.initializers.GlorotUniform(seed=seeds.take())

    def settle() -> list[Any]:
        return [layers.BatchNormalization(), layers.ReLU()]

    stack = [layers.Rescaling(1 / 255)]
    for filters, kernel in _CONVOLUTIONS:
        stack += [layers.Conv2D(filters, kernel, padding="same", kernel_initializer=initial()), *settle()]
        stack += [layers.MaxPooling2D(), layers.Dropout(_DROPOUT, seed=seeds.take())]
    stack.append(layers.Flatten())
    for units in _DENSE:
        stack += [layers.Dense(units, kernel_initializer=initial()), *settle()]
        stack.append(layers.Dropout(_DROPOUT, seed=seeds.take()))
    logits = layers.Dense(classes, kernel_initializer=initial(), dtype="float32")
    return keras.Sequential([keras.Input((48, 48, 1)), *stack, logits], name="rice_c")


def _optimizer() -> Any:
    import keras

    return keras.optimizers.Adam(_RATE)


RICE_C = NetworkRecipe(
    name="rice-c",
    summary="published CNN of 4.5 million parameters, up to 48 epochs with early stopping; for a GPU",
    build=_build,
    optimizer=_optimizer,
    rate=lambda _done: _RATE,
    epochs=48,
    stopping=Stopping(patience=3),
    plateau=Plateau(factor=0.2, patience=3, min_delta=1e-4),
)
"""Both papers write 1e-4 for the rate in one place and train with 1e-3."""
