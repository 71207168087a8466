"""Suspects: labels that the evidence contradicts, with a quality for each label.

`collection` reads what is judged, `model` predicts every label by models that never saw it or a copy of it, `anchors`
estimates how many labels of each class are wrong, `evidence` adds copies, sources and votes, `quality` weighs it all
and `wording` says why.
"""

from curate.review.suspects.find import SuspectReport, find_suspects, judge_collection
from curate.review.suspects.quality import RANKS

__all__ = ["RANKS", "SuspectReport", "find_suspects", "judge_collection"]
