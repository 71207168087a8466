"""The canonical emotion labels, their synonyms, and what the numbers of each dataset stand for.

Numbers mean different things in different datasets; only names are ever carried from one to another.
"""

import re
from collections.abc import Mapping

from curate.names import nearest

__all__ = [
    "BASIC_EMOTIONS",
    "CK48_FOLDERS",
    "CKEXTENDED_IDS",
    "FER2013_IDS",
    "FERPLUS_COLUMNS",
    "LABELS",
    "LABEL_INDEX",
    "NUMBERINGS",
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

NUMBERINGS: dict[str, Mapping[int, str]] = {
    "FER-2013, ExpW": FER2013_IDS,
    "CK+ as a table": CKEXTENDED_IDS,
    "RAF-DB": dict(enumerate(("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"), start=1)),
    "AffectNet": dict(
        enumerate(
            (
                *("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt"),
                *("unknown", "unknown", "not_a_face"),
            )
        )
    ),
    "CK+": dict(enumerate(("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise"))),
}
"""What numbers mean in datasets that number their classes, to be offered to people and never applied unasked.

Sources: ExpW, http://mmlab.ie.cuhk.edu.hk/projects/socialrelation/index.html, readme of label.lst; RAF-DB,
http://www.whdeng.cn/RAF/model1.html, readme of EmoLabel; AffectNet, Mollahosseini et al. 2017, readme of its lists (8
none, 9 uncertain, 10 no face); CK+, Lucey et al. 2010, readme of its emotion labels.
"""

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
    """The canonical label whose spelling comes closest to an unmapped one; None when nothing is near, or denied."""
    if _plain(name).partition(" ")[0] in ("not", "non", "no"):
        return None
    close = nearest(_plain(name), _CANONICAL)
    return None if close is None else _CANONICAL[close]


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()
