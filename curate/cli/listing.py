"""Commands that list what was released and what was decided."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.options import JsonOption, WorkspaceOption, open_workspace, readable_versions
from curate.cli.records import print_filled, table_records, without_undo_lines
from curate.scores import find_scores
from curate.terminal import complain, print_json, print_records, say

if TYPE_CHECKING:
    import pandas as pd

    from curate.manifest import Version

__all__ = ["log", "versions"]

_SHORT = 12
_LAST = 20
"""How many decisions are printed where nobody says how many."""
_OF_A_DECISION = ("at", "reviewer", "kind", "given", "label", "sample_id", "other_id", "screen", "note", "taken_back")


def versions(workspace: WorkspaceOption = Path(), as_json: JsonOption = False) -> None:
    """List the versions, oldest first: parent, line, pictures, gold test, when made, digest, and number of scores.

    Example: curate versions
    """
    listed = [_version_record(version) for version in readable_versions(open_workspace(workspace))]
    if as_json:
        print_json({"versions": listed})
    elif not listed:
        say("no version yet; `curate freeze v1` makes one")
    else:
        print_records("Versions", [{**one, "digest": one["digest"][:_SHORT]} for one in listed])


def log(
    reviewer: Annotated[str | None, typer.Option(help="Only decisions of this person.")] = None,
    sample: Annotated[str | None, typer.Option(help="Only decisions about this sample; as in `curate show`.")] = None,
    since: Annotated[str | None, typer.Option(help="Only from this date or time on, such as 2026-01-31.")] = None,
    last: Annotated[
        int | None, typer.Option(min=0, help="Only the last N; 0 = all.", show_default="20; all with --json")
    ] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """List decisions, oldest first: who decided what, when and where, and whether it was taken back.

    Example: curate log --reviewer ann --since 2026-01-31 --last 50
    """
    here = open_workspace(workspace)
    decided = without_undo_lines(here.decisions())
    if reviewer is not None:
        decided = decided[decided["reviewer"] == reviewer]
    if sample is not None:
        sample_id = here.find_sample(sample)
        decided = decided[(decided["sample_id"] == sample_id) | (decided["other_id"] == sample_id)]
    if since is not None:
        start = _moment(since)
        decided = decided[[dt.datetime.fromisoformat(at) >= start for at in decided["at"]]]
    most = (0 if as_json else _LAST) if last is None else last
    newest = decided.tail(most) if most else decided
    if as_json:
        print_json({"found": len(decided), "decisions": table_records(newest)})
    else:
        _print_log(newest, len(decided))


def _version_record(version: "Version") -> dict[str, Any]:
    header = version.header
    scores = find_scores(version.folder.parent, version.name)
    for damaged in scores.damaged:
        complain(damaged.message)
    return {
        "name": version.name,
        "parent": header.parent_name or None,
        "line": header.line,
        "pictures": header.rows,
        "gold": header.gold.rows,
        "created": header.created[:16],
        "digest": header.digest,
        "scores": len(scores.sound),
    }


def _moment(text: str) -> dt.datetime:
    """A date or time; without an offset, that of this machine."""
    try:
        return dt.datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise typer.BadParameter(f"--since {text}: write a date, such as 2026-01-31, or 2026-01-31T09:30") from None


def _print_log(log: "pd.DataFrame", total: int) -> None:
    if not total:
        say("no decisions; `curate review` makes some")
        return
    print_filled("Decisions, oldest first", _OF_A_DECISION, table_records(log))
    say(f"{len(log):,} of {total:,} decisions" + (f"; --last {total} shows all" if len(log) < total else ""))
