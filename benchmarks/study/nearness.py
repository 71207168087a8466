"""How well test pictures with a near copy in training are told, and the same pictures without these copies.

Pictures that were published twice may be easier or harder than others whatever was trained on. So the same PublicTest
pictures, with the same given labels, are also told by networks that were trained leak-free (`fer-v1`): what is left of
the gap there is the pictures' own, and what vanishes is the leak.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from curate.benchmark.experiment import near_copies
from curate.benchmark.intervals import Interval
from curate.benchmark.protocols import make_experiment
from curate.manifest import Version
from curate.runs.folder import run_folder
from curate.scores import read_scores, score_name
from curate.workspace import Workspace
from study.collection import SOURCE

__all__ = ["compare_nearness"]

_DRAWS = 2_000
_PART = "val"
"""PublicTest; the pictures of PrivateTest are in no leak-free version."""


def compare_nearness(workspace: Workspace, recipe: str) -> Iterator[dict[str, Any]]:
    """One entry for each way of training, over the PublicTest pictures that both ways scored; nothing without runs.

    Yields:
        recipe, trained ("as published" or "leak-free"), seeds, pictures with and without a near copy, and the
        accuracies as [estimate, low, high]: 95 % intervals over seeds and lineage groups drawn anew.
    """
    published, clean = workspace.version("fer-published"), workspace.version("fer-v1")
    task = make_experiment(published, "official", source=SOURCE)
    part = task.read_scored()[_PART]
    samples = np.array(part.table.column("sample_id").to_pylist(), object)
    told = [
        _read(published, recipe, "official", SOURCE, _PART, part.keys),
        _read(clean, recipe, "leak-free", None, "test", samples),
    ]
    if any(each is None for each in told):
        return
    common = np.logical_and.reduce([~np.isnan(each[0, :, 0]) for each in told if each is not None])
    near = near_copies(task.train, part)
    for trained, probs in zip(("as published", "leak-free"), told, strict=True):
        right = probs.argmax(axis=2) == part.labels  # type: ignore[union-attr]
        named = {"near": common & near, "apart": common & ~near}
        shares = _draw({name: (right[:, rows], part.groups[rows]) for name, rows in named.items()})
        yield {
            "recipe": recipe,
            "trained": trained,
            "seeds": len(right),
            "pictures_near": int(named["near"].sum()),
            "pictures_apart": int(named["apart"].sum()),
            **shares,
        }


def _read(
    version: Version, recipe: str, protocol: str, source: str | None, part: str, keys: np.ndarray
) -> np.ndarray | None:
    """(seeds, N, K) probabilities in the order of `keys`, NaN where a picture was not scored; None without runs."""
    runs = []
    for score in read_scores(version.folder.parent, version.name):
        if (score.recipe, score.protocol) != (recipe, protocol):
            continue
        name = score_name(recipe, protocol, source, score.seed)
        said = run_folder(version, name, score.fingerprint).read_predictions(part)
        if said is None:
            continue
        place = {key: row for row, key in enumerate(said.keys.tolist())}
        rows = np.array([place.get(key, -1) for key in keys.tolist()])
        runs.append(np.where(rows[:, None] >= 0, said.pred_probs[rows], np.nan))
    return np.stack(runs) if runs else None


def _draw(sides: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, list[float]]:
    """Accuracy of each side and their difference ("gap"), with intervals over seeds and lineage groups.

    Args:
        sides: name -> (seeds, N) bool, right or wrong, and (N,) lineage groups.
    """
    rng = np.random.default_rng(0)
    drawn, plain = {}, {}
    for name, (right, groups) in sides.items():
        _, group = np.unique(groups.astype(str), return_inverse=True)
        sizes = np.bincount(group)
        hits = np.stack([np.bincount(group, weights=run) for run in right])
        plain[name] = float(right.mean())
        drawn[name] = np.empty(_DRAWS)
        for number in range(_DRAWS):
            chosen = rng.integers(0, len(sizes), len(sizes))
            seeds = rng.integers(0, len(hits), len(hits))
            drawn[name][number] = hits[seeds][:, chosen].sum() / (len(hits) * sizes[chosen].sum())
    plain["gap"], drawn["gap"] = plain["near"] - plain["apart"], drawn["near"] - drawn["apart"]
    return {name: _rounded(Interval(value, *np.quantile(drawn[name], (0.025, 0.975)))) for name, value in plain.items()}


def _rounded(found: Interval) -> list[float]:
    return [round(float(each), 6) for each in found if each is not None]
