"""Compare two versions by the stored predictions of their runs, with the newest labels of their gold test."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from curate.benchmark.gold import GoldLabels, gold_labels
from curate.benchmark.run import run_folder
from curate.benchmark.run_folder import Predictions
from curate.benchmark.statistics import Difference, compare_predictions
from curate.errors import NotComparable
from curate.manifest import Version
from curate.scores import read_scores, score_name
from curate.workspace import Workspace

__all__ = ["Comparison", "compare_versions"]

_PROTOCOL = "leak-free"
_BEARABLE = 100
"""More seeds than that nobody trains."""


class Comparison(NamedTuple):
    """Two versions under one recipe.

    Attributes:
        a, b: their names.
        recipe: of both.
        labels_of: the version whose labels of the gold test count.
        difference: b minus a.
        sentence: the conclusion in plain words.
    """

    a: str
    b: str
    recipe: str
    labels_of: str
    difference: Difference
    sentence: str


def compare_versions(
    workspace: Workspace,
    a: str,
    b: str,
    *,
    seeds_a: Iterable[int] | None = None,
    seeds_b: Iterable[int] | None = None,
) -> list[Comparison]:
    """Every recipe that both versions were benchmarked with, by the protocol leak-free.

    Args:
        workspace: where.
        a: name of the older version.
        b: name of the newer one; may be the same if the seeds differ.
        seeds_a: only these runs of a; None = all.
        seeds_b: likewise of b.

    Raises:
        NotComparable: another gold test, other classes, no recipe in common, or predictions that are not here.
        VersionNotFound, VersionDamaged, ScoreDamaged: a version or its scores cannot be read.
    """
    versions = workspace.version(a), workspace.version(b)
    _check_versions(*versions, disjoint=seeds_a is not None and seeds_b is not None)
    runs = [_runs(version, seeds) for version, seeds in zip(versions, (seeds_a, seeds_b), strict=True)]
    shared = sorted(set(runs[0]) & set(runs[1]))
    if not shared:
        raise NotComparable(_nothing_shared(versions, runs))
    newest = gold_labels(versions[0])
    return [_compare(versions, key[0], runs[0][key], runs[1][key], newest) for key in shared]


def _check_versions(a: Version, b: Version, *, disjoint: bool) -> None:
    if a.name == b.name and not disjoint:
        raise NotComparable(f"{a.name} and {b.name} are one version; name two")
    if a.header["gold"]["digest"] != b.header["gold"]["digest"]:
        raise NotComparable(
            f"{a.name} (line {a.header['line']}) and {b.name} (line {b.header['line']}) are scored on different gold "
            "tests, so that a difference says nothing about the versions; freeze one from the other: `curate freeze "
            f"NEW --from {a.name}`"
        )
    if a.header["classes"] != b.header["classes"]:
        raise NotComparable(
            f"{a.name} has the classes {', '.join(a.header['classes'])} and {b.name} {', '.join(b.header['classes'])}; "
            "freeze both with the same [policy] classes"
        )


_Runs = dict[tuple[str, str], list[dict[str, Any]]]
"""Scores by recipe and digest of the recipe."""


def _runs(version: Version, seeds: Iterable[int] | None) -> _Runs:
    """Leak-free scores that have a gold test."""
    wanted = None if seeds is None else set(seeds)
    found: _Runs = {}
    for score in read_scores(version.folder.parent, version.name):
        of_gold = score["protocol"] == _PROTOCOL and "gold" in score["scored"]
        usable = of_gold and score["version_digest"] == version.header["digest"]
        if usable and (wanted is None or score["seed"] in wanted):
            found.setdefault((score["recipe"], score["recipe_digest"]), []).append(score)
    return found


def _nothing_shared(versions: Sequence[Version], runs: Sequence[_Runs]) -> str:
    told = []
    for version, own in zip(versions, runs, strict=True):
        all_scores = read_scores(version.folder.parent, version.name)
        leaking = sorted({score["protocol"] for score in all_scores if score["leaks"]})
        more = f" (and leaking {', '.join(leaking)}, which do not count)" if leaking else ""
        told.append(f"{version.name}: {', '.join(sorted(name for name, _ in own)) or 'none'}{more}")
    changed = {name for name, _ in runs[0]} & {name for name, _ in runs[1]}
    if changed:
        what = ", ".join(sorted(changed))
        return (
            f"{versions[0].name} and {versions[1].name} were scored with different states of {what}, whose code or "
            "settings changed in between; run `curate benchmark` on both again"
        )
    return (
        f"no recipe in common among the leak-free scores of {told[0]}; {told[1]}. Scores of different recipes or "
        f"protocols are not compared; run `curate benchmark` on both with one recipe"
    )


def _compare(
    versions: tuple[Version, Version],
    recipe: str,
    scores_a: list[dict[str, Any]],
    scores_b: list[dict[str, Any]],
    newest: GoldLabels,
) -> Comparison:
    sides = [
        [_predictions(version, score) for score in scores]
        for version, scores in zip(versions, (scores_a, scores_b), strict=True)
    ]
    classes = tuple(versions[0].header["classes"])
    keys = sides[0][0].keys
    labels = newest.places(keys.tolist(), classes)
    inside = labels >= 0
    stacks = [np.stack([_in_order(run, keys)[inside] for run in side]) for side in sides]
    found = compare_predictions(labels[inside], *stacks, groups=sides[0][0].groups[inside], classes=classes)
    a, b = (version.name for version in versions)
    return Comparison(a, b, recipe, newest.version, found, _sentence(a, b, found))


def _predictions(version: Version, score: dict[str, Any]) -> Predictions:
    name = score_name(score["recipe"], score["protocol"], score["source"], score["seed"])
    found = run_folder(version, name, score["fingerprint"]).read_predictions("gold")
    if found is None:
        raise NotComparable(
            f"the predictions of {score['recipe']} on {version.name} with seed {score['seed']} are not in this "
            f"workspace, only its score; run `curate benchmark {version.name} --recipe {score['recipe']}` here"
        )
    return found


def _in_order(run: Predictions, keys: np.ndarray) -> np.ndarray:
    """The probabilities of a run in the order of `keys`."""
    place = {key: row for row, key in enumerate(run.keys.tolist())}
    missing = [key for key in keys.tolist() if key not in place]
    if missing or len(place) != len(keys):
        raise NotComparable("two runs were scored on different gold pictures; remove .curate/runs and benchmark again")
    return run.pred_probs[[place[key] for key in keys.tolist()]]


def _sentence(a: str, b: str, found: Difference) -> str:
    seeds = min(found.seeds_a, found.seeds_b)
    plural = "" if seeds == 1 else "s"
    change = f"accuracy {100 * found.accuracy.estimate:+.1f} points"
    if found.accuracy.low is None or found.accuracy.high is None:
        return f"no difference shown with {seeds} seed{plural}: {change}, but one run does not tell the spread; take 3"
    interval = f"95 % interval {100 * found.accuracy.low:+.1f} to {100 * found.accuracy.high:+.1f}"
    if found.verdict != "no difference shown":
        return f"{b} is {found.verdict} than {a}: {change} ({interval}), with {seeds} seed{plural} each"
    needed = (
        f"about {found.seeds_needed} would be needed to show a difference of this size"
        if found.seeds_needed is not None and found.seeds_needed <= _BEARABLE
        else f"more seeds would hardly show it on {found.pictures:,} pictures; a larger gold test might"
    )
    return f"no difference shown with {seeds} seed{plural}: {change} ({interval}); {needed}"
