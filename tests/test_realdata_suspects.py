"""Suspects among FER-2013's labels, held against the ten annotators of FER+."""

import numpy as np
import pandas as pd
import pytest

from curate.duplicates import find_duplicates
from curate.emotions import LABELS
from curate.labels import OPEN, plurality
from curate.review import find_suspects
from curate.workspace import Workspace

pytestmark = pytest.mark.realdata


def contradicted(workspace: Workspace, table: pd.DataFrame) -> np.ndarray:
    """(N,) float: 1 where another label has strictly most votes, 0 where not, missing where nobody saw a face."""
    votes = workspace.votes().query("panel == '2017'").groupby("sample_id")[list(LABELS)].sum()
    counts = votes.reindex(table["sample_id"]).fillna(0).to_numpy(np.int64)
    majority = plurality(counts)
    given = table["given_label"].map(LABELS.index).to_numpy()
    seen = (counts.sum(axis=1) > 0) & ~np.isin(majority, (LABELS.index("unknown"), LABELS.index("not_a_face")))
    return np.where(seen, ((majority != OPEN) & (majority != given)).astype(float), np.nan)


@pytest.mark.parametrize(("rank", "auroc", "lift"), [("balanced", 0.82, 2.25), ("yield", 0.83, 2.35)])
def test_labels_that_annotators_contradict_come_first(merged: Workspace, rank: str, auroc: float, lift: float) -> None:
    find_duplicates(merged)
    find_suspects(merged, rank=rank)
    wrong = contradicted(merged, merged.suspects())
    wrong = wrong[~np.isnan(wrong)] == 1
    place = np.arange(len(wrong))
    bad, good = wrong.sum(), (~wrong).sum()
    assert 1 - (place[wrong].sum() - bad * (bad - 1) / 2) / (bad * good) >= auroc
    assert wrong[: len(wrong) // 10].mean() / wrong.mean() >= lift
