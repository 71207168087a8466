"""Commands that make something of a version: files for other tools."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.options import JsonOption, WorkspaceOption, open_workspace
from curate.terminal import bars, print_json, say

__all__ = ["export"]


def export(
    version: Annotated[str, typer.Argument(help="Name of a version.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made; must be empty if it exists.")],
    to: Annotated[str, typer.Option("--to", help="image-folder, hf-parquet, fer2013-csv or csv.")],
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write a version in a format that others read, whole or not at all.

    Example: curate export v1 faces --to image-folder
    """
    from curate.version import export_version

    report = export_version(open_workspace(workspace).version(version), folder, to=to, progress=bars)
    if as_json:
        print_json(asdict(report))
        return
    files = "1 file" if report.files == 1 else f"{report.files:,} files"
    say(f"{report.version}: {report.rows:,} pictures as {report.format} in {report.folder}, {files}")
    for remark in report.remarks:
        say(f"  {remark}")
