"""Who says what of a version's pictures: every source's given labels, and every source's annotators."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from curate.emotions import LABEL_INDEX, LABELS
from curate.labels import UNRESOLVED, plurality

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Voice", "read_voices"]


class Voice(NamedTuple):
    """A source's given labels, or the votes of its annotators.

    Attributes:
        name: as people read it.
        votes: it is votes.
        label: (S,) int64 by sample, in the order of their ids: index into `LABELS`; `UNRESOLVED` = it says nothing, or
            contradicts itself.
    """

    name: str
    votes: bool
    label: np.ndarray


def read_voices(occurrences: "pd.DataFrame") -> list[Voice]:
    """The labels of every source, then the votes of every source; a source without any is `UNRESOLVED` everywhere.

    Args:
        occurrences: of `Version.occurrences`.
    """
    names, sample = np.unique(occurrences["sample_id"].to_numpy(str), return_inverse=True)
    given = np.array([LABEL_INDEX.get(label, UNRESOLVED) for label in occurrences["given_label"].fillna("")], np.int64)
    votes = occurrences[[f"votes_{label}" for label in LABELS]].fillna(0).to_numpy(np.int64)
    ballots = np.where(given[:, None] == np.arange(len(LABELS)), 1, 0)
    source = occurrences["source"].to_numpy(str)
    sources = list(dict.fromkeys(source.tolist()))
    labels = [
        Voice(f"labels of {e}", votes=False, label=_top(ballots, sample, source == e, len(names))) for e in sources
    ]
    panels = [Voice(f"votes of {e}", votes=True, label=_top(votes, sample, source == e, len(names))) for e in sources]
    return [*labels, *panels]


def _top(counts: np.ndarray, sample: np.ndarray, own: np.ndarray, samples: int) -> np.ndarray:
    """(samples,) what most of the chosen (N, K) counts of each sample say."""
    together = np.zeros((samples, counts.shape[1]), np.int64)
    np.add.at(together, sample[own], counts[own])
    return plurality(together)
