"""The canonical emotion labels, their synonyms, and what the numbers of each dataset stand for.

Numbers mean different things in different datasets; only names are ever carried from one to another.
"""

import difflib
import re
from collections.abc import Mapping

__all__ = [
    "BASIC_EMOTIONS",
    "CK48_FOLDERS",
    "CKEXTENDED_IDS",
    "FER2013_IDS",
    "FERPLUS_COLUMNS",
    "LABELS",
    "LABEL_INDEX",
    "canonical_label",
    "nearest_label",
]

BASIC_EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The seven classes that a version holds unless `[policy] classes` says otherwise."""

LABELS = (*BASIC_EMOTIONS, "contempt", "unknown", "not_a_face")
"""Every canonical label: eight emotions, then the two first-class non-emotions."""

LABEL_INDEX = {label: index for index, label in enumerate(LABELS)}

_SYNONYMS = {
    "angry": "anger, an",
    "disgust": "disgusted, di",
    "fear": "afraid, fearful, scared, fe, af",
    "happy": "happiness, joy, joyful, ha",
    "neutral": "ne",
    "sad": "sadness, sa",
    "surprise": "surprised, su",
    "contempt": "contemptuous",
    "unknown": "uncertain, none",
    "not_a_face": "nf, no face, non face, nonface, not face",
}
"""Names as datasets write them. Two-letter codes: KDEF (AF AN DI HA NE SA SU) and JAFFE (AN DI FE HA NE SA SU)."""

_CANONICAL = {
    synonym: label
    for label in LABELS
    for synonym in (label.replace("_", " "), *(word.strip() for word in _SYNONYMS[label].split(",")))
}

FER2013_IDS = dict(enumerate(("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")))
"""`emotion` column of fer2013.csv.

Source: https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge/data
"""

CKEXTENDED_IDS = {**FER2013_IDS, 7: "contempt"}
"""`emotion` column of ckextended.csv, which keeps FER-2013's numbers and adds contempt."""

FERPLUS_COLUMNS = (
    "neutral",
    "happy",
    "surprise",
    "sad",
    "angry",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "not_a_face",
)
"""The ten vote columns of FER+, in file order. Source: https://github.com/microsoft/FERPlus, fer2013new.csv."""

CK48_FOLDERS = ("anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")
"""Class folders of the CK+48 archive (three last frames of each labelled CK+ sequence)."""


def canonical_label(name: str, mapping: Mapping[str, str] | None = None) -> str | None:
    """The canonical label that a dataset's label name stands for.

    Args:
        name: as delivered; case, surrounding spaces, underscores and hyphens do not matter.
        mapping: the user's own `[labels]`, looked up first, by the name exactly as delivered.

    Returns:
        One of `LABELS`, or None when nobody said what it means.
    """
    if mapping and name in mapping:
        return mapping[name]
    return _CANONICAL.get(_plain(name))


def nearest_label(name: str) -> str | None:
    """The canonical label whose spelling comes closest to an unmapped one; None when nothing is near."""
    close = difflib.get_close_matches(_plain(name), _CANONICAL, n=1, cutoff=0.6)
    return _CANONICAL[close[0]] if close else None


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()
