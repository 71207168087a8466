"""Gather what the stages know of a version, and have its report written: `curate report` and the end of the demo."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from curate.audit import AuditReport, audit_version, audit_workspace
from curate.benchmark import compare_versions, rank_scores
from curate.benchmark.score_check import folder_of, name_of, sound_scores
from curate.benchmark.statistics import mean_interval
from curate.catalog import decisions
from curate.errors import NotComparable
from curate.manifest import Version
from curate.progress import Progress, silent
from curate.report import Evidence, Report, write_report
from curate.report.evidence import (
    Audit,
    Ceiling,
    ClassLeak,
    Comparison,
    Conflict,
    Doubt,
    Epoch,
    Interval,
    Leak,
    Reviews,
    Standing,
)
from curate.review.overview import look_over
from curate.scores import StoredScores
from curate.workspace import Workspace

__all__ = ["gather_evidence", "report_version"]

Value = TypeVar("Value")


def report_version(
    workspace: Workspace, name: str, path: Path, *, created: dt.datetime, progress: Progress = silent
) -> Report:
    """Write a page about a version.

    Args:
        workspace: that holds it.
        name: of the version.
        path: the HTML file; one that is there is replaced.
        created: now.
        progress: told how far it is.

    Raises:
        VersionNotFound, VersionDamaged, ScoreDamaged: the version, a relative of it or a history cannot be read.
        StorageFull: there is no space for it.
    """
    version = workspace.version(name)
    evidence = gather_evidence(workspace, version, progress=progress)
    return write_report(version, evidence, path, created=created, progress=progress)


def gather_evidence(workspace: Workspace, version: Version, *, progress: Progress = silent) -> Evidence:
    """What a report cannot read from the version itself; what is not in this workspace is left out."""
    compared, reason = _compare_with_parent(workspace, version)
    stored = sound_scores(version)
    evidence = Evidence(
        mean_interval=lambda values: _as(Interval, mean_interval(values)),
        standings=tuple(_as(Standing, each) for each in rank_scores(workspace)),
        histories=dict(_histories(version, stored)),
        damaged_scores=tuple(each.path.stem for each in stored.damaged),
        comparisons=compared,
        not_compared=reason,
        deliveries=_deliveries(workspace),
        reviews=_reviews(workspace) if _has_catalog(workspace) else None,
    )
    if not _holds_sources(workspace, version):
        return evidence
    return replace(
        evidence,
        released=_audit(audit_version(workspace, version, progress=progress)),
        delivered=_audit(audit_workspace(workspace, progress=progress)),
    )


def _as(kind: type[Value], found: Any) -> Value:
    """A stage's value as the report's of the same field names."""
    return kind(*(getattr(found, name) for name in kind.__annotations__))


def _has_catalog(workspace: Workspace) -> bool:
    """Opening a catalog would make one, and a report changes nothing."""
    return (workspace.state / "catalog.sqlite").is_file()


def _holds_sources(workspace: Workspace, version: Version) -> bool:
    if not _has_catalog(workspace):
        return False
    sources = workspace.sources()
    return {each["name"] for each in version.header["sources"]} <= set(sources.loc[sources["occurrences"] > 0, "name"])


def _audit(found: AuditReport) -> Audit:
    leaks = (
        _as(Leak, each)._replace(classes=tuple(_as(ClassLeak, one) for one in each.classes)) for each in found.leaks
    )
    return Audit(
        leaks=tuple(leaks),
        conflicts=tuple(_as(Conflict, each) for each in found.conflicts),
        disagreements=found.disagreements,
        ceilings=tuple(_as(Ceiling, each) for each in found.ceilings),
        findings=tuple((each.severity, each.text) for each in found.findings),
        search=found.search,
        doubt=_as(Doubt, found.doubt),
    )


def _reviews(workspace: Workspace) -> Reviews:
    with workspace.catalog() as catalog:
        seen = look_over(decisions.decision_rows(catalog))
    return Reviews(
        decisions=len(seen.log),
        disputed=len(seen.disputed),
        reviewers=seen.reviewers,
        consistency=seen.consistency,
        agreement=seen.agreement,
        confusions=seen.confusions,
        fleiss=seen.fleiss,
    )


def _compare_with_parent(workspace: Workspace, version: Version) -> tuple[tuple[Comparison, ...], str]:
    """Comparisons, or why there is none."""
    parent = version.header["parent"]
    if parent is None or parent["name"] not in workspace.version_names():
        return (), ""
    try:
        found = compare_versions(workspace, parent["name"], version.name)
    except NotComparable as error:
        return (), str(error)
    return tuple(_comparisons(found)), ""


def _comparisons(found: Iterable[Any]) -> Iterator[Comparison]:
    for each in found:
        seen = each.difference
        accuracy, macro_f1 = (_as(Interval, change) for change in (seen.accuracy, seen.macro_f1))
        yield Comparison(each.a, each.b, each.recipe, each.sentence, accuracy, macro_f1)


def _histories(version: Version, stored: StoredScores) -> Iterator[tuple[str, tuple[Epoch, ...]]]:
    for score in stored.sound:
        epochs = folder_of(version, score).read_history()
        if epochs:
            yield name_of(score), tuple(_as(Epoch, each) for each in epochs)


def _deliveries(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """What to ingest, by source: the names of files and folders, which say nothing of this machine."""
    return {
        each.name: (Path(each.path).name, *(("--labels", Path(each.labels).name) if each.labels else ()))
        for each in workspace.config.sources
    }
