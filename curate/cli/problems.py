"""`curate problems`: what could not be taken in or needs a person's eye, and labels without a meaning."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.advice import print_hints
from curate.cli.options import JsonOption, WorkspaceOption, open_workspace
from curate.errors import SourceNotFound
from curate.terminal import print_json, print_table, say

__all__ = ["problems"]

_COLUMNS = ["source", "key", "kind", "reason"]


def problems(
    source: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="Only of this one.", show_default="all")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind, such as broken-picture.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Print so many; --json prints all.")] = 50,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """List what could not be taken in or needs a person's eye, with its place and reason, and labels without a meaning.

    Example: curate problems ck48 --kind broken-picture
    """
    from curate.ingest import NUMBERINGS, summarise
    from curate.labellers import hint_labels

    here = open_workspace(workspace)
    known = here.sources()["name"].tolist()
    if source is not None and source not in known:
        raise SourceNotFound(f"no source `{source}` in {here.folder}; it has: {', '.join(known) or 'none'}")
    table = here.problems()
    chosen = table[table["source"].isin(known if source is None else [source])]
    chosen = chosen if kind is None else chosen[chosen["kind"] == kind]
    unmapped = [] if kind else [each for each in summarise(here).unmapped if source in (None, each.source)]
    if as_json:
        print_json({"problems": chosen.to_dict("records"), "labels": [asdict(each) for each in unmapped]})
        return
    if len(chosen):
        more = f" (the first {most:,} of {len(chosen):,})" if len(chosen) > most else ""
        print_table(f"Problems{more}", _COLUMNS, chosen.head(most)[_COLUMNS].itertuples(index=False))
    print_hints(hint_labels(unmapped, NUMBERINGS))
    if not len(chosen) and not unmapped:
        say("no problems" + (f" of the kind {kind}; there are: {_kinds(table['kind'].tolist())}" if kind else ""))


def _kinds(kinds: list[str]) -> str:
    return ", ".join(sorted(set(kinds))) or "none"
