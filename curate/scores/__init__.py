"""Scores: one small JSON file per run, beside the version that it scored, in `manifests/VERSION/scores/`.

files   where they are, written and read
sound   what a score must hold, and whether it is as it was written
table   all of them as a data frame
"""

from curate.scores.files import (
    FORMAT,
    DamagedScore,
    StoredScores,
    find_scores,
    read_score,
    read_scores,
    run_files,
    score_name,
    scores_folder,
    write_score,
)
from curate.scores.sound import is_sealed
from curate.scores.table import score_table

__all__ = [
    "FORMAT",
    "DamagedScore",
    "StoredScores",
    "find_scores",
    "is_sealed",
    "read_score",
    "read_scores",
    "run_files",
    "score_name",
    "score_table",
    "scores_folder",
    "write_score",
]
