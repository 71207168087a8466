"""Commands that share what was found out about pictures, without the pictures."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.hints import with_hint
from curate.cli.options import JsonOption, VersionArgument, WorkspaceOption, open_workspace
from curate.cli.printing_patches import print_patch, print_patch_report
from curate.spreadsheets import write_csv
from curate.terminal import bars, print_json, say

__all__ = ["app"]

app = typer.Typer(help="Share labels, splits and exclusions of a version without its pictures.", no_args_is_help=True)


@app.command()
@with_hint
def export(
    version: VersionArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write labels, splits, exclusions and votes of a version by content, with hashes but without pictures.

    Example: curate patch export v3 v3.patch
    """
    from curate.version.patch import export_patch

    header = export_patch(open_workspace(workspace), version, file, progress=bars)
    if as_json:
        print_json(header)
    else:
        print_patch(header, file)


@app.command()
@with_hint
def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `curate patch export` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Where an earlier patch says otherwise, this one wins.")
    ] = False,
    list_file: Annotated[
        Path | None, typer.Option("--list", help="Write what became of every picture to this CSV file.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Take over what a patch says of pictures that are here, identical or encoded again. Again = nothing new.

    Example: curate patch apply v3.patch --list outcomes.csv
    """
    from curate.version.patch import apply_patch
    from curate.workspace.output import output_path

    here = open_workspace(workspace)
    report, outcomes = apply_patch(here, file, applied=dt.datetime.now(dt.UTC), replace=replace, progress=bars)
    if list_file is not None:
        list_file = output_path(here.folder, list_file)
        write_csv(outcomes, list_file)
    if as_json:
        print_json(asdict(report))
        return
    print_patch_report(report)
    if list_file is not None:
        say(f"what became of every picture is in {list_file}")
