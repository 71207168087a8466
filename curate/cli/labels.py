"""Commands that take labels over from tables."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.hints import with_hint
from curate.cli.options import JsonOption, WorkspaceOption, open_workspace
from curate.terminal import print_json, print_table, say

__all__ = ["app"]

app = typer.Typer(help="Take labels over from tables that people made.", no_args_is_help=True)

_SHOWN = 20


@app.callback()
def _group() -> None:
    """Keep `import` a command of its own, as long as it is the only one."""


@app.command("import")
@with_hint
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV: label, and sample_id, or source and key, or path.", exists=True, dir_okay=False
        ),
    ],
    reviewer: Annotated[str | None, typer.Option(help="Who decided.", show_default="the file's name")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")] = False,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Make decisions of a colleague's table: relabel where it differs, confirm where it agrees. Again = nothing new.

    Example: curate labels import ann.csv --reviewer ann --dry-run
    """
    from curate.review import import_labels
    from curate.review.actions import reviewer_name

    name = reviewer_name(reviewer or file.stem)
    if not name:
        raise typer.BadParameter("--reviewer: give a name")
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    done = import_labels(open_workspace(workspace), file, reviewer=name, at=now, dry_run=dry_run)
    if as_json:
        print_json({**asdict(done), "left_out": [each._asdict() for each in done.left_out]})
        return
    change, confirm = ("would change", "be confirmed") if dry_run else ("changed", "confirmed")
    summary = f"{done.reviewer}: {done.relabelled:,} labels {change}, {done.confirmed:,} {confirm}"
    summary += f", {done.known:,} said before" if done.known else ""
    say(summary + ("; nothing was written (--dry-run)" if dry_run else ""))
    if done.left_out:
        more = f" (the first {_SHOWN} of {len(done.left_out):,})" if len(done.left_out) > _SHOWN else ""
        print_table(f"Rows that decide nothing{more}", ["row", "kind", "reason"], done.left_out[:_SHOWN])
