"""What a score must hold, and whether it is as it was written.

A score carries the sha256 of itself, and of what its run predicted. That does not stop somebody who computes it anew;
`curate verify` therefore measures again what was predicted. Scores of older releases carry neither: they are read, but
are called not sealed.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from curate.scores.measures import PARTS

__all__ = ["find_fault", "seal_score"]

_SEAL = "sha256"
_TOLERANCE = 1e-9
_LARGEST = 2**63
_REQUIRED = (
    "version", "recipe", "recipe_digest", "protocol", "source", "seed", "scored", "environment", "version_digest",
    "line", "gold", "leaks", "classes", "fingerprint", "gold_labels_of", "trained_on", "seconds", "pictures_per_s",
)  # fmt: skip
_TEXT = (
    "version",
    "recipe",
    "recipe_digest",
    "protocol",
    "version_digest",
    "line",
    "gold",
    "fingerprint",
    "gold_labels_of",
)
_MEANS = ("accuracy", "balanced_accuracy", "macro_precision", "macro_recall", "macro_f1", "ece")
_MAYBE = ("accuracy_mirrored", "accuracy_near_copy", "accuracy_no_near_copy")


def seal_score(score: Mapping[str, Any]) -> dict[str, Any]:
    """The score with the sha256 of itself."""
    plain = {name: value for name, value in score.items() if name != _SEAL}
    return {**plain, _SEAL: _digest(plain)}


def find_fault(score: Mapping[str, Any]) -> str:
    """What is wrong with a score, as the end of a sentence; empty = nothing that can be seen in it alone.

    Args:
        score: whatever JSON object a file held.
    """
    missing = [name for name in _REQUIRED if name not in score]
    if missing:
        return f"lacks {', '.join(missing)}"
    wrong = [name for name in _REQUIRED if not _fits(name, score[name])]
    if not _is_whole(score.get("format"), least=1):
        wrong.insert(0, "format")
    if wrong:
        return f"has no sensible {', '.join(wrong)}"
    if _SEAL in score and score[_SEAL] != seal_score(score)[_SEAL]:
        return "is not as it was written"
    for part, measures in score["scored"].items():
        fault = _fault_of_part(measures, score["classes"])
        if fault:
            return f"has no sensible {fault} of {part}"
    digests = score.get("predictions", {})
    if not isinstance(digests, dict) or not all(map(_is_text, digests.values())):
        return "has no sensible predictions"
    return "" if _can_be_written(score) else "holds text that is no text"


def _digest(plain: Mapping[str, Any]) -> str:
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _can_be_written(score: Mapping[str, Any]) -> bool:
    """Half of a surrogate pair is no text, and cannot be printed."""
    try:
        json.dumps(score, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _fits(name: str, value: object) -> bool:
    if name in _TEXT:
        return _is_text(value)
    return _CHECKS[name](value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _is_whole(value: object, *, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < _LARGEST


def _is_amount(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value < _LARGEST  # type: ignore[operator]


def _is_share(value: object) -> bool:
    return _is_amount(value) and value <= 1 + _TOLERANCE  # type: ignore[operator]


def _is_share_or_none(value: object) -> bool:
    return value is None or _is_share(value)


def _are_classes(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value)) and len(set(value)) == len(value)


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "source": lambda value: value is None or isinstance(value, str),
    "seed": lambda value: _is_whole(value, least=-_LARGEST),
    "scored": lambda value: isinstance(value, dict) and bool(value) and set(value) <= set(PARTS),
    "environment": lambda value: isinstance(value, dict) and isinstance(value.get("device"), str),
    "leaks": lambda value: isinstance(value, bool),
    "classes": _are_classes,
    "trained_on": _is_whole,
    "seconds": _is_amount,
    "pictures_per_s": _is_amount,
}


def _fault_of_part(measures: object, classes: list[str]) -> str:
    """Which measure of a part cannot be meant; empty = none."""
    if not isinstance(measures, dict):
        return "measures"
    for name in _MEANS:
        if not _is_share(measures.get(name)):
            return name
    for name in _MAYBE:
        if not _is_share_or_none(measures.get(name)):
            return name
    confusion = measures.get("confusion")
    size = len(classes)
    if (
        not isinstance(confusion, list)
        or len(confusion) != size
        or not all(_are_counts(row, size) for row in confusion)
    ):
        return "confusion"
    if not _are_class_scores(measures.get("classes"), classes, confusion):
        return "classes"
    return _fault_of_sums(measures, confusion)


def _are_counts(row: object, size: int) -> bool:
    return isinstance(row, list) and len(row) == size and all(map(_is_whole, row))


def _are_class_scores(rows: object, classes: list[str], confusion: list[list[int]]) -> bool:
    """Class by class, with the support that the confusion matrix has."""
    if not isinstance(rows, list) or len(rows) != len(classes) or not all(isinstance(row, dict) for row in rows):
        return False
    return all(
        row.get("label") == label
        and row.get("support") == sum(counts)
        and _is_share(row.get("precision"))
        and _is_share_or_none(row.get("recall", -1))
        and _is_share_or_none(row.get("f1", -1))
        for row, label, counts in zip(rows, classes, confusion, strict=True)
    )


def _fault_of_sums(measures: Mapping[str, Any], confusion: list[list[int]]) -> str:
    """Measures that contradict the confusion matrix: also what carries no digest can be found out this far."""
    support = [sum(row) for row in confusion]
    predicted = [sum(column) for column in zip(*confusion, strict=True)]
    right = [row[place] for place, row in enumerate(confusion)]
    occurs = [place for place, count in enumerate(support) if count]
    if not occurs or measures.get("pictures") != sum(support):
        return "pictures"
    recalls = [right[k] / support[k] for k in occurs]
    f1 = [2 * right[k] / (support[k] + predicted[k]) for k in occurs]
    precision = [right[k] / max(predicted[k], 1) for k in occurs]
    expected = {
        "accuracy": sum(right) / sum(support),
        "balanced_accuracy": sum(recalls) / len(occurs),
        "macro_recall": sum(recalls) / len(occurs),
        "macro_precision": sum(precision) / len(occurs),
        "macro_f1": sum(f1) / len(occurs),
    }
    wrong = [name for name, value in expected.items() if not math.isclose(measures[name], value, abs_tol=_TOLERANCE)]
    return wrong[0] if wrong else ""
