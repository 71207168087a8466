"""How given labels and votes become one label per sample: a pure fold over what was delivered.

In this order, each step only for samples that the steps before left open:

1. reviews: what people decided who looked at the picture;
2. patches: what the makers of another version found of the same picture;
3. votes, if the policy says that they overrule given labels;
4. given labels, one ballot per source and sample, by the policy's rule;
5. votes by majority, for samples that no source gave a label;
6. duplicate groups: members show one photograph, so their ballots are pooled. The majority settles members that are
   still open and overrules those it outvotes; a tie leaves members whose given labels contradict each other open.
"""

from typing import NamedTuple

import numpy as np

from curate.config import Policy
from curate.emotions import LABELS

__all__ = [
    "ORIGINS",
    "UNRESOLVED",
    "Ballots",
    "PanelVotes",
    "Resolved",
    "barsoum_labels",
    "cast_ballots",
    "plurality",
    "resolve_labels",
]

UNRESOLVED = -1
"""No label: nobody gave one, or they contradict each other."""

ORIGINS = ("", "given", "majority", "priority", "votes", "group", "patch", "reviewed")
"""`label_origin` by code; the empty text belongs to open labels."""

_GIVEN, _MAJORITY, _PRIORITY, _VOTES, _GROUP, _PATCH, _REVIEWED = range(1, 8)


class Ballots(NamedTuple):
    """Given labels as numbers, one row per occurrence that has one; parallel (N,) int64 arrays.

    Attributes:
        sample: in [0, samples).
        source: in [0, number of sources).
        label: index into `LABELS`.
    """

    sample: np.ndarray
    source: np.ndarray
    label: np.ndarray


class PanelVotes(NamedTuple):
    """Annotators' votes, one row per occurrence and panel; parallel arrays.

    Attributes:
        sample: (M,) int64 in [0, samples).
        source: (M,) int64 in [0, number of sources).
        panel: (M,) text.
        counts: (M, len(LABELS)) int64.
    """

    sample: np.ndarray
    source: np.ndarray
    panel: np.ndarray
    counts: np.ndarray


class Resolved(NamedTuple):
    """One label per sample; parallel (samples,) arrays.

    Attributes:
        label: index into `LABELS`, or `UNRESOLVED`.
        origin: index into `ORIGINS`.
        contradicted: True where given labels of the sample differ, whatever the policy made of them.
    """

    label: np.ndarray
    origin: np.ndarray
    contradicted: np.ndarray


def resolve_labels(
    samples: int,
    ballots: Ballots,
    votes: np.ndarray,
    *,
    policy: Policy,
    sources: tuple[str, ...],
    groups: np.ndarray | None = None,
    patched: np.ndarray | None = None,
    reviewed: np.ndarray | None = None,
) -> Resolved:
    """Fold given labels and votes into one label per sample.

    Args:
        samples: how many samples there are.
        ballots: the given labels.
        votes: (samples, len(LABELS)) int counts of the policy's panel, all zero where nobody voted.
        policy: the rules.
        sources: source names by number, for a priority list.
        groups: (samples,) int number of each sample's duplicate group, `UNRESOLVED` = none; None = no groups.
        patched: (samples,) int label of each sample by a patch, `UNRESOLVED` = none; None = no patches.
        reviewed: (samples,) int label of each sample by its reviewers, likewise.
    """
    label = np.full(samples, UNRESOLVED, np.int64)
    origin = np.zeros(samples, np.int64)
    counts = np.zeros((samples, len(LABELS)), np.int64)
    np.add.at(counts, (ballots.sample, ballots.label), 1)
    given_any = counts.sum(axis=1) > 0

    def settle(where: np.ndarray, values: np.ndarray, code: int) -> None:
        """Give a label where none is settled yet."""
        chosen = where & (label == UNRESOLVED) & (values != UNRESOLVED)
        label[chosen] = values[chosen]
        origin[chosen] = code

    everywhere = np.ones(samples, bool)
    nobody = np.full(samples, UNRESOLVED)
    settle(everywhere, nobody if reviewed is None else reviewed, _REVIEWED)
    settle(everywhere, nobody if patched is None else patched, _PATCH)
    if policy.votes != "none":
        settle(everywhere, barsoum_labels(votes, policy.votes), _VOTES)
    if isinstance(policy.given, tuple):
        for source in (sources.index(name) for name in policy.given if name in sources):
            settle(everywhere, _of_one_source(samples, ballots, source), _PRIORITY)
    if policy.given == "majority":
        settle(everywhere, plurality(cast_ballots(samples, ballots)), _MAJORITY)
    else:
        settle(everywhere, _unanimous(counts), _GIVEN)
    settle(np.logical_not(given_any), barsoum_labels(votes, "majority"), _VOTES)
    if groups is not None and policy.groups == "majority":
        _pool_groups(label, origin, cast_ballots(samples, ballots), groups)
    return Resolved(label, origin, (counts > 0).sum(axis=1) > 1)


