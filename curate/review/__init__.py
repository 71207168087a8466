"""People look at pictures: what to show them, what they decide, and how far they agree.

suspects   which labels deserve a second look
desk       one for all reviewers of a server: shows pictures, takes decisions; `dealing` says who is shown what
rereading  what changes meanwhile is read beside the work
sheet      many faces of one label; `cases`: copies and disputes
agreement  how far reviewers agree; `overview`: the log at a glance
runs       scored runs: confusion matrix and training curves
importing  a colleague's table of labels as decisions
"""

from curate.review.importing import LabelImport, import_labels
from curate.review.suspects import RANKS, Learner, SuspectReport, find_suspects

__all__ = ["RANKS", "LabelImport", "Learner", "SuspectReport", "find_suspects", "import_labels"]
