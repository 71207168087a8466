"""Why a label is suspected, in words."""

from collections.abc import Sequence

import numpy as np

from curate.suspects.dataset import LabelDataset
from curate.suspects.label_quality import LabelScores

__all__ = ["explain"]


def explain(collection: LabelDataset, probs: np.ndarray, judgement: LabelScores, *, use_votes: bool) -> list[str]:
    """One sentence per label: `looks like fear (0.61), labelled happy (0.05); 2 of 3 sources say fear`.

    Args:
        collection: the labels, and the ballots that are cited.
        probs: (N, K) out-of-fold probabilities of the given label, cited in brackets.
        judgement: what was made of them.
        use_votes: whether votes are cited.
    """
    names = collection.classes
    texts = []
    for row, (label, suggested) in enumerate(zip(collection.label.tolist(), judgement.suggested.tolist(), strict=True)):
        text = _look(names, probs[row], label, suggested)
        if collection.ballots[row, label]:
            what = "labels of it and its copies" if collection.copies[row] > 1 else "sources"
            text += _count(names, collection.ballots[row], label, what)
        if use_votes:
            text += _count(names, collection.votes[row], label, "votes")
        texts.append(text)
    return texts


def _look(names: Sequence[str], probs: np.ndarray, label: int, suggested: int) -> str:
    top = int(probs.argmax())
    likely, own, other = (f"{names[number]} ({probs[number]:.2f})" for number in (top, label, suggested))
    if top == label:
        return f"looks like {own}, as labelled; next {other}"
    # Copies, and classes whose labels cannot be trusted, may suggest another class than the model alone.
    return f"looks like {likely}, labelled {own}" + (f", suggested {other}" if suggested != top else "")


def _count(names: Sequence[str], counts: np.ndarray, label: int, what: str) -> str:
    total, top = int(counts.sum()), int(counts.argmax())
    if total < 2:
        return ""
    top = label if counts[label] == counts[top] else top
    return f"; {counts[top]} of {total} {what} say {names[top]}"
