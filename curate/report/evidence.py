"""What the other stages know of a version: its audits, reviews, scores and histories."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from curate.audit import AuditReport, audit_version, audit_workspace
from curate.benchmark import Comparison, LeaderboardRow, compare_versions, rank_scores
from curate.benchmark.score_check import sound_scores
from curate.catalog import decisions
from curate.errors import NotComparable
from curate.manifest import Version
from curate.progress import Progress, silent
from curate.review.overview import DecisionSummary, summarise_decisions
from curate.runs.folder import folder_of
from curate.runs.history import Epoch
from curate.scores import StoredScores
from curate.workspace import Workspace

__all__ = ["Evidence", "gather_evidence"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a report cannot read from the version itself.

    Attributes:
        released: the audit of the version by what is known today; None = not made.
        delivered: the audit of the sources as they were delivered; None = not made.
        reviews: None = the log cannot be read here.
        leaderboard: its rows, in its order.
        damaged_scores: names of scores of the version that are damaged, and left out everywhere.
        histories: name of a score -> its epochs, where they are kept here.
        comparisons: with the parent, recipe by recipe.
        not_compared: why there is none; empty = there is, or nothing to compare with.
        deliveries: source -> what `curate ingest` was given, folders left out.
    """

    released: AuditReport | None = None
    delivered: AuditReport | None = None
    reviews: DecisionSummary | None = None
    leaderboard: tuple[LeaderboardRow, ...] = ()
    damaged_scores: tuple[str, ...] = ()
    histories: Mapping[str, tuple[Epoch, ...]] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    not_compared: str = ""
    deliveries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def gather_evidence(workspace: Workspace, version: Version, *, progress: Progress = silent) -> Evidence:
    """What a report cannot read from the version itself; what is not in this workspace is left out."""
    comparisons, reason = _compare_with_parent(workspace, version)
    stored = sound_scores(version)
    evidence = Evidence(
        leaderboard=tuple(rank_scores(workspace)),
        histories=dict(_histories(version, stored)),
        damaged_scores=tuple(score.path.stem for score in stored.damaged),
        comparisons=comparisons,
        not_compared=reason,
        deliveries=_deliveries(workspace),
    )
    if not (workspace.state / "catalog.sqlite").is_file():  # opening it would make one, and a report changes nothing
        return evidence
    evidence = replace(evidence, reviews=_reviews(workspace))
    if not _holds_sources(workspace, version):
        return evidence
    return replace(
        evidence,
        released=audit_version(workspace, version, progress=progress),
        delivered=audit_workspace(workspace, progress=progress),
    )


def _holds_sources(workspace: Workspace, version: Version) -> bool:
    sources = workspace.sources()
    wanted = {source.name for source in version.header.sources}
    return wanted <= set(sources.loc[sources["occurrences"] > 0, "name"])


def _reviews(workspace: Workspace) -> DecisionSummary:
    with workspace.catalog() as catalog:
        return summarise_decisions(decisions.decision_rows(catalog))


def _compare_with_parent(workspace: Workspace, version: Version) -> tuple[tuple[Comparison, ...], str]:
    """Comparisons, or why there is none."""
    parent = version.header.parent_name
    if parent not in workspace.version_names():
        return (), ""
    try:
        return tuple(compare_versions(workspace, parent, version.name)), ""
    except NotComparable as error:
        return (), str(error)


def _histories(version: Version, stored: StoredScores) -> Iterator[tuple[str, tuple[Epoch, ...]]]:
    for score in stored.sound:
        epochs = folder_of(version, score).read_history()
        if epochs:
            yield score.name, tuple(epochs)


def _deliveries(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """What to ingest, by source: the names of files and folders, which say nothing of this machine."""
    return {
        source.name: (Path(source.path).name, *(("--labels", Path(source.labels).name) if source.labels else ()))
        for source in workspace.config.sources
    }
