"""The audit of a workspace, of one of its sources, or of a version."""

from dataclasses import replace

import numpy as np

from curate.audit.balance import count_classes, count_flags
from curate.audit.ceiling import measure_ceilings
from curate.audit.conflicts import find_conflicts, find_disagreements
from curate.audit.dataset import Facts, Occurrences, read_facts
from curate.audit.doubt import count_doubt
from curate.audit.findings import with_findings
from curate.audit.leaks import Looked, find_leaks, find_split_overlaps
from curate.audit.processed import find_processed, overlooks
from curate.audit.release import count_gone, original_ids, release_facts, rows_as_occurrences, with_gone
from curate.audit.shortcut import measure_shortcut
from curate.audit.unlisted import find_unlisted
from curate.audit.values import ALL_SOURCES, AuditReport, Processed, SplitOverlap
from curate.catalog import tables
from curate.config import Config
from curate.coverage import read_coverage
from curate.errors import SourceNotFound
from curate.labellers import find_unmapped
from curate.manifest import Version
from curate.names import check_known
from curate.progress import Progress, silent
from curate.sample import OFFICIAL_SPLITS
from curate.workspace import Workspace

__all__ = ["audit_version", "audit_workspace"]


def audit_workspace(workspace: Workspace, source: str | None = None, *, progress: Progress = silent) -> AuditReport:
    """Measure what is wrong; nothing is changed.

    Args:
        workspace: where.
        source: look at this one alone, its copies within itself; the duplicate search and the resolved labels are still
            those of the whole workspace, and no shortcut between sources is measured. None = all.
        progress: progress callback; pictures that were read.

    Raises:
        SourceNotFound: no source of that name has pictures here.
    """
    config = workspace.config
    with workspace.catalog() as catalog, catalog.snapshot():
        facts = read_facts(catalog, config)
        _check_source(facts, source)
        own = facts.occurrences
        shortcut = None
        if source is None:
            shortcut = measure_shortcut(facts, catalog, progress=progress)
        else:
            own = own.where(own.source == facts.sources.index(source))
        processed = find_processed(facts, own, catalog, max_megapixels=config.max_megapixels)
    report = _measure(facts, config, own, source)
    return with_findings(
        replace(
            report,
            leaks=find_leaks(facts.samples, own, facts.sources, looked=_looked(facts, processed)),
            doubt=count_doubt(facts.samples, own, facts.doubtful, whole_groups=False),
            processed=processed,
            unlisted=find_unlisted(facts, own, config.policy.classes),
            shortcut=shortcut,
        )
    )


def audit_version(workspace: Workspace, version: Version, *, progress: Progress = silent) -> AuditReport:
    """Measure what is wrong with a version by what is known today; nothing is changed.

    Its own splits count, and each row once; copies, subjects and quality flags are those that the workspace knows now,
    so that a duplicate search made after the release shows what it would have changed. Rows that no source delivers any
    more count like others: their pictures are kept, and those that belong with a test are searched on.

    Args:
        workspace: that holds the version's pictures.
        version: what to look at.
        progress: progress callback; pictures that were read.
    """
    config = workspace.config
    names = original_ids(version)
    with workspace.catalog() as catalog, catalog.snapshot():
        facts = release_facts(read_facts(catalog, config, also=names), version)
        fenced = workspace.fenced_ids()
        covered = read_coverage(catalog, tables.active_ids(catalog), fenced).complete
        shortcut = measure_shortcut(facts, catalog, progress=progress)
        processed = find_processed(facts, facts.occurrences, catalog, max_megapixels=config.max_megapixels)
    gone = count_gone(facts, names, fenced, covered=covered)
    whole = with_gone(facts, version)
    rows, scope = rows_as_occurrences(whole, version)
    derived = version.header.derived
    policy = replace(config.policy, classes=version.header.classes)
    looked = _looked(facts, processed, scope=version.name)
    looked = looked._replace(complete=looked.complete and gone.searched == gone.pictures)
    leaks = find_leaks(facts.samples, rows, scope, looked=looked)
    report = replace(
        _measure(facts, replace(config, policy=policy), facts.occurrences, None),
        version=version.name,
        augmented=derived is not None,
        augmented_test=derived is not None and derived.splits != OFFICIAL_SPLITS[0],
        leaks=tuple(replace(leak, unit="pictures") for leak in leaks),
        occurrences=len(whole.occurrences.sample),
        samples=len(rows.sample),
        straddling=_straddling(whole),
        doubt=count_doubt(facts.samples, rows, facts.doubtful, whole_groups=True),
        gone=gone,
        processed=processed,
        balances=count_classes(replace(facts, sources=scope), rows, policy.classes)[:1],
        flags=count_flags(facts.samples.flags, rows.sample),
        problems={},
        shortcut=shortcut,
    )
    return with_findings(report)


def _looked(facts: Facts, processed: tuple[Processed, ...], *, scope: str | None = None) -> Looked:
    """What leaks can be trusted for; a scope instead of the single sources stands for all of them."""
    overlooked = {each.source for each in processed if overlooks(facts.search, each)}
    if overlooked:
        overlooked = {*overlooked, ALL_SOURCES} if scope is None else {scope}
    return Looked(facts.search.complete, frozenset(overlooked))


def _check_source(facts: Facts, source: str | None) -> None:
    if source is not None:
        where = " has pictures in this workspace"
        check_known(source, facts.sources, what="no source", error=SourceNotFound, where=where)


def _measure(facts: Facts, config: Config, own: Occurrences, source: str | None) -> AuditReport:
    """All but what the splits of a version change."""
    sample = np.unique(own.sample)
    problems = facts.problems if source is None else {k: v for k, v in facts.problems.items() if k == source}
    return AuditReport(
        source=source,
        occurrences=len(own.sample),
        samples=len(sample),
        search=facts.search,
        leaks=(),
        straddling=_straddling(replace(facts, occurrences=own)),
        conflicts=find_conflicts(facts.samples, own, grouped=facts.search.complete),
        disagreements=find_disagreements(facts, source),
        unmapped=find_unmapped(facts.raw_labels, own.given_id, config),
        balances=count_classes(facts, own, config.policy.classes),
        flags=count_flags(facts.samples.flags, sample),
        problems=problems,
        ceilings=measure_ceilings(facts, own),
        shortcut=None,
    )


def _straddling(facts: Facts) -> tuple[SplitOverlap, SplitOverlap]:
    return (
        find_split_overlaps(facts.occurrences, "subject", facts.subjects),
        find_split_overlaps(facts.occurrences, "sequence", facts.sequences),
    )
