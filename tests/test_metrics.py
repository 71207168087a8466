import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.benchmark.metrics import confusion_matrix, expected_calibration_error, macro_f1, measure

LABELS = np.array([0, 0, 0, 1, 1, 2])
PROBS = np.array(
    [[0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0.3, 0.7, 0.0], [0.2, 0.8, 0.0], [0.5, 0.4, 0.1], [0.6, 0.3, 0.1]], np.float32
)


def test_measures_equal_those_computed_by_hand() -> None:
    seen = measure(LABELS, PROBS, ["a", "b", "c", "d"])
    assert seen.confusion == [[2, 1, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert [(each.label, each.support) for each in seen.classes] == [("a", 3), ("b", 2), ("c", 1), ("d", 0)]
    assert [each.precision for each in seen.classes] == [0.5, 0.5, 0.0, 0.0]
    assert [each.recall for each in seen.classes] == [pytest.approx(2 / 3), 0.5, 0.0, None]
    assert [each.f1 for each in seen.classes] == [pytest.approx(4 / 7), 0.5, 0.0, None]
    assert seen.accuracy == 0.5
    assert seen.balanced_accuracy == pytest.approx(7 / 18)
    assert seen.macro_f1 == pytest.approx((4 / 7 + 0.5) / 3)
    # bins of 1/15: .8, .8 hold 2 right of 2; .6, .6 hold 1 of 2; .7 holds 0 of 1; .5 holds 0 of 1
    assert seen.ece == pytest.approx((0.4 + 0.2 + 0.7 + 0.5) / 6)


def test_a_constant_guess_scores_one_over_the_number_of_classes_whatever_their_balance() -> None:
    labels = np.array([0] * 97 + [1, 2, 2])
    guess = np.tile(np.float32([1, 0, 0]), (100, 1))
    assert measure(labels, guess, ["a", "b", "c"]).balanced_accuracy == pytest.approx(1 / 3)


def test_probabilities_that_come_true_have_no_calibration_error() -> None:
    labels = np.array([0, 0, 0, 1] * 25)
    assert expected_calibration_error(labels, np.tile([0.75, 0.25], (100, 1))) == pytest.approx(0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_measures_equal_those_of_scikit_learn(seed: int) -> None:
    from sklearn import metrics

    rng = np.random.default_rng(seed)
    count, classes = int(rng.integers(5, 200)), int(rng.integers(2, 8))
    labels = np.concatenate([np.arange(classes), rng.integers(classes, size=count)])
    probs = rng.dirichlet(np.ones(classes), len(labels))
    seen = measure(labels, probs, [str(k) for k in range(classes)])
    guess = probs.argmax(axis=1)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(labels, guess, average=None, zero_division=0)
    assert np.allclose([each[2:] for each in seen.classes], np.stack([precision, recall, f1], axis=1))
    assert seen.confusion == metrics.confusion_matrix(labels, guess).tolist()
    assert seen.accuracy == pytest.approx(metrics.accuracy_score(labels, guess))
    assert seen.balanced_accuracy == pytest.approx(metrics.balanced_accuracy_score(labels, guess))
    assert seen.macro_f1 == pytest.approx(metrics.f1_score(labels, guess, average="macro", zero_division=0))


def test_macro_f1_takes_many_matrices_at_once() -> None:
    matrix = confusion_matrix(LABELS, PROBS.argmax(axis=1), 3)
    assert macro_f1(np.stack([matrix, np.eye(3) * 4])).tolist() == [pytest.approx((4 / 7 + 0.5) / 3), 1.0]
