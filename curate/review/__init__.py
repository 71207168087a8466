"""Review: which labels deserve a second look."""

from curate.review.suspects import RANKS, SuspectReport, find_suspects

__all__ = ["RANKS", "SuspectReport", "find_suspects"]
