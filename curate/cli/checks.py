"""Commands that find what is wrong."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.options import JsonOption, WorkspaceOption, file_option, open_workspace, write_beside
from curate.spreadsheets import write_csv
from curate.terminal import bars, print_json, print_table, say

if TYPE_CHECKING:
    from curate.audit import AuditReport
    from curate.duplicates import DuplicateReport, GroupedOccurrences

__all__ = ["audit", "duplicates", "print_duplicates"]


def duplicates(
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Also quarter turns, stretched, edited and blurred copies.")
    ] = False,
    pairs: Annotated[Path | None, file_option("Write all pairs to this CSV file.")] = None,
    gallery: Annotated[Path | None, file_option("Write a page that shows the groups to this HTML file.")] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Find copies of one photograph: re-encoded, re-cropped, mirrored; group them; tell what leaks.

    Example: curate duplicates --thorough --gallery copies.html
    """
    from curate.duplicates import find_duplicates, grouped_occurrences, write_duplicates_gallery

    here = open_workspace(workspace)
    report = find_duplicates(here, thorough=thorough, progress=bars)
    occurrences = grouped_occurrences(here)
    write_beside(here, pairs, lambda path: write_csv(here.pairs(), path))
    write_beside(here, gallery, lambda path: write_duplicates_gallery(here, path))
    if as_json:
        print_json({"report": asdict(report), **asdict(occurrences)})
    else:
        print_duplicates(report, occurrences)


def audit(
    name: Annotated[
        str | None,
        typer.Argument(metavar="VERSION or SOURCE", help="Of a version or a source; none = the whole workspace."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Tell what is wrong: leaks, conflicts, lost pictures, shortcuts. Exit code 1 when something needs attention.

    Example: curate audit v1
    """
    from curate.audit import audit_version, audit_workspace

    here = open_workspace(workspace)
    if name is not None and name in here.version_names():
        report = audit_version(here, here.version(name), progress=bars)
    else:
        report = audit_workspace(here, name, progress=bars)
    if as_json:
        shown = {**asdict(report), "needs_attention": report.needs_attention}
        if report.shortcut:
            shown["shortcut"]["told"] = report.shortcut.detectable  # its name in earlier releases
        print_json(shown)
    else:
        print_audit(report)
    if report.needs_attention:
        raise typer.Exit(1)


def print_audit(report: "AuditReport") -> None:
    """Findings first, then every table."""
    from curate.audit import report_tables

    what = f"the source {report.source}" if report.source else "the workspace"
    what = f"the version {report.version}" if report.version else what
    originals = ", without augmented ones" if report.augmented else ""
    say(f"Audit of {what}: {report.occurrences:,} occurrences of {report.samples:,} pictures{originals}")
    for severity, title in (("attention", "Needs attention"), ("note", "Worth knowing")):
        texts = [finding.text for finding in report.findings if finding.severity == severity]
        if texts:
            say("")
            say(title)
        for text in texts:
            say(f"  - {text}")
    for table in report_tables(report):
        print_table(*table)
    if not report.needs_attention:
        say("nothing needs attention")


def print_duplicates(report: "DuplicateReport", occurrences: "GroupedOccurrences") -> None:
    """What a search found, and what it means."""
    from curate.coverage import share_text

    if report.remade:
        say(f"made again, because what earlier searches kept is damaged or has no checksum: {', '.join(report.remade)}")
    print_table("Verified pairs", ["kind", "pairs"], list(report.pairs.items()))
    say(
        f"{report.samples:,} pictures; {report.grouped:,} of them in {report.groups:,} groups of copies, the "
        f"largest of {report.largest:,}; {occurrences.conflicting:,} groups with labels that contradict each other"
    )
    empty = ", ".join(f"{count:,} {flag}" for flag, count in report.left_out_for.items())
    say(
        f"{report.doubtful:,} pairs are doubtful; {report.left_out:,} pictures are too empty to compare"
        + (f" ({empty})" * bool(empty))
    )
    if report.fenced:
        say(
            f"{report.fenced:,} pictures that no source delivers any more were searched, too: versions tested on them, "
            "or on what belongs with them"
        )
    if report.fitted_on:
        when = "earlier, on" if report.fit_reused else "now, on"
        say(f"candidates come from an embedding that was fitted {when} {report.fitted_on:,} pictures")
    if report.cut:
        say(f"{report.cut:,} pairs were left out of groups, because the chain of copies was too long")
    rows = [
        (leak.source, leak.tested, leak.identical, leak.near, share_text(leak.near / leak.tested))
        for leak in occurrences.leaks
    ]
    if rows:
        columns = ["source", "val and test occurrences", "identical copy in train", "any copy in train", "share"]
        print_table("Leaks across official splits", columns, rows)
    missed = ", ".join(each.kind for each in report.recall if each.recall is None)
    if missed:
        say(f"not looked for: {missed} copies; `curate duplicates --thorough` looks for them")
