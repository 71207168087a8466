"""How many copies each search is known to find, kind by kind: the literal table, and where each figure was measured.

Source: docs/measurements.md, "Duplicates". Planted copies are those of `benchmarks/duplicates.py`: 2,000 photographs of
FER-2013, FER+ and CK+48, each copied once with one change and saved as JPEG of quality 80. Known pairs are 6,684 of
FER-2013's training part. All are figures of searches that compare every picture with every other, up to 100,000;
beyond, they are compared within clusters: 99.2 % where the other search finds 99.7 %, and 96 % of what it finds
mirrored.
"""

from typing import NamedTuple

from curate.coverage import KindRecall

__all__ = ["known_recall"]


class _Measured(NamedTuple):
    """Shares of known copies that were found, in [0, 1]; None = this search does not look for them."""

    default: float | None
    thorough: float
    measured_on: str


_TABLE = {
    "copy": _Measured(1.0, 1.0, "2,000 planted copies, saved again or enlarged"),
    "re-cropped": _Measured(0.997, 0.998, "5,770 known pairs of FER-2013"),
    "mirrored": _Measured(1.0, 1.0, "2,000 planted copies"),
    "rot90": _Measured(None, 1.0, "2,000 planted copies"),
    "rot180": _Measured(None, 1.0, "2,000 planted copies"),
    "rot270": _Measured(None, 1.0, "2,000 planted copies"),
    "stretched": _Measured(None, 0.979, "844 known pairs of FER-2013"),
    "edited": _Measured(None, 0.809, "2,000 planted copies with a caption"),
    "blurred": _Measured(None, 0.992, "2,000 planted copies, blurred over 21 pixels"),
}
"""Kind of a pair -> how many of them are found."""


def known_recall(*, thorough: bool) -> tuple[KindRecall, ...]:
    """One entry for each kind of copy, those that the default search looks for first."""
    return tuple(
        KindRecall(kind, each.thorough if thorough else each.default, each.measured_on) for kind, each in _TABLE.items()
    )
