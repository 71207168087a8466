"""Are the scores of a version what their runs predicted? Sealed files, intact predictions, measures that follow."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from curate.benchmark.metrics import measure
from curate.errors import ScoreDamaged
from curate.manifest import Version
from curate.progress import Progress, silent
from curate.runs.folder import folder_of
from curate.scores import DamagedScore, Score, StoredScores, find_scores, scores_folder

__all__ = ["ScoreCheck", "check_scores", "damaged_scores", "sound_scores"]

_TOLERANCE = 1e-6
"""Sums of float32 come out otherwise on another machine."""


class ScoreCheck(NamedTuple):
    """What was checked of the scores of a version.

    Attributes:
        scores: files.
        measured_again: scores whose measures were computed anew from what was predicted. (Accuracy over mirrored
            pictures and by near copies cannot be: it is not stored picture by picture.)
        without_predictions: names of scores whose predictions are not in this workspace.
        not_sealed: names of scores that carry no digests, as older releases wrote them.
        of_another: scores of an earlier version of that name, which count nowhere.
        findings: what is damaged, where, and the way out; empty = nothing.
    """

    scores: int
    measured_again: int
    without_predictions: tuple[str, ...]
    not_sealed: tuple[str, ...]
    of_another: int
    findings: tuple[str, ...]


def check_scores(version: Version, *, progress: Progress = silent) -> ScoreCheck:
    """Check every score of a version, and measure anew what can be; damaged scores are findings, no errors."""
    stored = find_scores(version.folder.parent, version.name)
    findings = [each.message for each in stored.damaged]
    scores = [score for score in stored.sound if score.version_digest == version.header.digest]
    again, missing = 0, []
    with progress(f"measuring the scores of {version.name} again", len(scores), unit="scores") as advance:
        for score in scores:
            try:
                complete = _measures_follow(version, score)
            except ScoreDamaged as error:
                findings.append(str(error))
            else:
                again += complete
                missing += [] if complete else [score.name]
            advance(1)
    unsealed = tuple(score.name for score in scores if not score.is_sealed)
    count = len(stored.sound) + len(stored.damaged)
    return ScoreCheck(count, again, tuple(missing), unsealed, len(stored.sound) - len(scores), tuple(findings))


def sound_scores(version: Version) -> StoredScores:
    """The scores of this very version that may be believed; the others are named.

    Scores of an earlier version of that name are neither. Predictions of the gold test are compared with their digest;
    `check_scores` does more.
    """
    stored = find_scores(version.folder.parent, version.name)
    sound, damaged = [], list(stored.damaged)
    for score in stored.sound:
        if score.version_digest != version.header.digest:
            continue
        try:
            folder_of(version, score).read_predictions("gold", digest=score.predictions_digest("gold"))
        except ScoreDamaged as error:
            damaged.append(DamagedScore(_path(version, score), str(error)))
        else:
            sound.append(score)
    return StoredScores(sound, damaged)


def damaged_scores(versions: Mapping[str, Version]) -> list[str]:
    """What is damaged among the scores of versions, and so is left out of everything that ranks or compares."""
    return [each.message for version in versions.values() for each in sound_scores(version).damaged]


def _path(version: Version, score: Score) -> Path:
    return scores_folder(version.folder.parent, version.name) / f"{score.name}.json"


def _measures_follow(version: Version, score: Score) -> bool:
    """Whether predictions are here, all of them.

    Raises:
        ScoreDamaged: they are, and are damaged, or do not give these measures.
    """
    complete = True
    for part, stored in score.scored.items():
        predictions = folder_of(version, score).read_predictions(part, digest=score.predictions_digest(part))
        if predictions is None:
            complete = False
            continue
        labels, pred_probs, classes = predictions.labels, predictions.pred_probs, list(score.classes)
        if pred_probs.shape[1] != len(classes) or not ((labels >= 0) & (labels < len(classes))).all():
            wrong = ["classes"]
        else:
            wrong = list(_differing(measure(labels, pred_probs, classes).to_json(), stored.to_json()))
        if wrong:
            raise ScoreDamaged(
                f"{_path(version, score)} says another {', '.join(wrong)} of {part} than its predictions give; remove "
                "it and run `curate benchmark` again"
            )
    return complete


def _differing(again: Mapping[str, Any], stored: Mapping[str, Any]) -> Iterator[str]:
    """Names of the measures that are not the same."""
    for name, value in again.items():
        if not _same(value, stored.get(name)):
            yield name


def _same(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, int | float):
        return math.isclose(a, b, abs_tol=_TOLERANCE)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return set(a) == set(b) and all(_same(a[name], b[name]) for name in a)
    return a == b
