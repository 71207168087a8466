"""Compare two versions by the stored predictions of their runs, with the newest labels of their gold test.

The gold test of a line may shrink, when pictures leave because their source was forgotten: versions of one line are
compared on what both, and the line's newest version, still hold.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from curate.benchmark.gold import gold_labels, gold_members
from curate.benchmark.recipe_digest import revision_of, same_recipe
from curate.benchmark.score_check import sound_scores
from curate.benchmark.statistics import Difference, compare_predictions
from curate.errors import NotComparable
from curate.manifest import Version
from curate.runs.folder import Predictions, folder_of
from curate.scores import Score
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
        labels_of: the version whose labels of the gold test count; pictures that it no longer holds do not.
        only_in_a, only_in_b: gold pictures that the other version does not hold.
        not_sealed: runs whose scores carry no digests, as older releases wrote them.
        environments_a, environments_b: what computed the runs, in words; see `Environment.computes`.
        difference: b minus a.
        sentence: the conclusion in plain words.
    """

    a: str
    b: str
    recipe: str
    labels_of: str
    only_in_a: int
    only_in_b: int
    not_sealed: int
    environments_a: tuple[str, ...]
    environments_b: tuple[str, ...]
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
        NotComparable: another gold test, other classes, no recipe of the same revision in common, or predictions that
            are not here.
        VersionNotFound, VersionDamaged: a version cannot be read. (Damaged scores are left out; `damaged_scores` names
            them.)
    """
    versions = workspace.version(a), workspace.version(b)
    _check_versions(*versions, disjoint=seeds_a is not None and seeds_b is not None)
    runs = [_runs(version, seeds) for version, seeds in zip(versions, (seeds_a, seeds_b), strict=True)]
    shared = sorted(set(runs[0]) & set(runs[1]))
    if not shared:
        raise NotComparable(_nothing_shared(versions, runs))
    gold = _shared_gold(*versions)
    return [_compare(versions, key[0], runs[0][key], runs[1][key], gold) for key in shared]


def _check_versions(a: Version, b: Version, *, disjoint: bool) -> None:
    if a.name == b.name and not disjoint:
        raise NotComparable(f"{a.name} and {b.name} are one version; name two")
    same = a.header.gold.digest == b.header.gold.digest
    if not same and a.header.line != b.header.line:
        raise NotComparable(
            f"{a.name} (line {a.header.line}) and {b.name} (line {b.header.line}) are scored on different gold "
            "tests, so that a difference says nothing about the versions; freeze one from the other: `curate freeze "
            f"NEW --from {a.name}`"
        )
    if a.header.classes != b.header.classes:
        raise NotComparable(
            f"{a.name} has the classes {', '.join(a.header.classes)} and {b.name} {', '.join(b.header.classes)}; "
            "freeze both with the same [policy] classes"
        )


class _Gold(NamedTuple):
    """The pictures that count, and those that do not.

    Attributes:
        keys, labels: of the pictures that both versions hold and the newest version of the line still labels.
        labels_of: that newest version.
        unlabelled: pictures that both versions hold, but the newest does not or without a label of these classes.
        only_in_a, only_in_b: pictures that only one version holds.
    """

    keys: list[str]
    labels: np.ndarray
    labels_of: str
    unlabelled: int
    only_in_a: int
    only_in_b: int


def _shared_gold(a: Version, b: Version) -> _Gold:
    newest = gold_labels(a)
    of_a, of_b = gold_members(a), gold_members(b)
    both = sorted(of_a & of_b)
    labels = newest.places(both, a.header.classes)
    if not (labels >= 0).any():
        raise NotComparable(
            f"{a.name} and {b.name} share no gold picture that {newest.version} still holds; compare versions that do"
        )
    keys = [key for key, label in zip(both, labels.tolist(), strict=True) if label >= 0]
    missing = len(both) - len(keys)
    return _Gold(keys, labels[labels >= 0], newest.version, missing, len(of_a - of_b), len(of_b - of_a))


_Runs = dict[tuple[str, str], list[Score]]
"""Scores by recipe and digest of the recipe."""


def _runs(version: Version, seeds: Iterable[int] | None) -> _Runs:
    """Leak-free scores that have a gold test."""
    wanted = None if seeds is None else set(seeds)
    runs: _Runs = {}
    for score in sound_scores(version).sound:
        of_gold = score.protocol == _PROTOCOL and "gold" in score.scored
        if of_gold and (wanted is None or score.seed in wanted):
            runs.setdefault(same_recipe(score), []).append(score)
    return runs


def _nothing_shared(versions: Sequence[Version], runs: Sequence[_Runs]) -> str:
    changed = sorted({name for name, _ in runs[0]} & {name for name, _ in runs[1]})
    if changed:
        states = (f"{version.name}: {_states(side, changed[0])}" for version, side in zip(versions, runs, strict=True))
        return (
            f"{versions[0].name} and {versions[1].name} were scored with different states of {', '.join(changed)} "
            f"({'; '.join(states)}); run `curate benchmark` on both again"
        )
    known = [f"{version.name}: {_recipes_of(version, side)}" for version, side in zip(versions, runs, strict=True)]
    return (
        f"no recipe in common among the leak-free scores of {known[0]}; {known[1]}. Scores of different recipes or "
        f"protocols are not compared; run `curate benchmark` on both with one recipe"
    )


def _states(runs: _Runs, recipe: str) -> str:
    """Revision and settings of a recipe, in words."""
    states = set()
    for (name, digest), scores in runs.items():
        revision = revision_of(scores[0])
        if name == recipe:
            states.add("an older release" if revision is None else f"revision {revision}, settings {digest[:8]}")
    return ", ".join(sorted(states))


def _recipes_of(version: Version, runs: _Runs) -> str:
    """Recipes of the scores that count, and what does not count."""
    stored = sound_scores(version)
    leaking = sorted({score.protocol for score in stored.sound if score.leaks})
    more = f" (and leaking {', '.join(leaking)}, which do not count)" if leaking else ""
    more += f" ({len(stored.damaged)} damaged, see `curate verify {version.name}`)" if stored.damaged else ""
    return f"{', '.join(sorted(name for name, _ in runs)) or 'none'}{more}"


def _compare(
    versions: tuple[Version, Version],
    recipe: str,
    scores_a: list[Score],
    scores_b: list[Score],
    gold: _Gold,
) -> Comparison:
    both = (scores_a, scores_b)
    sides = [[_predictions(version, score) for score in side] for version, side in zip(versions, both, strict=True)]
    rows = [[_rows_of(run, gold.keys) for run in side] for side in sides]
    stacks = [
        np.stack([run.pred_probs[chosen] for run, chosen in zip(side, places, strict=True)])
        for side, places in zip(sides, rows, strict=True)
    ]
    groups = sides[0][0].groups[rows[0][0]]
    classes = versions[0].header.classes
    difference = compare_predictions(gold.labels, *stacks, groups=groups, classes=classes)
    a, b = (version.name for version in versions)
    environments = [tuple(sorted({score.environment.computes for score in side})) for side in both]
    return Comparison(
        a=a,
        b=b,
        recipe=recipe,
        labels_of=gold.labels_of,
        only_in_a=gold.only_in_a,
        only_in_b=gold.only_in_b,
        not_sealed=sum(not score.is_sealed for score in [*scores_a, *scores_b]),
        environments_a=environments[0],
        environments_b=environments[1],
        difference=difference,
        sentence=_sentence(a, b, difference) + _on_what(a, b, gold) + _where(a, b, *environments),
    )


def _where(a: str, b: str, first: tuple[str, ...], second: tuple[str, ...]) -> str:
    """In what the environments differ, where they do."""
    if first == second and len(first) == 1:
        return ""
    made = "; ".join(f"{name} with {' and with '.join(side)}" for name, side in ((a, first), (b, second)))
    return f"; made in different environments, which may be a part of the difference: {made}"


def _predictions(version: Version, score: Score) -> Predictions:
    predictions = folder_of(version, score).read_predictions("gold")
    if predictions is None:
        raise NotComparable(
            f"the predictions of {score.recipe} on {version.name} with seed {score.seed} are not in this "
            f"workspace, only its score; run `curate benchmark {version.name} --recipe {score.recipe}` here"
        )
    return predictions


def _rows_of(run: Predictions, keys: list[str]) -> list[int]:
    """Where the pictures `keys` are in the predictions of a run."""
    row_of = {key: row for row, key in enumerate(run.keys.tolist())}
    if any(key not in row_of for key in keys):
        raise NotComparable("two runs were scored on different gold pictures; remove .curate/runs and benchmark again")
    return [row_of[key] for key in keys]


def _sentence(a: str, b: str, difference: Difference) -> str:
    seeds = _seeds(a, b, difference)
    change = f"accuracy {100 * difference.accuracy.estimate:+.1f} points"
    if difference.accuracy.low is None or difference.accuracy.high is None:
        return f"no difference shown with {seeds}: {change}, but one run does not tell the spread; take 3"
    interval = f"95 % interval {100 * difference.accuracy.low:+.1f} to {100 * difference.accuracy.high:+.1f}"
    if difference.verdict != "no difference shown":
        each = " each" if difference.seeds_a == difference.seeds_b else ""
        return f"{b} is {difference.verdict} than {a}: {change} ({interval}), with {seeds}{each}"
    needed = (
        f"about {difference.seeds_needed} would be needed to show a difference of this size"
        if difference.seeds_needed is not None and difference.seeds_needed <= _BEARABLE
        else f"more seeds would hardly show it on {difference.pictures:,} pictures; a larger gold test might"
    )
    return f"no difference shown with {seeds}: {change} ({interval}); {needed}"


def _seeds(a: str, b: str, difference: Difference) -> str:
    first = f"{difference.seeds_a} seed{'' if difference.seeds_a == 1 else 's'}"
    return first if difference.seeds_a == difference.seeds_b else f"{first} of {a} and {difference.seeds_b} of {b}"


def _on_what(a: str, b: str, gold: _Gold) -> str:
    """Which pictures count, where it is not the whole gold test of both."""
    more = [f"{name} has {n:,} more" for name, n in ((a, gold.only_in_a), (b, gold.only_in_b)) if n]
    if not more and not gold.unlabelled:
        return ""
    labelled = f" and {gold.labels_of} still labels" if gold.unlabelled else ""
    return "; ".join(["", f"on the {len(gold.keys):,} gold pictures that both hold{labelled}", *more])
