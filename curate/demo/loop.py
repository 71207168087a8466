"""The second half of the demo: release, review, release again, augment, score; with an oracle for a reviewer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec

from curate.augment import augment_version
from curate.benchmark import LeaderboardRow, benchmark_version, rank_scores
from curate.catalog.decisions import append_decisions
from curate.decisions import Decision, Kind
from curate.demo.faults import Planted
from curate.manifest import diff_versions, verify_version
from curate.progress import Progress, silent
from curate.suspects import find_suspects
from curate.version import freeze_version
from curate.workspace import Workspace

__all__ = ["close_loop", "compare_with_planted", "drawn_emotions", "fill_queue", "review_suspects", "wrong_labels"]

ORACLE = "oracle"
_LOOKS_PER_WRONG_LABEL = 2
_COPIES_THAT_MAY_LIE = ("conflicting exact copy", "copy in another source")
_CLASSICAL, _NETWORK = "hog-ridge", "compact-quick"
_SEEDS = {_CLASSICAL: 3, _NETWORK: 1}


def fill_queue(workspace: Workspace, *, created: datetime, progress: Progress = silent) -> None:
    """Make `v1`, and judge all labels: what there is to review now lies in the queue.

    Args:
        workspace: ingested and searched for duplicates.
        created: now.
        progress: progress callback.
    """
    freeze_version(workspace, "v1", created=created)
    find_suspects(workspace, progress=progress)


def close_loop(
    workspace: Workspace,
    planted: Planted,
    *,
    created: datetime,
    recipes: Sequence[str] | None = None,
    progress: Progress = silent,
) -> list[LeaderboardRow]:
    """Correct the most suspicious labels, make `v2` and `v2-x4`, and score them and `v1`.

    Args:
        workspace: its queue is filled.
        planted: what the oracle knows.
        created: now.
        recipes: what to score with; None = the classical one, and a small network where Keras is installed.
        progress: progress callback.
    """
    review_suspects(workspace, planted, created=created)
    freeze_version(workspace, "v2", created=created + timedelta(seconds=1))
    augment_version(workspace, "v2", created=created + timedelta(seconds=2), progress=progress)
    installed = (_CLASSICAL, _NETWORK) if find_spec("keras") else (_CLASSICAL,)
    for name in ("v1", "v2", "v2-x4"):
        for recipe in installed if recipes is None else recipes:
            seeds = range(_SEEDS.get(recipe, 1))
            benchmark_version(
                workspace, name, created=created, recipe=recipe, seeds=seeds, device="cpu", progress=progress
            )
    return rank_scores(workspace)


def review_suspects(workspace: Workspace, planted: Planted, *, created: datetime) -> None:
    """Answer for the most suspicious labels, twice as many as were planted wrong: what was drawn is right."""
    truth = wrong_labels(workspace, planted)
    looks = _LOOKS_PER_WRONG_LABEL * len(planted.of_kind("wrong label"))
    queue = workspace.suspects().sort_values(["quality", "sample_id"]).head(looks)
    with workspace.catalog() as catalog:
        for number, (sample_id, given) in enumerate(zip(queue["sample_id"], queue["given_label"], strict=True)):
            drawn = truth.get(sample_id, given)
            kind: Kind = "confirm" if drawn == given else "relabel"
            at = (created + timedelta(milliseconds=number)).isoformat(timespec="milliseconds")
            line = Decision(
                action=f"demo-{number}",
                kind=kind,
                sample_id=sample_id,
                label=drawn,
                reviewer=ORACLE,
                at=at,
                screen="demo",
                shown=given,
                given=given,
            )
            append_decisions(catalog, [line])


def compare_with_planted(workspace: Workspace, planted: Planted) -> Mapping[str, tuple[int, int]]:
    """What the loop must show: how many there are of each, and how many were found or hold."""
    wrong = wrong_labels(workspace, planted).keys()
    first, second = workspace.version("v1"), workspace.version("v2")
    decided = workspace.decisions()
    relabelled = set(decided[decided["kind"] == "relabel"]["sample_id"])
    both = relabelled & set(first.rows()["sample_id"]) & set(second.rows()["sample_id"])
    changed = diff_versions(first, second).relabelled
    names = workspace.version_names()
    clean = [not verify_version(workspace.manifests, name, state=workspace.state).findings for name in names]
    return {
        "wrong labels, met in twice as many looks": (len(wrong), len(wrong & set(decided["sample_id"]))),
        "corrected labels that the diff shows": (len(both), len(both & set(changed["sample_id"]))),
        "versions without a leak": (len(names), sum(clean)),
    }


def wrong_labels(workspace: Workspace, planted: Planted) -> dict[str, str]:
    """sample_id -> the emotion that was drawn, for pictures whose delivered label is wrong."""
    sample = _samples_by_place(workspace)
    return {sample[fault.source, fault.key]: fault.detail for fault in planted.of_kind("wrong label")}


def drawn_emotions(workspace: Workspace, planted: Planted) -> dict[str, str]:
    """sample_id -> the emotion that was drawn, for every picture: all that an oracle needs to know."""
    sample = _samples_by_place(workspace)
    doubtful = planted.of_kind(*_COPIES_THAT_MAY_LIE)
    truth = {sample[fault.source, fault.key]: fault.detail for fault in doubtful} | wrong_labels(workspace, planted)
    occurrences = workspace.occurrences()
    given = zip(occurrences["sample_id"], occurrences["given_label"], strict=True)
    return {sample_id: truth.get(sample_id, label) for sample_id, label in given}


def _samples_by_place(workspace: Workspace) -> dict[tuple[str, str], str]:
    occurrences = workspace.occurrences()
    places = zip(occurrences["source"], occurrences["key"], strict=True)
    return dict(zip(places, occurrences["sample_id"], strict=True))
