"""Commands that make something of a version: augmented pictures, files for other tools."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.options import JsonOption, VersionArgument, WorkspaceOption, file_option, open_workspace
from curate.cli.printing_versions import print_header
from curate.terminal import bars, print_json, say, written

__all__ = ["augment", "export"]


def augment(
    version: Annotated[
        str | None,
        typer.Argument(metavar="VERSION", help="Name of a version.", show_default="the newest that is not augmented"),
    ] = None,
    x4: Annotated[
        bool, typer.Option("--x4", help="As it is, turned by +90 and -90 degrees, scaled by 1.7 about the centre.")
    ] = False,
    recipe: Annotated[Path | None, typer.Option(help="Another recipe, from this TOML file.")] = None,
    splits: Annotated[str, typer.Option(help="train, or all: then the test is augmented, too.")] = "train",
    materialise: Annotated[
        bool, typer.Option("--materialise", hidden=True, help="Gone; `curate export` writes pictures.")
    ] = False,
    gallery: Annotated[
        Path | None,
        file_option("Write a page that shows each transform to this file."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Derive a version with augmented pictures, VERSION-x4 or VERSION-RECIPE; they stay in their parents' splits.

    Example: curate augment v1 --x4
    """
    from curate.augment import NEWEST, X4, augment_version, read_recipe, write_transforms_gallery
    from curate.workspace.output import output_path

    if x4 == (recipe is not None):
        raise typer.BadParameter("say --x4 or --recipe FILE")
    if materialise:
        raise typer.BadParameter("--materialise is gone: `curate export` writes pictures")
    here = open_workspace(workspace)
    made = augment_version(
        here,
        version or NEWEST,
        created=dt.datetime.now(dt.UTC),
        recipe=X4 if recipe is None else read_recipe(recipe),
        splits=splits,
        progress=bars,
    )
    if gallery is not None:
        page = output_path(here.folder, gallery)
        write_transforms_gallery(made, page)
        written(page)
    if as_json:
        print_json(made.header.to_json())
    else:
        print_header(made.header)


def export(
    version: VersionArgument,
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
