"""Scores: one small JSON file per run, beside the version that it scored, in `manifests/VERSION/scores/`.

score     the score of one run, and the environment that it was made in
measures  what it scores on one part
files     where scores are, written and read
sound     what a score must hold, and whether it is as it was written
table     all of them as a data frame
"""

from curate.scores.files import (
    DamagedScore,
    StoredScores,
    find_scores,
    read_score,
    read_scores,
    scores_folder,
    write_score,
)
from curate.scores.measures import PARTS, ClassScore, Measures
from curate.scores.score import FORMAT, Environment, Score, score_name
from curate.scores.table import score_table

__all__ = [
    "FORMAT",
    "PARTS",
    "ClassScore",
    "DamagedScore",
    "Environment",
    "Measures",
    "Score",
    "StoredScores",
    "find_scores",
    "read_score",
    "read_scores",
    "score_name",
    "score_table",
    "scores_folder",
    "write_score",
]
