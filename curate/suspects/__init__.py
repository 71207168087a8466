"""Suspects: labels that the evidence contradicts, with a quality for each label.

dataset        what is scored: pictures, labels, votes and groups
descriptors    what a classical model sees of a face
model          predicts every label by models that never saw it or a copy of it
kernel_ridge   its scores, out of fold
calibration    probabilities from scores
out_of_fold    predictions of another model that is passed in
noise_rates    how many labels of each class are wrong
evidence       labels of copies and sources, and votes
label_quality  weighs all evidence
reasons        why a label is suspected, in words
find           the stage: reads, scores, and replaces the previous results
"""

from curate.suspects.find import SuspectReport, find_suspects, score_dataset
from curate.suspects.label_quality import RANKS
from curate.suspects.out_of_fold import Learner

__all__ = ["RANKS", "Learner", "SuspectReport", "find_suspects", "score_dataset"]
