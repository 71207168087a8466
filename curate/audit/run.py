"""The audit of a workspace, of one of its sources, or of a version."""

import difflib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from curate.audit.balance import count_classes, count_flags
from curate.audit.ceiling import measure_ceilings
from curate.audit.conflicts import find_conflict, find_disagreements
from curate.audit.facts import Facts, Occurrences, read_facts
from curate.audit.findings import with_findings
from curate.audit.leaks import find_leaks, find_straddling
from curate.audit.release import release_facts, rows_as_occurrences
from curate.audit.report import AuditReport, Conflict, Search
from curate.audit.shortcut import measure_shortcut
from curate.catalog.duplicates import covered_digest
from curate.config import Config
from curate.errors import SourceNotFound
from curate.labellers import find_unmapped
from curate.manifest import Version
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
        progress: told how many pictures were read.

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
            shortcut = measure_shortcut(facts, catalog, max_megapixels=config.max_megapixels, progress=progress)
        else:
            own = own.where(own.source == facts.sources.index(source))
    report = _measure(facts, config, own, source)
    return with_findings(replace(report, shortcut=shortcut))


def audit_version(workspace: Workspace, version: Version, *, progress: Progress = silent) -> AuditReport:
    """Measure what is wrong with a version by what is known today; nothing is changed.

    Its own splits count, and each row once; copies, subjects and quality flags are those that the workspace knows now,
    so that a duplicate search made after the release shows what it would have changed.

    Args:
        workspace: that holds the version's pictures.
        version: what to look at.
        progress: told how many pictures were read.
    """
    config = workspace.config
    with workspace.catalog() as catalog, catalog.snapshot():
        facts = release_facts(read_facts(catalog, config), version)
        shortcut = measure_shortcut(facts, catalog, max_megapixels=config.max_megapixels, progress=progress)
    rows, names = rows_as_occurrences(facts, version)
    derived = version.header["derived"]
    policy = replace(config.policy, classes=tuple(version.header["classes"]))
    report = replace(
        _measure(facts, replace(config, policy=policy), facts.occurrences, None),
        version=version.name,
        augmented_test=derived is not None and derived["splits"] != OFFICIAL_SPLITS[0],
        leaks=find_leaks(facts.samples, rows, names, searched=_search(facts).complete),
        balances=count_classes(replace(facts, sources=names), rows, policy.classes)[:1],
        problems={},
        shortcut=shortcut,
    )
    return with_findings(report)


def _check_source(facts: Facts, source: str | None) -> None:
    if source is None or source in facts.sources:
        return
    close = difflib.get_close_matches(source, facts.sources, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(facts.sources) or 'none yet'}"
    raise SourceNotFound(f"no source `{source}` has pictures in this workspace; {hint}")


def _measure(facts: Facts, config: Config, own: Occurrences, source: str | None) -> AuditReport:
    search = _search(facts)
    sample = np.unique(own.sample)
    problems = facts.problems if source is None else {k: v for k, v in facts.problems.items() if k == source}
    return AuditReport(
        source=source,
        occurrences=len(own.sample),
        samples=len(sample),
        search=search,
        leaks=find_leaks(facts.samples, own, facts.sources, searched=search.complete),
        straddling=(
            find_straddling(own, "subject", facts.subjects),
            find_straddling(own, "sequence", facts.sequences),
        ),
        conflicts=tuple(_conflicts(facts, own, searched=search.complete)),
        disagreements=find_disagreements(facts, source),
        unmapped=find_unmapped(facts.givens, own.given_id, config),
        balances=count_classes(facts, own, config.policy.classes),
        flags=count_flags(facts.samples.flags, sample),
        problems=problems,
        ceilings=measure_ceilings(facts, own),
        shortcut=None,
    )


def _conflicts(facts: Facts, own: Occurrences, *, searched: bool) -> Iterator[Conflict]:
    ids, group = facts.samples.sample_id, facts.samples.group
    yield find_conflict("identical pictures", own, np.arange(len(ids)), ids)
    if searched:
        grouped = np.bincount(group, minlength=len(ids))[group] > 1
        yield find_conflict("duplicate groups", own.where(grouped[own.sample]), group, ids)


def _search(facts: Facts) -> Search:
    samples = len(facts.samples.sample_id)
    if facts.search is None:
        return Search(done=False, complete=False, covered=0, samples=samples, thorough=False)
    covered = int(facts.search["samples"])
    thorough = bool(facts.search.get("thorough"))
    complete = facts.search["covered"] == covered_digest(facts.samples.sample_id)
    return Search(done=True, complete=complete, covered=covered, samples=samples, thorough=thorough)
