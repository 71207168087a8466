"""What one run scores on one part of a version: the gold test, test or val."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

__all__ = ["PARTS", "ClassScore", "Measures"]

PARTS = ("gold", "test", "val")
"""What is scored, the most telling part first."""


class ClassScore(NamedTuple):
    """One class: in [0, 1]; 0 where nothing is predicted (precision), and None where nothing is there (recall, F1)."""

    label: str
    support: int
    precision: float
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What one run scores on one part.

    Attributes:
        pictures: scored.
        accuracy: share of pictures whose most probable class is their label.
        balanced_accuracy: mean recall over the classes that occur.
        macro_precision, macro_recall, macro_f1: means over the classes that occur.
        ece: expected calibration error, in [0, 1]; 0 = the stated probabilities come true.
        confusion: (K, K) counts, rows = label, columns = predicted.
        classes: class by class.
        accuracy_mirrored: with probabilities averaged with those of the mirrored picture; None = not measured.
        pictures_near_copy: pictures with a near copy in training; None = the protocol does not leak.
        accuracy_near_copy, accuracy_no_near_copy: of these pictures and of the others; None = there are none.
        more: what a later curate wrote.
    """

    pictures: int
    accuracy: float
    balanced_accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    ece: float
    confusion: list[list[int]]
    classes: tuple[ClassScore, ...]
    accuracy_mirrored: float | None = None
    pictures_near_copy: int | None = None
    accuracy_near_copy: float | None = None
    accuracy_no_near_copy: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Measures":
        """From one part of a score without a fault, see `find_fault`."""
        known = {name: data[name] for name in _KNOWN if name in data}
        classes = tuple(ClassScore(*(row[name] for name in ClassScore._fields)) for row in data["classes"])
        more = {name: value for name, value in data.items() if name not in _KNOWN}
        return cls(**{**known, "classes": classes}, more=more)

    def to_json(self) -> dict[str, Any]:
        """Plain values; what was not measured is left out."""
        left_out = {"accuracy_mirrored"} if self.accuracy_mirrored is None else set()
        if self.pictures_near_copy is None:
            left_out |= {"pictures_near_copy", "accuracy_near_copy", "accuracy_no_near_copy"}
        plain = {name: getattr(self, name) for name in _KNOWN if name not in left_out}
        return {**plain, "classes": [row._asdict() for row in self.classes], **self.more}


_KNOWN = tuple(each.name for each in fields(Measures) if each.name != "more")
