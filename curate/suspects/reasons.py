"""Why a label is suspected, in words."""

from collections.abc import Sequence

import numpy as np

from curate.suspects.dataset import LabelDataset
from curate.suspects.label_quality import LabelScores

__all__ = ["explain"]


def explain(dataset: LabelDataset, probs: np.ndarray, scores: LabelScores, *, use_votes: bool) -> list[str]:
    """One sentence per label: `looks like fear (0.61), labelled happy (0.05); 2 of 3 sources say fear`.

    Args:
        dataset: the labels, and the ballots that are cited.
        probs: (N, K) out-of-fold probabilities of the given label, cited in brackets.
        scores: of the labels.
        use_votes: whether votes are cited.
    """
    names = dataset.classes
    texts = []
    for row, (label, suggested) in enumerate(zip(dataset.label.tolist(), scores.suggested.tolist(), strict=True)):
        text = _describe_prediction(names, probs[row], label, suggested)
        if dataset.ballots[row, label]:
            what = "labels of it and its copies" if dataset.copies[row] > 1 else "sources"
            text += _count(names, dataset.ballots[row], label, what)
        if use_votes:
            text += _count(names, dataset.votes[row], label, "votes")
        texts.append(text)
    return texts


def _describe_prediction(names: Sequence[str], probs: np.ndarray, label: int, suggested: int) -> str:
    top = int(probs.argmax())
    likely, given, other = (f"{names[code]} ({probs[code]:.2f})" for code in (top, label, suggested))
    if top == label:
        return f"looks like {given}, as labelled; next {other}"
    # Copies, and classes whose labels cannot be trusted, may suggest another class than the model alone.
    return f"looks like {likely}, labelled {given}" + (f", suggested {other}" if suggested != top else "")


def _count(names: Sequence[str], counts: np.ndarray, label: int, what: str) -> str:
    total, top = int(counts.sum()), int(counts.argmax())
    if total < 2:
        return ""
    top = label if counts[label] == counts[top] else top
    return f"; {counts[top]} of {total} {what} say {names[top]}"
