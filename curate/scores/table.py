"""Scores as a data frame."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["score_table"]


def score_table(scores: Iterable[Mapping[str, Any]]) -> "pd.DataFrame":
    """One row per run and part that it was scored on.

    Columns: version, recipe, protocol, leaks (bool: the protocol lets copies of scored pictures into training), source
    (missing = all), seed, scored (val, test, gold: the gold test with the newest labels of its line), pictures,
    accuracy, accuracy_mirrored (probabilities averaged with those of the mirrored picture; missing = not measured),
    accuracy_near_copy and accuracy_no_near_copy (of pictures with and without a near copy in training; missing = the
    protocol does not leak, or there are none), macro_f1, balanced_accuracy, macro_precision, ece, recall_<class>,
    pictures_per_s (trained on), seconds, device, environment (JSON text).
    """
    import pandas as pd

    rows = [_row(score, part, seen) for score in scores for part, seen in score["scored"].items()]
    columns = list(dict.fromkeys(name for row in rows for name in row)) or _row_names()
    table = pd.DataFrame(rows, columns=columns)
    for name in ("version", "recipe", "protocol", "source", "scored", "device", "environment"):
        table[name] = table[name].astype("str")
    return table


def _row(score: Mapping[str, Any], part: str, seen: Mapping[str, Any]) -> dict[str, Any]:
    names = ("version", "recipe", "protocol", "leaks", "source", "seed")
    measures = ("pictures", "accuracy", "accuracy_mirrored", "accuracy_near_copy", "accuracy_no_near_copy")
    more = ("macro_f1", "balanced_accuracy", "macro_precision", "ece")
    return {
        **{name: score[name] for name in names},
        "scored": part,
        **{name: seen.get(name) for name in (*measures, *more)},
        **{f"recall_{each['label']}": each["recall"] for each in seen["classes"]},
        "pictures_per_s": score["pictures_per_s"],
        "seconds": score["seconds"],
        "device": score["environment"]["device"],
        "environment": json.dumps(score["environment"], sort_keys=True),
    }


def _row_names() -> list[str]:
    blank: dict[str, Any] = dict.fromkeys(("version", "recipe", "protocol", "leaks", "source", "seed"))
    blank |= {"pictures_per_s": None, "seconds": None, "environment": {"device": None}}
    return list(_row(blank, "", {"classes": []}))
