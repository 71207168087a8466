"""Scores as a data frame."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from curate.scores.measures import Measures
from curate.scores.score import Score

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["score_table"]


def score_table(scores: Iterable[Score]) -> "pd.DataFrame":
    """One row per run and part that it was scored on.

    Columns: version, recipe, protocol, leaks (bool: the protocol lets copies of scored pictures into training), source
    (missing = all), seed, scored (val, test, gold: the gold test with the newest labels of its line), pictures,
    accuracy, accuracy_mirrored (probabilities averaged with those of the mirrored picture; missing = not measured),
    accuracy_near_copy and accuracy_no_near_copy (of pictures with and without a near copy in training; missing = the
    protocol does not leak, or there are none), macro_f1, balanced_accuracy, macro_precision, ece, recall_<class>,
    pictures_per_s (trained on), seconds, device, environment (JSON text).
    """
    import pandas as pd

    rows = [_row(score, part, measures) for score in scores for part, measures in score.scored.items()]
    columns = list(dict.fromkeys(name for row in rows for name in row)) or [*_RUN, "scored", *_MEASURES, *_REST]
    table = pd.DataFrame(rows, columns=columns)
    for name in ("version", "recipe", "protocol", "source", "scored", "device", "environment"):
        table[name] = table[name].astype("str")
    return table


_RUN = ("version", "recipe", "protocol", "leaks", "source", "seed")
_MEASURES = (
    "pictures", "accuracy", "accuracy_mirrored", "accuracy_near_copy", "accuracy_no_near_copy", "macro_f1",
    "balanced_accuracy", "macro_precision", "ece",
)  # fmt: skip
_REST = ("pictures_per_s", "seconds", "device", "environment")


def _row(score: Score, part: str, measures: Measures) -> dict[str, Any]:
    return {
        **{name: getattr(score, name) for name in _RUN},
        "scored": part,
        **{name: getattr(measures, name) for name in _MEASURES},
        **{f"recall_{row.label}": row.recall for row in measures.classes},
        "pictures_per_s": score.pictures_per_s,
        "seconds": score.seconds,
        "device": score.environment.device,
        "environment": json.dumps(score.environment.to_json(), sort_keys=True),
    }
