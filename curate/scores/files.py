"""Where scores are, how they are written, and how they are read back: sound ones, and what is wrong with the rest."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from curate.errors import ScoreDamaged
from curate.scores.sound import find_fault, seal_score
from curate.storage import replace_file, space_needed

__all__ = [
    "FORMAT",
    "DamagedScore",
    "StoredScores",
    "find_scores",
    "read_score",
    "read_scores",
    "run_files",
    "score_name",
    "scores_folder",
    "write_score",
]

FORMAT = 1
"""Raised when an older curate could no longer read what is written."""

_FOLDER = "scores"
_PLAIN = re.compile(r"[^A-Za-z0-9.+_-]+")
_LARGEST_BYTES = 4_000_000
"""A score of 50 classes and three parts has 60,000."""


class DamagedScore(NamedTuple):
    """A file that is no score, or not as it was written; the message says where it is, why, and the way out."""

    path: Path
    message: str


class StoredScores(NamedTuple):
    """The scores of a version.

    Attributes:
        sound: by recipe, protocol, source and seed.
        damaged: by path.
    """

    sound: list[dict[str, Any]]
    damaged: list[DamagedScore]


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
    """Write the score of a run, sealed; one of the same version, recipe, protocol, source and seed is replaced.

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
    sealed = seal_score({"format": FORMAT, **score})
    replace_file(path, json.dumps(sealed, indent=1, ensure_ascii=False) + "\n")
    return path


def find_scores(manifests: Path, version: str) -> StoredScores:
    """The sound scores of a version, and what is wrong with the others; no file of scores is an error here."""
    sound, damaged = [], []
    for path in sorted(scores_folder(manifests, version).glob("*.json")):
        try:
            sound.append(read_score(path))
        except ScoreDamaged as error:
            damaged.append(DamagedScore(path, str(error)))
    ordered = sorted(sound, key=lambda each: (each["recipe"], each["protocol"], each["source"] or "", each["seed"]))
    return StoredScores(ordered, damaged)


def read_scores(manifests: Path, version: str) -> list[dict[str, Any]]:
    """All scores of a version, by recipe, protocol, source and seed.

    Raises:
        ScoreDamaged: a file is no score, or not as it was written.
    """
    found = find_scores(manifests, version)
    if found.damaged:
        raise ScoreDamaged(found.damaged[0].message)
    return found.sound


def read_score(path: Path) -> dict[str, Any]:
    """One score.

    Raises:
        ScoreDamaged: the file is no score, or not as it was written.
    """
    score = _parse(path)
    number = score.get("format")
    if isinstance(number, int) and number > FORMAT:
        raise ScoreDamaged(f"{path} was written by a newer curate; update with `pip install -U curate-fer`")
    try:
        fault = find_fault(score)
    except RecursionError:
        fault = "is nested too deeply"
    if fault:
        raise ScoreDamaged(f"{path} {fault}; remove it and run `curate benchmark` again, or restore it from a backup")
    name = score_name(score["recipe"], score["protocol"], score["source"], score["seed"])
    if path.stem != name or path.parent.parent.name != score["version"]:
        raise ScoreDamaged(
            f"{path} is the score of another run ({name} on {score['version']}); remove it, or "
            "move it to where it belongs"
        )
    return score


def _parse(path: Path) -> dict[str, Any]:
    """The object in a JSON file, which may hold anything."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
        if len(data) > _LARGEST_BYTES:
            raise ValueError("it is too large")
        found = json.loads(data.decode("utf-8"), parse_constant=_refuse)
        if not isinstance(found, dict):
            raise TypeError("it holds no object")
    except (ValueError, TypeError, OSError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ScoreDamaged(f"{path} is no score ({reason}); remove it, or restore it from version control") from None
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"it holds {constant}")
