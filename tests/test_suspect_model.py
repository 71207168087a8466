"""The parts of the suspects model, on numbers."""

import numpy as np
import pytest

from curate.executors import local_threads
from curate.suspects.calibration import calibrate_out_of_fold
from curate.suspects.dataset import LabelDataset
from curate.suspects.descriptors import Reduced
from curate.suspects.evidence import ballot_evidence, vote_evidence
from curate.suspects.kernel_ridge import RidgeProblem, predict_out_of_fold
from curate.suspects.label_quality import LabelScores, score_labels
from curate.suspects.noise_rates import ErrorRates, estimate_error_rates
from curate.suspects.reasons import explain

CLASSES = 3


def scattered(count: int, *, seed: int = 0) -> tuple[Reduced, np.ndarray]:
    """Points around one centre per class, and their classes."""
    rng = np.random.default_rng(seed)
    label = np.arange(count) % CLASSES
    even = np.eye(CLASSES, 6)[label] + rng.normal(0, 0.2, (count, 6))
    return Reduced(even.astype(np.float32), rng.normal(0, 0.2, (count, 4)).astype(np.float32)), label


def task_of(label: np.ndarray, fold: np.ndarray, fitted: np.ndarray | None = None) -> RidgeProblem:
    target = np.eye(CLASSES, dtype=np.float32)[label] - 1 / CLASSES
    return RidgeProblem(target, fold, np.ones(len(label), bool) if fitted is None else fitted)


def predict(seen: Reduced, task: RidgeProblem, *, workers: int = 2) -> np.ndarray:
    with local_threads(workers) as executor:
        return predict_out_of_fold(
            seen, task, np.arange(0, len(task.fold), 3), ridge=0.3, executor=executor, advance=lambda _: None
        )


