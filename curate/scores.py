"""Scores: one small JSON file per run, beside the version that it scored, in `manifests/VERSION/scores/`."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.errors import ScoreDamaged
from curate.storage import replace_file, space_needed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMAT", "read_scores", "run_files", "score_name", "score_table", "scores_folder", "write_score"]

FORMAT = 1
"""Raised when an older curate could no longer read what is written."""

_FOLDER = "scores"
_REQUIRED = ("version", "recipe", "recipe_digest", "protocol", "source", "seed", "scored", "environment")
_PLAIN = re.compile(r"[^A-Za-z0-9.+_-]+")


def scores_folder(manifests: Path, version: str) -> Path:
    """Where the scores of a version are."""
    return manifests / version / _FOLDER


def run_files(state: Path, version: str, name: str) -> Path:
    """Where the large files of a run are (history, predictions, model), by the name of its score.

    Args:
        state: folder of the workspace's working state.
        version: that was scored.
        name: see `score_name`.
    """
    return state / "runs" / version / name


def score_name(recipe: str, protocol: str, source: str | None, seed: int) -> str:
    """Name of a run's files: the same run replaces its own."""
    parts = [recipe, protocol, *([_PLAIN.sub("_", source)] if source else []), f"seed{seed}"]
    return "--".join(parts)


def write_score(manifests: Path, score: Mapping[str, Any]) -> Path:
    """Write the score of a run; one of the same version, recipe, protocol, source and seed is replaced.

    Args:
        manifests: the folder of all versions.
        score: version, recipe, protocol, source, seed; `scored`, the measures part by part; and whatever else is worth
            keeping.

    Raises:
        StorageFull: there is no space for it.
    """
    folder = scores_folder(manifests, score["version"])
    with space_needed(folder):
        folder.mkdir(exist_ok=True)
    path = folder / f"{score_name(score['recipe'], score['protocol'], score['source'], score['seed'])}.json"
    replace_file(path, json.dumps({"format": FORMAT, **score}, indent=1, ensure_ascii=False) + "\n")
    return path


def read_scores(manifests: Path, version: str) -> list[dict[str, Any]]:
    """All scores of a version, by recipe, protocol, source and seed.

    Raises:
        ScoreDamaged: a file is no score.
    """
    found = []
    for path in sorted(scores_folder(manifests, version).glob("*.json")):
        try:
            score = dict(json.loads(path.read_text(encoding="utf-8")))
            number = score["format"]
            missing = [name for name in _REQUIRED if name not in score]
        except (ValueError, KeyError, OSError) as error:
            raise ScoreDamaged(f"{path} is no score ({error}); remove it, or restore it from version control") from None
        if number > FORMAT:
            raise ScoreDamaged(f"{path} was written by a newer curate; update with `pip install -U curate-fer`")
        if missing:
            raise ScoreDamaged(f"{path} lacks {', '.join(missing)}; remove it and run `curate benchmark` again")
        found.append(score)
    return sorted(found, key=lambda each: (each["recipe"], each["protocol"], each["source"] or "", each["seed"]))


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
