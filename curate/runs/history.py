"""How a training went, epoch by epoch."""

from typing import NamedTuple

__all__ = ["Epoch"]


class Epoch(NamedTuple):
    """One pass over the training pictures.

    Attributes:
        number: from 1.
        loss, accuracy: means over its training steps, augmentation and dropout on.
        val_loss, val_accuracy: on the stopping set afterwards; None = there is none.
        rate: learning rate of its last step.
        pictures_per_s: trained on, in wall time, without the stopping set.
    """

    number: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    rate: float
    pictures_per_s: float
