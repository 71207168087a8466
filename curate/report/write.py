"""Write the report of one version."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from curate.html import render
from curate.progress import Progress, silent
from curate.report.evidence import gather_evidence
from curate.report.reported import ReportedVersion
from curate.report.sections import SECTIONS
from curate.report.sections.identity import show_identity
from curate.storage import replace_file
from curate.workspace import Workspace

__all__ = ["Report", "report_version"]


class Report(NamedTuple):
    """What was written: where, the anchors of its sections in order, and how many pictures it holds."""

    path: Path
    sections: tuple[str, ...]
    pictures: int


def report_version(
    workspace: Workspace, name: str, path: Path, *, created: dt.datetime, progress: Progress = silent
) -> Report:
    """Write one HTML file about a version; whole or not at all, and the same bytes from the same input.

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
    subject = ReportedVersion(version, gather_evidence(workspace, version, progress=progress))
    sections = []
    with progress("writing the report", len(SECTIONS), unit="sections") as advance:
        for anchor, (title, show) in SECTIONS.items():
            sections.append({"name": anchor, "title": title, "body": show(subject)})
            advance(1)
    foot = f"Written {created.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC by curate."
    lead = show_identity(subject)  # last: it says how many pictures the page holds
    replace_file(path, render("report.html", title=f"Report on {name}", lead=lead, sections=sections, foot=foot))
    return Report(path, tuple(SECTIONS), subject.images.count)