class TestKernel:
    def test_classes_are_recognised(self) -> None:
        seen, label = scattered(300)
        assert (predict(seen, task_of(label, np.arange(300) // 3 % 5)).argmax(axis=1) == label).mean() > 0.95

    def test_a_fold_s_own_labels_do_not_matter(self) -> None:
        seen, label = scattered(300)
        fold = np.arange(300) // 3 % 5
        changed = np.where(fold == 2, (label + 1) % CLASSES, label)
        one, two = (predict(seen, task_of(each, fold)) for each in (label, changed))
        np.testing.assert_allclose(one[fold == 2], two[fold == 2], atol=1e-3)
        assert np.abs(one[fold != 2] - two[fold != 2]).max() > 0.05

    def test_rows_that_are_not_fitted_on_are_predicted_and_do_not_matter(self) -> None:
        seen, label = scattered(300)
        fold, gold = np.arange(300) // 3 % 5, np.arange(300) % 7 == 0
        changed = np.where(gold, (label + 1) % CLASSES, label)
        one, two = (predict(seen, task_of(each, fold, ~gold)) for each in (label, changed))
        np.testing.assert_array_equal(one, two)
        assert (one[gold].argmax(axis=1) == label[gold]).mean() > 0.95

    def test_mirrored_pictures_are_predicted_alike(self) -> None:
        seen, label = scattered(300)
        turned = np.arange(300) % 3 != 0  # landmarks stay as they are
        odd = np.where(turned[:, None], -seen.odd, seen.odd)
        task = task_of(label, np.arange(300) // 3 % 5)
        np.testing.assert_allclose(predict(seen, task), predict(Reduced(seen.even, odd), task), atol=1e-4)

    def test_the_number_of_workers_does_not_matter(self) -> None:
        seen, label = scattered(300)
        task = task_of(label, np.arange(300) // 3 % 5)
        np.testing.assert_array_equal(predict(seen, task, workers=1), predict(seen, task, workers=4))

    def test_far_outliers_do_not_overflow(self) -> None:
        seen, label = scattered(60)
        seen.odd[3] = 1e3
        assert np.isfinite(predict(seen, task_of(label, np.arange(60) // 3 % 5))).all()


class TestCalibration:
    def test_probabilities_are_as_often_right_as_they_say(self) -> None:
        rng = np.random.default_rng(3)
        scores = rng.normal(0, 1, (6000, CLASSES))
        true = np.exp(2 * scores) / np.exp(2 * scores).sum(axis=1, keepdims=True)
        label = (rng.random((6000, 1)) > true.cumsum(axis=1)).sum(axis=1)
        probs = calibrate_out_of_fold(scores, label, np.arange(6000) % 5, np.ones(6000, bool), slope=1)
        assert np.abs(probs - true).mean() < 0.02

    @pytest.mark.parametrize("count", [10, 15])
    def test_few_rows_give_finite_probabilities(self, count: int) -> None:
        label = np.arange(count) % 2
        scores = np.eye(2)[label]
        probs = calibrate_out_of_fold(scores, label, np.arange(count) // 2 % 5, np.ones(count, bool), slope=4)
        np.testing.assert_allclose(probs.sum(axis=1), 1)
        assert ((probs > 0) & (probs.argmax(axis=1) == label)[:, None]).all()


def noisy(count: int, rates: list[float], *, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities of the true class, given labels wrong at so many rates by true class, and whether they are."""
    rng = np.random.default_rng(seed)
    true = np.arange(count) % CLASSES
    wrong = rng.random(count) < np.array(rates)[true]
    label = np.where(wrong, (true + 1) % CLASSES, true)
    logits = rng.normal(0, 1, (count, CLASSES)) + 3 * np.eye(CLASSES)[true]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return probs, label, wrong


class TestErrorRates:
    def test_anchors_tell_how_many_labels_of_each_class_are_wrong(self) -> None:
        probs, label, wrong = noisy(9000, [0.4, 0.1, 0.02])
        rates = estimate_error_rates(probs, label, np.arange(9000) // 3 % 2 == 0)
        real = [wrong[label == number].mean() for number in range(CLASSES)]
        np.testing.assert_allclose(rates.rate, real, atol=0.1)
        assert rates.reliability > 0.9

    def test_without_every_class_in_both_halves_the_model_s_doubt_decides(self) -> None:
        probs, label, _ = noisy(60, [0.1, 0.1, 0.1])
        rates = estimate_error_rates(probs, label, label != 1)
        assert rates.reliability == 0
        doubt = [1 - probs[label == number, number].mean() for number in range(CLASSES)]
        assert np.argsort(rates.rate).tolist() == np.argsort(doubt).tolist()


class TestEvidence:
    def test_ballots_of_copies_and_sources(self) -> None:
        ballots = np.array([[1, 2, 0], [1, 1, 0], [3, 0, 0], [2, 1, 0], [1, 0, 0], [0, 2, 0]])
        found = ballot_evidence(np.zeros(6, np.int64), ballots)
        strong, weak = np.log(5) / 2, np.log(3) / 2
        np.testing.assert_allclose(found, [strong, weak, -strong, 0, 0, 0])

    def test_votes(self) -> None:
        found = vote_evidence(np.zeros(3, np.int64), np.array([[0, 9, 0], [9, 0, 0], [0, 0, 0]]))
        np.testing.assert_allclose(found, [np.log(10), -np.log(10), 0])


@pytest.mark.parametrize(
    ("probs", "label", "suggested", "ballots", "text"),
    [
        ([0.1, 0.7, 0.2], 0, 1, [1, 0, 0], "looks like sad (0.70), labelled happy (0.10)"),
        ([0.7, 0.1, 0.2], 0, 2, [1, 0, 0], "looks like happy (0.70), as labelled; next fear (0.20)"),
        (
            [0.1, 0.7, 0.2],
            0,
            2,
            [1, 0, 3],
            "looks like sad (0.70), labelled happy (0.10), suggested fear (0.20); "
            "3 of 4 labels of it and its copies say fear",
        ),
        (
            [0.1, 0.7, 0.2],
            0,
            1,
            [1, 1, 0],
            "looks like sad (0.70), labelled happy (0.10); 1 of 2 labels of it and its copies say happy",
        ),
    ],
)
def test_reasons(probs: list[float], label: int, suggested: int, ballots: list[int], text: str) -> None:
    one = np.array([ballots])
    dataset = LabelDataset(
        classes=("happy", "sad", "fear"),
        left_out={},
        sample_ids=["0"],
        pictures=np.zeros((1, 1, 1), np.uint8),
        label=np.array([label]),
        lineage=np.array([0]),
        group=np.array([0]),
        copies=one.sum(axis=1),
        ballots=one,
        votes=np.array([[0, 9, 1]]),
        gold=np.zeros(1, bool),
    )
    scores = LabelScores(np.array([0.5]), np.array([suggested]), np.array([2]))
    assert explain(dataset, np.array([probs]), scores, use_votes=False) == [text]
    assert explain(dataset, np.array([probs]), scores, use_votes=True) == [text + "; 9 of 10 votes say sad"]


class TestQuality:
    def judge(self, probs: np.ndarray, label: np.ndarray, rate: float, **more: np.ndarray):
        nothing = {"evidence": np.zeros(len(label)), "support": np.zeros(probs.shape)}
        rates = ErrorRates(np.full(probs.shape[1], rate), np.full(probs.shape[1], rate), 1.0)
        return score_labels(probs, label, rates, rank="balanced", **{**nothing, **more})

    def test_the_mean_quality_of_a_class_is_its_share_of_right_labels(self) -> None:
        probs, label, _ = noisy(600, [0.2, 0.2, 0.2])
        quality = self.judge(probs, label, 0.25).quality
        assert [round(quality[label == number].mean(), 6) for number in range(CLASSES)] == [0.75] * CLASSES

    def test_evidence_lowers_quality(self) -> None:
        probs, label, _ = noisy(600, [0.2, 0.2, 0.2])
        evidence = np.where(np.arange(600) == 5, 1.0, 0.0)
        plain, more = (self.judge(probs, label, 0.25, **kind).quality for kind in ({}, {"evidence": evidence}))
        assert more[5] < plain[5]
        assert np.array_equal(np.delete(more, 5), np.delete(plain, 5))

    def test_suggestions_are_the_likeliest_other_classes(self) -> None:
        judged = self.judge(np.array([[0.1, 0.7, 0.2], [0.2, 0.1, 0.7]]), np.array([0, 2]), 0.25)
        assert (judged.suggested.tolist(), judged.second.tolist()) == ([1, 0], [2, 1])

    def test_what_most_copies_say_is_suggested(self) -> None:
        support = np.array([[1, 0, 3], [0, 0, 1]])
        judged = self.judge(np.array([[0.1, 0.5, 0.4], [0.2, 0.1, 0.7]]), np.array([0, 2]), 0.25, support=support)
        assert judged.suggested.tolist() == [2, 0]

    def test_of_two_classes_there_is_one_suggestion(self) -> None:
        judged = self.judge(np.array([[0.4, 0.6], [0.4, 0.6]]), np.array([0, 1]), 0.25)
        assert (judged.suggested.tolist(), judged.second.tolist()) == ([1, 0], [-1, -1])
