"""The command that writes a page about a version."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.options import JsonOption, WorkspaceOption, file_option, open_workspace
from curate.terminal import bars, print_json, say, visible

__all__ = ["report"]


def report(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Name of a version.")],
    output: Annotated[
        Path | None,
        file_option("The HTML file.", default="out/VERSION-report.html in the workspace"),
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
