"""Find a workspace's suspects: predict out of fold, judge, and put the outcome in the place of the last one."""

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
from curate.suspects.dataset import LabelDataset, load_collection
from curate.suspects.evidence import ballot_evidence, vote_evidence
from curate.suspects.label_quality import RANKS, LabelScores, score_labels
from curate.suspects.model import Predicted, describe_pictures, predict_labels
from curate.suspects.noise_rates import ErrorRates, estimate_error_rates
from curate.suspects.out_of_fold import Learner
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
        executor: threads (the work shares the pictures); None = threads on all cores.
        progress: told how far it is.

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
            collection = load_collection(workspace, lines=lines, executor=pool, progress=progress)
            views = [] if alone else describe_pictures(collection, seed=seed, executor=pool, progress=progress)
            predicted = predict_labels(collection, views, seed=seed, executor=pool, learner=learner, progress=progress)
        rates, judgement = score_dataset(collection, predicted, rank=rank, use_votes=use_votes)
        report = _report(collection, predicted, rates, rank=rank, model=model, use_votes=use_votes)
        reasons = explain(collection, predicted.probs, judgement, use_votes=use_votes)
        with workspace.catalog() as catalog:
            stored = {**asdict(report), "covered": covered_digest(collection.sample_ids)}
            suspects.replace_suspects(catalog, _rows(collection, predicted, judgement, reasons), report=stored)
    return report


def score_dataset(
    collection: LabelDataset, predicted: Predicted, *, rank: str, use_votes: bool = False
) -> tuple[ErrorRates, LabelScores]:
    """Weigh the predictions with everything else that is known."""
    fitted = ~collection.gold
    rates = estimate_error_rates(predicted.probs[fitted], collection.label[fitted], predicted.half[fitted])
    evidence = ballot_evidence(collection.label, collection.ballots)
    support = collection.ballots
    if use_votes:
        evidence = evidence + vote_evidence(collection.label, collection.votes)
        support = support + collection.votes
    judgement = score_labels(predicted.probs, collection.label, rates, rank=rank, evidence=evidence, support=support)
    return rates, judgement


def _report(
    collection: LabelDataset, predicted: Predicted, rates: ErrorRates, *, rank: str, model: str, use_votes: bool
) -> SuspectReport:
    remarks = []
    if len(collection) < _FEW:
        remarks.append(f"only {len(collection):,} pictures have labels; below {_FEW} take the order as a rough guide")
    for label, count in collection.left_out.items():
        remarks.append(
            f"{label}: {count:,} pictures were not judged, because they show fewer than five unrelated faces"
        )
    hits = predicted.probs.argmax(axis=1) == collection.label
    return SuspectReport(
        rank=rank,
        model=model,
        use_votes=use_votes,
        samples=len(collection),
        agreement=round(float(hits.mean()), 4),
        error_rates={name: round(float(rate), 4) for name, rate in zip(collection.classes, rates.rate, strict=True)},
        reliability=round(rates.reliability, 4),
        gold=int(collection.gold.sum()),
        left_out=collection.left_out,
        remarks=tuple(remarks),
    )


def _rows(collection: LabelDataset, predicted: Predicted, judgement: LabelScores, reasons: list[str]) -> list[Suspect]:
    names = np.array([*collection.classes, None], object)
    probs = np.zeros((len(collection), len(LABELS)))
    probs[:, [LABELS.index(name) for name in collection.classes]] = predicted.probs
    columns = (
        collection.sample_ids,
        names[collection.label],
        names[judgement.suggested],
        names[judgement.second],
        np.round(judgement.quality, 6).tolist(),
        reasons,
        predicted.fold.tolist(),
        map(tuple, np.round(probs, 4).tolist()),
    )
    return [Suspect(*row) for row in zip(*columns, strict=True)]
