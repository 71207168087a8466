"""Where scores are, how they are written, and how they are read back: sound ones, and what is wrong with the rest."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from curate.errors import ScoreDamaged
from curate.scores.score import FORMAT, Score
from curate.scores.sound import find_fault, seal_score
from curate.storage import replace_file, space_needed

__all__ = [
    "DamagedScore",
    "StoredScores",
    "find_scores",
    "read_score",
    "read_scores",
    "scores_folder",
    "write_score",
]

_FOLDER = "scores"
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

    sound: list[Score]
    damaged: list[DamagedScore]


def scores_folder(manifests: Path, version: str) -> Path:
    """Where the scores of a version are."""
    return manifests / version / _FOLDER


def write_score(manifests: Path, score: Score) -> Path:
    """Write the score of a run, sealed; one of the same version, recipe, protocol, source and seed is replaced.

    Raises:
        StorageFull: there is no space for it.
    """
    folder = scores_folder(manifests, score.version)
    with space_needed(folder):
        folder.mkdir(exist_ok=True)
    path = folder / f"{score.name}.json"
    replace_file(path, json.dumps(seal_score(score.to_json()), indent=1, ensure_ascii=False) + "\n")
    return path


def find_scores(manifests: Path, version: str) -> StoredScores:
    """The sound scores of a version, and what is wrong with the others; no file of scores is an error here."""
    sound, damaged = [], []
    for path in sorted(scores_folder(manifests, version).glob("*.json")):
        try:
            sound.append(read_score(path))
        except ScoreDamaged as error:
            damaged.append(DamagedScore(path, str(error)))
    ordered = sorted(sound, key=lambda score: (score.recipe, score.protocol, score.source or "", score.seed))
    return StoredScores(ordered, damaged)


def read_scores(manifests: Path, version: str) -> list[Score]:
    """All scores of a version, by recipe, protocol, source and seed.

    Raises:
        ScoreDamaged: a file is no score, or not as it was written.
    """
    stored = find_scores(manifests, version)
    if stored.damaged:
        raise ScoreDamaged(stored.damaged[0].message)
    return stored.sound


def read_score(path: Path) -> Score:
    """One score.

    Raises:
        ScoreDamaged: the file is no score, or not as it was written.
    """
    data = _parse(path)
    written = data.get("format")
    if isinstance(written, int) and written > FORMAT:
        raise ScoreDamaged(f"{path} was written by a newer curate; update with `pip install -U curate-fer`")
    try:
        fault = find_fault(data)
    except RecursionError:
        fault = "is nested too deeply"
    if fault:
        raise ScoreDamaged(f"{path} {fault}; remove it and run `curate benchmark` again, or restore it from a backup")
    score = Score.from_json(data)
    if path.stem != score.name or path.parent.parent.name != score.version:
        raise ScoreDamaged(
            f"{path} is the score of another run ({score.name} on {score.version}); remove it, or "
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
        parsed = json.loads(data.decode("utf-8"), parse_constant=_refuse)
        if not isinstance(parsed, dict):
            raise TypeError("it holds no object")
    except (ValueError, TypeError, OSError, RecursionError) as error:
        reason = " ".join(str(error).split())[:120]
        raise ScoreDamaged(f"{path} is no score ({reason}); remove it, or restore it from version control") from None
    return parsed


def _refuse(constant: str) -> None:
    raise ValueError(f"it holds {constant}")
