"""Agreement of reviewers against published and hand-made figures."""

import math

import numpy as np
import pytest

from curate.decisions import Decision
from curate.review.agreement import (
    Consistency,
    PairAgreement,
    answers_by_reviewer,
    cohen_kappa,
    compare_reviewers,
    fleiss_kappa,
    measure_consistency,
)

FLEISS_1971 = np.array(
    [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]
)  # fmt: skip
"""The worked example of https://en.wikipedia.org/wiki/Fleiss%27_kappa, whose kappa is 0.210."""


def say(reviewer: str, sample: str, label: str, screen: str = "queue") -> Decision:
    kind = "exclude" if not label else "relabel"
    return Decision(
        action=f"{reviewer}{sample}{screen}",
        kind=kind,
        sample_id=sample,
        label=label,
        reviewer=reviewer,
        at="2026-01-01",
        screen=screen,
    )


def test_cohen_by_hand() -> None:
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert cohen_kappa(pairs) == pytest.approx((0.7 - 0.5) / 0.5)


def test_kappa_is_not_defined_without_variety() -> None:
    assert math.isnan(cohen_kappa([("a", "a")] * 3))
    assert math.isnan(cohen_kappa([]))
    assert math.isnan(fleiss_kappa(np.array([[1, 0], [0, 1]])))
    assert math.isnan(fleiss_kappa(np.array([[3, 0], [2, 0]])))


def test_fleiss_of_the_published_example() -> None:
    assert fleiss_kappa(FLEISS_1971) == pytest.approx(0.210, abs=0.0005)


def test_fleiss_of_perfect_agreement_is_one() -> None:
    assert fleiss_kappa(np.array([[3, 0], [0, 2], [4, 0], [1, 0]])) == pytest.approx(1.0)


def test_reviewers_are_compared_on_what_they_share() -> None:
    log = [say("bob", "1", "sad"), say("bob", "2", "sad"), say("bob", "3", ""), say("ann", "1", "sad")]
    log += [say("ann", "2", "fear"), say("ann", "4", "fear")]
    assert answers_by_reviewer(log)["bob"] == {"1": "sad", "2": "sad", "3": "exclude"}
    assert compare_reviewers(answers_by_reviewer(log)) == [
        PairAgreement("ann", "bob", 2, 0.5, 0.0, (("fear", "sad", 1),))
    ]  # fmt: skip


def test_hidden_repeats_measure_a_reviewer_against_themselves() -> None:
    log = [say("ann", "1", "sad"), say("ann", "2", "fear"), say("ann", "1", "sad", "repeat")]
    log += [say("ann", "2", "sad", "repeat-mirrored"), say("bob", "3", "sad", "repeat")]
    assert measure_consistency(log) == [Consistency("ann", 2, 1, 1, 0)]
