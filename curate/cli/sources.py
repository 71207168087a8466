"""Commands about what was delivered: take it in, look at it, forget it."""

import datetime as dt
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.hints import print_loop, step_line
from curate.cli.options import (
    JsonOption,
    WorkspaceOption,
    open_workspace,
    readable_versions,
    workspace_class,
)
from curate.cli.printing_scores import print_leaderboard
from curate.cli.summaries import disk_line, print_ingest, print_summary
from curate.errors import SourceError
from curate.terminal import bars, complain, print_json, print_records, print_table, say, without_decoder_noise

if TYPE_CHECKING:
    from curate.manifest import Version

__all__ = ["demo", "forget", "formats", "ingest", "init", "status"]


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made if it does not exist.")] = Path()) -> None:
    """Make a workspace.

    Example: curate init my-data
    """
    workspace = workspace_class().create(folder)
    say(f"workspace in {workspace.folder}")


def ingest(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="Files, folders, archives. None = all sources of curate.toml."),
    ] = None,
    format_name: Annotated[
        str | None, typer.Option("--format", help="Do not recognise it; see curate formats.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the source.", show_default="the file's")] = None,
    labels: Annotated[Path | None, typer.Option(help="Side table of votes, such as fer2013new.csv.")] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Read files, folders and archives into the catalog. Again = nothing new.

    Example: curate ingest fer2013.csv ferplus.zip ck48.zip
    """
    from curate.ingest import declared_sources, ingest_source, summarise

    if len(sources or []) != 1 and (format_name or name or labels):
        raise typer.BadParameter("--format, --name and --labels speak of one source; name exactly one")
    here = open_workspace(workspace)
    take_in = partial(
        ingest_source, here, format_name=format_name, name=name, labels=labels, processes=True, progress=bars
    )
    reports, errors = [], []
    for path in sources or declared_sources(here):
        try:
            with without_decoder_noise():
                reports.append(take_in(path))
        except SourceError as error:
            errors.append(str(error))
            complain(str(error))
            continue
        if not as_json:
            print_ingest(reports[-1])
    summary = summarise(here)
    if as_json:
        print_json({"reports": [asdict(each) for each in reports], "errors": errors, "summary": asdict(summary)})
    elif reports:
        print_summary(summary, fresh=[each.source for each in reports if not each.unchanged])
    if errors:
        raise typer.Exit(3)


def status(workspace: WorkspaceOption = Path(), as_json: JsonOption = False) -> None:
    """Where in the loop the workspace is, its sources and versions, and who holds the lock.

    Example: curate status --json
    """
    from curate.ingest import summarise
    from curate.next_steps import next_steps, read_loop_state, stages

    here = open_workspace(workspace)
    state = read_loop_state(here)
    sources = here.sources()
    holder, versions = here.lock_holder(), readable_versions(here)
    summary = summarise(here)
    if as_json:
        table = sources.to_dict("records")
        print_json(
            {
                "workspace": str(here.folder),
                "sources": table,
                "versions": [_brief(version) for version in versions],
                "lock_holder": holder and asdict(holder),
                "bytes_on_disk": here.sizes(),
                "summary": asdict(summary),
                "loop": [stage._asdict() for stage in stages(state)],
                "next": [step._asdict() for step in next_steps(state)],
            }
        )
        return
    columns = ["name", "format", "state", "revision", "occurrences", "samples", "retired", "problems"]
    print_table(f"Sources of {here.folder}", columns, sources[columns].itertuples(index=False))
    print_summary(summary)
    if versions:
        print_records("Versions", [_brief(version) for version in versions])
    say(disk_line(here.sizes()))
    if (here.state / "pictures").is_dir():
        say(
            f"{here.state / 'pictures'} holds pictures that an older release stored; nothing reads it, it may be "
            "deleted"
        )
    print_loop(state)
    say(f"in use by {holder}" if holder else "nobody is writing to it")
    say(step_line(next_steps(state)[0], here.folder))


def _brief(version: "Version") -> dict[str, object]:
    header = version.header
    names = {
        "name": version.name,
        "parent": header.parent_name or None,
        "line": header.line,
        "created": header.created[:16],
    }
    return {**names, **header.split_sizes, "digest": header.digest[:12]}


def forget(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")],
    workspace: WorkspaceOption = Path(),
) -> None:
    """Retire a source: its occurrences no longer count; decisions about its pictures are kept.

    Example: curate forget ck48
    """
    from curate.ingest import forget_source

    retired = forget_source(open_workspace(workspace), source)
    say(f"{source}: {retired:,} occurrences retired; `curate ingest PATH` takes it in again")


def formats(as_json: JsonOption = False) -> None:
    """List what can be read.

    Example: curate formats
    """
    from curate.ingest import FORMATS

    summaries = {name: form.summary.replace("`", "") for name, form in FORMATS.items()}
    if as_json:
        print_json({"formats": summaries})
        return
    print_table("Formats", ["name", "what it is"], list(summaries.items()))


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made anew; must not hold a workspace.")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="Other faces, other faults.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace from generated faces with planted faults, and find them.

    Example: curate demo demo
    """
    from curate.demo import run_demo

    with without_decoder_noise():
        result = run_demo(folder, created=dt.datetime.now(dt.UTC), seed=seed, progress=bars)
    if as_json:
        print_json(asdict(result))
        return
    print_summary(result.summary)
    rows = [(each.fault, each.planted, each.found) for each in result.checks]
    print_table("Planted and found", ["fault", "planted", "found"], rows)
    print_leaderboard(result.standings, {})
    for page in result.pages:
        say(f"report in {page}; open it in a browser")
    say(f"workspace in {result.workspace}; look around with `curate status --workspace {folder}`")
