"""`curate view`: samples by a simple filter, as a page of pictures."""

from pathlib import Path
from typing import Annotated

import typer

from curate.cli.options import JsonOption, WorkspaceOption, file_option, open_workspace
from curate.terminal import open_file, print_json, say

__all__ = ["view"]

_PAGE = Path("view.html")


def view(
    filters: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILTER",
            help="FIELD=VALUE[,VALUE] or FIELD!=VALUE, all of which must hold: label, given, raw, origin, by, split, "
            "source, subject, sequence, flags, mode, group, excluded; the value none = missing. None = all pictures.",
        ),
    ] = None,
    version: Annotated[
        str | None, typer.Option("--in", metavar="VERSION", help="Rows of this version, by its labels and splits.")
    ] = None,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    per_page: Annotated[int, typer.Option(min=1, max=5_000, help="Samples on a page.")] = 200,
    output: Annotated[
        Path | None,
        file_option("The HTML file.", default="out/view.html in the workspace"),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write a page with the pictures that meet a filter, and their labels and places.

    Example: curate view label=fear split=test source=fer2013
    """
    from curate.workspace.output import output_path
    from curate.workspace.selection import read_filter, write_view

    conditions = read_filter(filters or [])
    here = open_workspace(workspace)
    path = output_path(here.folder, output or _PAGE)
    found = write_view(here, path, conditions, version=version, page=page, per_page=per_page)
    opened = show and bool(found.sample_ids) and open_file(path)
    if as_json:
        print_json({"path": str(path) if found.sample_ids else None, **found._asdict()})
    elif not found.sample_ids:
        say("no picture meets this filter")
    else:
        say(f"{len(found.sample_ids):,} of {found.found:,} pictures, page {found.page} of {found.pages}")
        say(f"{path} is open in the browser" if opened else f"{path}: open it in a browser")
