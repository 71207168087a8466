"""Suspects among FER-2013's labels, held against the ten annotators of FER+."""

from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from curate.duplicates import DuplicateReport
from curate.emotions import LABELS
from curate.executors import local_threads
from curate.labels import UNRESOLVED, plurality
from curate.progress import silent
from curate.suspects import score_dataset
from curate.suspects.dataset import LabelDataset, load_dataset
from curate.suspects.model import OutOfFold, describe_pictures, predict_labels
from curate.workspace import Workspace

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def predicted(merged_searched: tuple[Workspace, DuplicateReport]) -> tuple[LabelDataset, OutOfFold]:
    """All that `find_suspects` does before it judges, on a third of the pictures, to save time."""
    with threadpool_limits(1, user_api="blas"), local_threads() as executor:
        dataset = third_of(load_dataset(merged_searched[0], executor=executor, progress=silent))
        described = describe_pictures(dataset, seed=0, executor=executor)
        return dataset, predict_labels(dataset, described, seed=0, executor=executor)


def third_of(dataset: LabelDataset) -> LabelDataset:
    """Every third lineage group."""
    kept = np.flatnonzero(dataset.lineage % 3 == 0)
    parts = ("pictures", "label", "lineage", "group", "copies", "ballots", "votes", "gold")
    return replace(
        dataset,
        sample_ids=[dataset.sample_ids[place] for place in kept],
        **{name: getattr(dataset, name)[kept] for name in parts},
    )


def contradicted(workspace: Workspace, dataset: LabelDataset) -> np.ndarray:
    """(N,) float: 1 where another label has strictly most votes, 0 where not, missing where nobody saw a face."""
    votes = workspace.votes().query("panel == '2017'").groupby("sample_id")[list(LABELS)].sum()
    counts = votes.reindex(dataset.sample_ids).fillna(0).to_numpy(np.int64)
    majority = plurality(counts)
    given = np.array([LABELS.index(dataset.classes[code]) for code in dataset.label])
    seen = (counts.sum(axis=1) > 0) & ~np.isin(majority, (LABELS.index("unknown"), LABELS.index("not_a_face")))
    return np.where(seen, ((majority != UNRESOLVED) & (majority != given)).astype(float), np.nan)


@pytest.mark.parametrize(("rank", "auroc", "lift"), [("balanced", 0.82, 2.25), ("yield", 0.83, 2.35)])
def test_labels_that_annotators_contradict_come_first(
    merged_searched: tuple[Workspace, DuplicateReport],
    predicted: tuple[LabelDataset, OutOfFold],
    rank: str,
    auroc: float,
    lift: float,
) -> None:
    quality = score_dataset(*predicted, rank=rank)[1].quality
    wrong = contradicted(merged_searched[0], predicted[0])[np.argsort(quality, kind="stable")]
    wrong = wrong[~np.isnan(wrong)] == 1
    place = np.arange(len(wrong))
    bad, good = wrong.sum(), (~wrong).sum()
    assert 1 - (place[wrong].sum() - bad * (bad - 1) / 2) / (bad * good) >= auroc
    assert wrong[: len(wrong) // 10].mean() / wrong.mean() >= lift
