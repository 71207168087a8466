"""Commands that write a page: about a version, or of pictures that meet a filter."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.options import JsonOption, VersionArgument, WorkspaceOption, file_option, open_workspace
from curate.terminal import bars, open_file, print_json, say, visible

__all__ = ["report", "view"]

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
    output: Annotated[Path | None, file_option("The HTML file.", default="out/view.html in the workspace")] = None,
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
    view_page = write_view(here, path, conditions, version=version, page=page, per_page=per_page)
    opened = show and bool(view_page.sample_ids) and open_file(path)
    if as_json:
        print_json({"path": str(path) if view_page.sample_ids else None, **view_page._asdict()})
    elif not view_page.sample_ids:
        say("no picture meets this filter")
    else:
        say(
            f"{len(view_page.sample_ids):,} of {view_page.found:,} pictures, page {view_page.page} of {view_page.pages}"
        )
        say(f"{path} is open in the browser" if opened else f"{path}: open it in a browser")


def report(
    version: VersionArgument,
    output: Annotated[
        Path | None, file_option("The HTML file.", default="out/VERSION-report.html in the workspace")
    ] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write one page about a version: what is in it, whether it can be trusted, what it is worth.

    The page needs no network and holds pictures from the datasets: pass it on only where their licences allow it.

    Example: curate report v2
    """
    from curate.report import report_version
    from curate.workspace.output import output_path

    here = open_workspace(workspace)
    path = output_path(here.folder, Path(f"{version}-report.html") if output is None else output)
    if not path.absolute().parent.is_dir():
        raise typer.BadParameter(visible(f"--output {output}: there is no folder {path.parent}"))
    made = report_version(here, version, path, created=dt.datetime.now(dt.UTC), progress=bars)
    if as_json:
        print_json({"path": str(made.path), "version": version, "sections": made.sections, "pictures": made.pictures})
        return
    say(f"{made.path}: {path.stat().st_size / 1e6:.1f} MB, {made.pictures:,} pictures")
    say("pass it on only where the licences of the datasets allow it")
