"""Write the report of one version."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from curate.manifest import Version
from curate.progress import Progress, silent
from curate.report.evidence import Evidence
from curate.report.page import Part, lay_out
from curate.report.sections import SECTIONS
from curate.report.sections.identity import show_identity
from curate.report.subject import Subject
from curate.storage import replace_file

__all__ = ["Report", "write_report"]


class Report(NamedTuple):
    """What was written: where, the anchors of its sections in order, and how many pictures it holds."""

    path: Path
    sections: tuple[str, ...]
    pictures: int


def write_report(
    version: Version, evidence: Evidence, path: Path, *, created: dt.datetime, progress: Progress = silent
) -> Report:
    """Write one HTML file with everything in it; whole or not at all, and the same bytes from the same input.

    Args:
        version: what it is about.
        evidence: what other stages know of it.
        path: the file; one that is there is replaced.
        created: now.
        progress: told how many sections are written.

    Raises:
        VersionDamaged: a file of the version or its parent cannot be read.
        StorageFull: there is no space for it.
    """
    subject = Subject(version, evidence)
    parts = []
    with progress("writing the report", len(SECTIONS), unit="sections") as advance:
        for name, (title, show) in SECTIONS.items():
            parts.append(Part(name, title, show(subject)))
            advance(1)
    foot = f"Written {created.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC by curate."
    replace_file(path, lay_out(f"Report on {version.name}", show_identity(subject), parts, foot=foot))
    return Report(path, tuple(SECTIONS), subject.album.shown)
