"""Find a workspace's suspects: predict out of fold, judge, and replace the previous results."""

from collections.abc import Mapping, Set
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import asdict, dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from curate.catalog import suspects
from curate.catalog.duplicates import covered_digest
from curate.catalog.suspects import Suspect
from curate.emotions import LABELS
from curate.errors import ConfigError
from curate.executors import local_threads
from curate.progress import Progress, silent
from curate.suspects.dataset import LabelDataset, load_dataset
from curate.suspects.evidence import ballot_evidence, vote_evidence
from curate.suspects.label_quality import RANKS, LabelScores, score_labels
from curate.suspects.model import OutOfFold, describe_pictures, predict_labels
from curate.suspects.noise_rates import ErrorRates, estimate_error_rates
from curate.suspects.out_of_fold import Learner, read_squares_for
from curate.suspects.reasons import explain
from curate.workspace import Workspace

__all__ = ["SuspectReport", "find_suspects", "score_dataset"]

_FEW = 300
"""Labelled pictures below which little can be learned of them; the anchors alone are 60 for each class."""


@dataclass(frozen=True, slots=True)
class SuspectReport:
    """What was judged and how.

    Attributes:
        rank: `balanced` or `yield`.
        model: what predicted the labels: `classical`, a recipe, or `classical x RECIPE`.
        use_votes: whether annotators' votes were evidence.
        samples: labels that were judged.
        agreement: share of them that the model, which had not seen them, would have given, too.
        error_rates: class -> expected share of wrong labels among those given.
        reliability: in [0, 1], how far these rates come from anchors; 0 = from the model's doubt alone.
        gold: samples of the gold test among them, on which nothing was fitted.
        left_out: label -> labelled samples of classes with fewer than five lineage groups, which were not judged.
        remarks: what the user should know before trusting the order.
    """

    rank: str
    model: str
    use_votes: bool
    samples: int
    agreement: float
    error_rates: Mapping[str, float]
    reliability: float
    gold: int
    left_out: Mapping[str, int]
    remarks: tuple[str, ...] = ()


def find_suspects(
    workspace: Workspace,
    *,
    rank: str = "balanced",
    use_votes: bool = False,
    learner: Learner | None = None,
    alone: bool = False,
    lines: Set[str] | None = None,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> SuspectReport:
    """Judge the given label of every sample that has one of the policy's classes.

    The outcome depends on pictures, labels, duplicates and the seed of curate.toml alone: not on the order in which
    sources came, or on how many workers there are. A learner has to keep that promise for itself.

    Args:
        workspace: what to judge; its table of suspects is replaced.
        rank: a key of `RANKS`.
        use_votes: take annotators' votes as evidence, too. Off by default, so that votes can serve as an independent
            judge of the order; labels that the policy takes from votes are judged all the same.
        learner: another model, fitted once for each fold; its probabilities are multiplied with the classical model's.
        alone: leave the classical model out; then a learner is needed.
        lines: names of the lines on whose gold tests nothing is fitted; None = all of this workspace.
        executor: threads or processes; None = threads on all cores, which share the pictures.
        progress: progress callback.

    Raises:
        ConfigError: unknown rank, or `alone` without a learner.
        NothingToScore: fewer than two classes have pictures of five lineage groups.
        WorkspaceLocked: another process writes to this workspace.
    """
    if rank not in RANKS:
        raise ConfigError(f"unknown rank `{rank}`; known: {', '.join(RANKS)}")
    if alone and learner is None:
        raise ConfigError("no model is left to predict labels; name the recipe that is to do it alone")
    seed = workspace.config.seed
    model = learner.name if learner and alone else f"classical x {learner.name}" if learner else "classical"
    # Threads of other libraries than BLAS are left alone: a learner may need them.
    with workspace.locked("curate suspects"), threadpool_limits(1, user_api="blas"):
        with nullcontext(executor) if executor else local_threads() as pool:
            dataset = load_dataset(workspace, lines=lines, executor=pool, progress=progress)
            described = None if alone else describe_pictures(dataset, seed=seed, executor=pool, progress=progress)
            squares = read_squares_for(learner, workspace, dataset, executor=pool, progress=progress)
            predicted = predict_labels(
                dataset, described, seed=seed, executor=pool, learner=learner, squares=squares, progress=progress
            )
        rates, scores = score_dataset(dataset, predicted, rank=rank, use_votes=use_votes)
        report = _report(dataset, predicted, rates, rank=rank, model=model, use_votes=use_votes)
        reasons = explain(dataset, predicted.probs, scores, use_votes=use_votes)
        with workspace.catalog() as catalog:
            stored = {**asdict(report), "covered": covered_digest(dataset.sample_ids)}
            suspects.replace_suspects(catalog, _rows(dataset, predicted, scores, reasons), report=stored)
    return report


def score_dataset(
    dataset: LabelDataset, predicted: OutOfFold, *, rank: str, use_votes: bool = False
) -> tuple[ErrorRates, LabelScores]:
    """Weigh the predictions with everything else that is known."""
    fitted = ~dataset.gold
    rates = estimate_error_rates(predicted.probs[fitted], dataset.label[fitted], predicted.half[fitted])
    evidence = ballot_evidence(dataset.label, dataset.ballots)
    support = dataset.ballots
    if use_votes:
        evidence = evidence + vote_evidence(dataset.label, dataset.votes)
        support = support + dataset.votes
    scores = score_labels(predicted.probs, dataset.label, rates, rank=rank, evidence=evidence, support=support)
    return rates, scores


def _report(
    dataset: LabelDataset, predicted: OutOfFold, rates: ErrorRates, *, rank: str, model: str, use_votes: bool
) -> SuspectReport:
    remarks = []
    if len(dataset) < _FEW:
        remarks.append(f"only {len(dataset):,} pictures have labels; below {_FEW} take the order as a rough guide")
    for label, count in dataset.left_out.items():
        remarks.append(
            f"{label}: {count:,} pictures were not judged, because they show fewer than five unrelated faces"
        )
    hits = predicted.probs.argmax(axis=1) == dataset.label
    return SuspectReport(
        rank=rank,
        model=model,
        use_votes=use_votes,
        samples=len(dataset),
        agreement=round(float(hits.mean()), 4),
        error_rates={name: round(float(rate), 4) for name, rate in zip(dataset.classes, rates.rate, strict=True)},
        reliability=round(rates.reliability, 4),
        gold=int(dataset.gold.sum()),
        left_out=dataset.left_out,
        remarks=tuple(remarks),
    )


def _rows(dataset: LabelDataset, predicted: OutOfFold, scores: LabelScores, reasons: list[str]) -> list[Suspect]:
    names = np.array([*dataset.classes, None], object)
    probs = np.zeros((len(dataset), len(LABELS)))
    probs[:, [LABELS.index(name) for name in dataset.classes]] = predicted.probs
    columns = (
        dataset.sample_ids,
        names[dataset.label],
        names[scores.suggested],
        names[scores.second],
        np.round(scores.quality, 6).tolist(),
        reasons,
        predicted.fold.tolist(),
        map(tuple, np.round(probs, 4).tolist()),
    )
    return [Suspect(*row) for row in zip(*columns, strict=True)]