def _pool_groups(label: np.ndarray, origin: np.ndarray, ballots: np.ndarray, groups: np.ndarray) -> None:
    """Settle the labels of duplicate groups, in place."""
    member = np.flatnonzero(groups != UNRESOLVED)
    _, group = np.unique(groups[member], return_inverse=True)
    pooled = np.zeros((group.max(initial=-1) + 1, len(LABELS)), np.int64)
    np.add.at(pooled, group, ballots[member])
    majority = plurality(pooled)[group]
    tied = (majority == UNRESOLVED) & (pooled.sum(axis=1) > 0)[group]
    # What was taken from a review, a patch, from annotators' votes or from a trusted source is not put to the
    # vote again.
    movable = np.isin(origin[member], (0, _GIVEN, _MAJORITY))
    changed = movable & (majority != UNRESOLVED) & (label[member] != majority)
    label[member[changed]], origin[member[changed]] = majority[changed], _GROUP
    label[member[movable & tied]], origin[member[movable & tied]] = UNRESOLVED, 0


def cast_ballots(samples: int, ballots: Ballots) -> np.ndarray:
    """(samples, len(LABELS)) ballots: each source has one per sample, and none where its own copies are tied."""
    result = np.zeros((samples, len(LABELS)), np.int64)
    for source in np.unique(ballots.source):
        choice = _of_one_source(samples, ballots, int(source))
        decided = choice != UNRESOLVED
        result[np.flatnonzero(decided), choice[decided]] += 1
    return result


def plurality(counts: np.ndarray) -> np.ndarray:
    """(N,) index of the strictly largest of (N, K) counts; `UNRESOLVED` where all are zero or the largest are tied.

    Example:
        >>> plurality(np.array([[3, 1, 0], [2, 0, 5]])).tolist()
        [0, 2]
    """
    if not len(counts):
        return np.zeros(0, np.int64)
    top = counts.max(axis=1)
    unique = ((counts == top[:, None]).sum(axis=1) == 1) & (top > 0)
    return np.where(unique, counts.argmax(axis=1), UNRESOLVED)


def barsoum_labels(votes: np.ndarray, rule: str) -> np.ndarray:
    """One label per row of annotators' votes by the rules of the FER+ authors.

    Args:
        votes: (N, len(LABELS)) int counts.
        rule: `majority`: the top label must hold more than half of all votes; `probability`: the top label of the
            normalised votes. A label with a single vote is dropped as noise first. Where the top is unknown or
            not-a-face, that is the label, and versions leave the picture out.

    Returns:
        (N,) index into `LABELS`; `UNRESOLVED` where the rule finds none.

    Source: Barsoum et al. 2016, Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
        Distribution, section 3; https://github.com/microsoft/FERPlus, src/ferplus.py.
    """
    counted = np.where(votes > 1, votes, 0)
    top = plurality(counted)
    if rule == "probability":
        return top
    top_votes = np.take_along_axis(counted, np.maximum(top, 0)[:, None], axis=1)[:, 0]
    return np.where(top_votes * 2 > counted.sum(axis=1), top, UNRESOLVED)


def _of_one_source(samples: int, ballots: Ballots, source: int) -> np.ndarray:
    mask = ballots.source == source
    counts = np.zeros((samples, len(LABELS)), np.int64)
    np.add.at(counts, (ballots.sample[mask], ballots.label[mask]), 1)
    return plurality(counts)


def _unanimous(counts: np.ndarray) -> np.ndarray:
    return np.where((counts > 0).sum(axis=1) == 1, counts.argmax(axis=1), UNRESOLVED)
