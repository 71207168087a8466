"""Suspects: labels that the evidence contradicts, with a quality for each label.

`collection` reads what is judged, `model` predicts every label by models that never saw it or a copy of it, `learner`
asks another model that is passed in, `anchors`
estimates how many labels of each class are wrong, `evidence` adds copies, sources and votes, `quality` weighs it all
and `wording` says why.
"""

from curate.review.suspects.find import SuspectReport, find_suspects, judge_collection
from curate.review.suspects.learner import Learner
from curate.review.suspects.quality import RANKS

__all__ = ["RANKS", "Learner", "SuspectReport", "find_suspects", "judge_collection"]
