"""What speaks for or against a label besides the picture: labels of copies and of other sources, annotators' votes."""

import numpy as np

__all__ = ["ballot_evidence", "vote_evidence"]

_OUTVOTED, _TIED, _AGREED = 1.0, 0.5, -0.5
"""Added to the logit of being wrong. Measured on FER-2013: a label that its group of copies outvotes is contradicted by
ten annotators in two cases of three, against one in three of all labels."""
_ONE_VOTE = 1.0
"""Votes are counted as if each class had been given one more."""


def ballot_evidence(label: np.ndarray, ballots: np.ndarray) -> np.ndarray:
    """(N,) float added to the logit of being wrong, from the given labels of a sample, its copies and other sources.

    Args:
        label: (N,) int64, the label that is judged.
        ballots: (N, K) int64 counts; where nobody gave the judged label (it comes from votes), they say nothing.
    """
    own, other = _against(label, ballots)
    alone = ballots.sum(axis=1) < 2
    found = np.select([other > own, other == own, other == 0], [_OUTVOTED, _TIED, _AGREED], 0.0)
    return np.where(alone | (own == 0), 0.0, found)


def vote_evidence(label: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """(N,) float added to the logit of being wrong: log of the best other class's votes over the label's; 0 = no votes.

    Args:
        label: (N,) int64, the label that is judged.
        votes: (N, K) int64 counts.
    """
    own, other = _against(label, votes)
    return np.asarray(np.log((other + _ONE_VOTE) / (own + _ONE_VOTE)))


def _against(label: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the label and of the most frequent other class."""
    rows = np.arange(len(label))
    others = counts.copy()
    others[rows, label] = 0
    return counts[rows, label], others.max(axis=1)
