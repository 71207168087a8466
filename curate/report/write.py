"""Write the report of one version."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from curate.html import Markup, render
from curate.manifest import Version
from curate.progress import Progress, silent
from curate.report.evidence import Evidence, gather_evidence
from curate.report.reported import ReportedVersion
from curate.report.sections import SECTIONS
from curate.report.sections.identity import show_identity
from curate.storage import replace_file
from curate.workspace import Workspace

__all__ = ["Report", "report_version", "write_report"]


class PageSection(NamedTuple):
    """One section of the page: its anchor, its title, and what it says."""

    name: str
    title: str
    body: Markup


class Report(NamedTuple):
    """What was written: where, the anchors of its sections in order, and how many pictures it holds."""

    path: Path
    sections: tuple[str, ...]
    pictures: int


def report_version(
    workspace: Workspace, name: str, path: Path, *, created: dt.datetime, progress: Progress = silent
) -> Report:
    """Write a page about a version: `gather_evidence`, then `write_report`.

    Args:
        workspace: that holds it.
        name: of the version.
        path: the HTML file; one that is there is replaced.
        created: now.
        progress: progress callback.

    Raises:
        VersionNotFound, VersionDamaged, ScoreDamaged: the version, a relative of it or a history cannot be read.
        StorageFull: there is no space for it.
    """
    version = workspace.version(name)
    evidence = gather_evidence(workspace, version, progress=progress)
    return write_report(version, evidence, path, created=created, progress=progress)


def write_report(
    version: Version, evidence: Evidence, path: Path, *, created: dt.datetime, progress: Progress = silent
) -> Report:
    """Write one HTML file with everything in it; whole or not at all, and the same bytes from the same input.

    Args:
        version: what it is about.
        evidence: what other stages know of it.
        path: the file; one that is there is replaced.
        created: now.
        progress: progress callback.

    Raises:
        VersionDamaged: a file of the version or its parent cannot be read.
        StorageFull: there is no space for it.
    """
    subject = ReportedVersion(version, evidence)
    sections = []
    with progress("writing the report", len(SECTIONS), unit="sections") as advance:
        for name, (title, show) in SECTIONS.items():
            sections.append(PageSection(name, title, show(subject)))
            advance(1)
    foot = f"Written {created.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC by curate."
    title, lead = f"Report on {version.name}", show_identity(subject)
    replace_file(path, render("report.html", title=title, lead=lead, sections=sections, foot=foot))
    return Report(path, tuple(SECTIONS), subject.images.count)
