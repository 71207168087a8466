"""Everything that the page says, as plain values, read from versions, scores and stored predictions."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from curate.benchmark import compare_versions, rank_scores
from curate.benchmark.intervals import Interval, mean_interval
from curate.manifest import diff_versions
from curate.scores import Score, read_scores
from curate.storage import replace_file
from curate.workspace import Workspace
from study.nearness import compare_nearness
from study.training import CLASSICAL, FULL, QUICK
from study.versions import BUDGETS

__all__ = ["BUDGET_LINE", "Results", "collect_results"]

BUDGET_LINE = {"fer-v2": 0.0, **BUDGETS, "fer-plus": 1.0}
"""Version -> share of its training and validation pictures that was reviewed."""

_COMPARED = (
    ("fer-v1", "fer-v2"), ("fer-v2", "fer-b5"), ("fer-v2", "fer-v3"), ("fer-v2", "fer-b20"), ("fer-v2", "fer-plus"),
    ("fer-v3", "fer-plus"), ("fer-v3", "fer-v3-x4"),
)  # fmt: skip


@dataclass(frozen=True)
class Results:
    """Plain values: what `results.json` holds."""

    values: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """12 hex of the values without processor times."""
        told = {name: value for name, value in self.values.items() if name != "cost"}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]

    def write(self, path: Path) -> Path:
        """Write them, and say where."""
        replace_file(path, json.dumps(self.values, indent=1) + "\n")
        return path


def collect_results(workspace: Workspace, found: Mapping[str, Any]) -> Results:
    """Read what there is; runs that were not made are missing from the tables.

    Args:
        workspace: of the study.
        found: what `make_workspace` returned, and `ceilings`.
    """
    scores = list(chain.from_iterable(read_scores(workspace.manifests, name) for name in workspace.version_names()))
    return Results(
        {
            "duplicates": found["duplicates"],
            "leaks": [_leak(each) for each in found["audit"]["leaks"]],
            "conflicts": [_few(each, "where", "count", "occurrences") for each in found["audit"]["conflicts"]],
            "disagreement": [_few(each, "b", "shared", "agreement") for each in found["audit"]["disagreements"]],
            "ceilings": found["ceilings"],
            "versions": list(_versions(workspace)),
            "steps": list(_steps(workspace)),
            "standings": [_standing(each) for each in rank_scores(workspace)],
            "official": list(_official(scores)),
            "nearness": list(
                chain.from_iterable(compare_nearness(workspace, each) for each in (CLASSICAL, QUICK, FULL))
            ),
            "comparisons": list(_comparisons(workspace)),
            "cost": _cost(scores),
        }
    )


def _few(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: told[name] for name in names}


def _leak(told: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("label", "pictures", "exact", "near", "transformed", "share")
    return {
        **_few(told, "split", "pictures", "exact", "near", "transformed", "leaking", "share"),
        "classes": [_few(each, *kept) for each in told["classes"]],
    }


def _versions(workspace: Workspace) -> Iterator[dict[str, Any]]:
    for version in workspace.versions():
        header = version.header
        yield {
            "name": version.name,
            "digest": header.digest,
            "parent": header.parent_name or None,
            "gold": header.gold.digest,
            "rows": header.split_sizes,
            "left_out": header.left_out,
        }


def _steps(workspace: Workspace) -> Iterator[dict[str, Any]]:
    """What each version of the line changed in its parent, and how many pictures were looked at for it."""
    action = workspace.decisions()["action"].str.rsplit("-", n=1).str[0]
    for version in workspace.versions():
        parent = version.header.parent
        if parent is None or version.header.derived is not None:
            continue
        changed = diff_versions(workspace.version(parent.name), version)
        train = version.rows().query("split != 'test'")["sample_id"]
        yield {
            "name": version.name,
            "parent": parent.name,
            "looked_at": int((action == version.name).sum()),
            "added": len(changed.added),
            "removed": len(changed.removed),
            "relabelled": len(changed.relabelled),
            "relabelled_outside_gold": int(changed.relabelled["sample_id"].isin(train).sum()),
        }


def _standing(each: Any) -> dict[str, Any]:
    return {
        **_few(each._asdict(), "version", "recipe", "protocol", "part", "seeds", "leaks"),
        **{name: _interval(getattr(each, name)) for name in ("accuracy", "macro_f1", "balanced_accuracy")},
    }


def _official(scores: list[Score]) -> Iterator[dict[str, Any]]:
    """PublicTest and PrivateTest as published: each recipe's accuracies."""
    for recipe in dict.fromkeys(score.recipe for score in scores if score.protocol == "official"):
        runs = [score for score in scores if (score.recipe, score.protocol) == (recipe, "official")]
        for part, name in (("val", "PublicTest"), ("test", "PrivateTest")):
            told = {
                key: _interval(mean_interval(np.array([getattr(run.scored[part], key) for run in runs])))
                for key in ("accuracy", "accuracy_mirrored", "macro_f1")
            }
            yield {"recipe": recipe, "part": name, "seeds": len(runs), **told}


def _comparisons(workspace: Workspace) -> Iterator[dict[str, Any]]:
    trained = {
        name: {score.recipe for score in read_scores(workspace.manifests, name)} for name in workspace.version_names()
    }
    for a, b in _COMPARED:
        if not trained.get(a, set()) & trained.get(b, set()):
            continue
        for each in compare_versions(workspace, a, b):
            told = each.difference
            yield {
                "a": a,
                "b": b,
                "recipe": each.recipe,
                "verdict": told.verdict,
                "accuracy": _interval(told.accuracy),
                "macro_f1": _interval(told.macro_f1),
                "mcnemar": told.mcnemar,
                "sentence": each.sentence,
                "classes": [change._asdict() for change in told.classes],
            }


def _interval(found: Interval) -> list[float | None]:
    return [None if each is None else round(each, 6) for each in found]


def _cost(scores: list[Score]) -> list[dict[str, Any]]:
    """Seconds by recipe and protocol, and where."""
    kinds = sorted({(score.recipe, score.protocol) for score in scores})
    told = []
    for recipe, protocol in kinds:
        own = [score for score in scores if (score.recipe, score.protocol) == (recipe, protocol)]
        told.append(
            {
                "recipe": recipe,
                "protocol": protocol,
                "runs": len(own),
                "seconds": round(sum(score.seconds for score in own)),
                "core_seconds": round(sum(score.cpu_seconds or 0 for score in own)),
                "device": own[0].environment.device,
            }
        )
    return told
