"""Commands that find what is wrong."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.options import JsonOption, WorkspaceOption, file_option, open_workspace
from curate.cli.printing import print_audit, print_duplicates
from curate.spreadsheets import write_csv
from curate.terminal import bars, print_json, written

__all__ = ["audit", "duplicates"]


def duplicates(
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Also quarter turns, stretched, edited and blurred copies.")
    ] = False,
    pairs: Annotated[Path | None, file_option("Write all pairs to this CSV file.")] = None,
    gallery: Annotated[
        Path | None,
        file_option("Write a page that shows the groups to this HTML file."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Find copies of one photograph: re-encoded, re-cropped, mirrored; group them; tell what leaks.

    Example: curate duplicates --thorough --gallery copies.html
    """
    from curate.duplicates import find_duplicates, grouped_occurrences, write_duplicates_gallery
    from curate.workspace.output import output_path

    here = open_workspace(workspace)
    report = find_duplicates(here, thorough=thorough, progress=bars)
    seen = grouped_occurrences(here)
    if pairs is not None:
        place = output_path(here.folder, pairs)
        write_csv(here.pairs(), place)
        written(place)
    if gallery is not None:
        place = output_path(here.folder, gallery)
        write_duplicates_gallery(here, place)
        written(place)
    if as_json:
        print_json({"report": asdict(report), **asdict(seen)})
        return
    print_duplicates(report, seen)


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
