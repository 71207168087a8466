"""The whole loop on generated faces: plant faults, run every stage, compare planted with found.

faults   the two generated datasets and everything that is wrong with them
loop     from the review on, with an oracle for a reviewer
run      the whole loop, and the comparison; or up to the review, for reviewers of another kind
"""

from curate.demo.faults import Fault, Planted, plant
from curate.demo.loop import drawn_emotions, wrong_labels
from curate.demo.run import Check, DemoResult, Unreviewed, prepare_demo, run_demo

__all__ = [
    "Check",
    "DemoResult",
    "Fault",
    "Planted",
    "Unreviewed",
    "drawn_emotions",
    "plant",
    "prepare_demo",
    "run_demo",
    "wrong_labels",
]
