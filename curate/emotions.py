"""The canonical emotion labels, and the names and codes that many datasets have for them.

Numbers mean different things in different datasets: each reader has its own. FER-2013's are here because an export
writes them, too.
"""

import re
from collections.abc import Iterable, Mapping

from curate.names import nearest

__all__ = [
    "BASIC_EMOTIONS",
    "FER2013_IDS",
    "LABELS",
    "LABEL_INDEX",
    "canonical_label",
    "code_meanings",
    "is_code",
    "nearest_label",
]

BASIC_EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The seven classes that a version holds unless `[policy] classes` says otherwise."""

LABELS = (*BASIC_EMOTIONS, "contempt", "unknown", "not_a_face")
"""Every canonical label: eight emotions, then the two first-class non-emotions."""

LABEL_INDEX = {label: index for index, label in enumerate(LABELS)}

_SYNONYMS = {
    "angry": "anger",
    "disgust": "disgusted",
    "fear": "afraid, fearful, scared",
    "happy": "happiness, joy, joyful",
    "sad": "sadness",
    "surprise": "surprised",
    "contempt": "contemptuous",
    "unknown": "uncertain, none",
    "not_a_face": "no face, non face, nonface, not face",
}
"""Names as many datasets write them; what only one writes stands in its reader."""

_CANONICAL = {label.replace("_", " "): label for label in LABELS} | {
    synonym: label for label, synonyms in _SYNONYMS.items() for synonym in synonyms.split(", ")
}

FER2013_IDS = dict(enumerate(("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")))
"""`emotion` column of fer2013.csv.

Source: https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge/data
"""

_SHARED_CODES = {"an": "angry", "di": "disgust", "ha": "happy", "ne": "neutral", "sa": "sad", "su": "surprise"}
_CODES: tuple[dict[str, str], ...] = (
    {**_SHARED_CODES, "af": "fear"},
    {**_SHARED_CODES, "fe": "fear"},
    {"nf": "not_a_face"},
)
"""The two-letter codes of KDEF, JAFFE and FER+, for plain folders and tables made of them.

Sources: https://www.kdef.se/home/about%20akdef.html; https://zenodo.org/record/3451524, file names;
https://github.com/microsoft/FERPlus, fer2013new.csv.
"""


def canonical_label(name: str, mapping: Mapping[str, str] | None = None) -> str | None:
    """The canonical label that a dataset's label name stands for.

    Args:
        name: as delivered; case, surrounding spaces, underscores and hyphens do not matter.
        mapping: the user's own `[labels]`, looked up first, by the name exactly as delivered.

    Returns:
        One of `LABELS`, or None when nobody said what it means.

    Example:
        >>> canonical_label("Happiness"), canonical_label("grin")
        ('happy', None)
        >>> canonical_label("grin", {"grin": "happy"})
        'happy'
    """
    if mapping and name in mapping:
        return mapping[name]
    return _CANONICAL.get(_plain(name))


def code_meanings(names: Iterable[str]) -> dict[str, str]:
    """What two-letter codes among the labels of one source, folder or table stand for.

    Args:
        names: all of its labels, as delivered.

    Returns:
        Code as delivered -> canonical label. Empty unless every name that is no emotion's is a code of one dataset.

    Example:
        >>> code_meanings(["AF", "HA", "happy"])
        {'AF': 'fear', 'HA': 'happy'}
        >>> code_meanings(["AF", "grin"])
        {}
    """
    others = {name: _plain(name) for name in names if canonical_label(name) is None}
    known = next((codes for codes in _CODES if codes.keys() >= set(others.values())), {})
    return {name: known[code] for name, code in others.items() if code in known}


def is_code(name: str) -> bool:
    """Whether a name is a two-letter code of some dataset; `code_meanings` says whether it may be read as such."""
    return any(_plain(name) in codes for codes in _CODES)


def nearest_label(name: str) -> str | None:
    """The canonical label that an unmapped one is a code of or spelt most like; None when nothing is near, or denied.

    To be offered to people and never applied unasked.
    """
    plain = _plain(name)
    if is_code(name):
        return next(codes[plain] for codes in _CODES if plain in codes)
    if plain.partition(" ")[0] in ("not", "non", "no"):
        return None
    close = nearest(plain, _CANONICAL)
    return None if close is None else _CANONICAL[close]


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()
