"""People look at pictures: what to show them, what they decide, and how far they agree.

suspects   which labels deserve a second look
agreement  how far reviewers agree
"""

from curate.review.suspects import RANKS, SuspectReport, find_suspects

__all__ = ["RANKS", "SuspectReport", "find_suspects"]
