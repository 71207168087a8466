"""Commands about labels that deserve a second look."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.options import JsonOption, WorkspaceOption, open_workspace
from curate.spreadsheets import write_csv
from curate.terminal import bars, print_json, print_table, say

if TYPE_CHECKING:
    import pandas as pd

    from curate.review import SuspectReport

__all__ = ["suspects"]

_SHOWN = 20
_SHORT = 12


class Rank(StrEnum):
    """What the order of suspects is good for."""

    balanced = "balanced"
    yield_ = "yield"


def suspects(
    rank: Annotated[
        Rank,
        typer.Option(help="balanced: mistakes of all classes; yield: most mistakes, from the worst classes first."),
    ] = Rank.balanced,
    use_votes: Annotated[
        bool, typer.Option("--use-votes", help="Annotators' votes are evidence, too, and no longer a judge.")
    ] = False,
    csv: Annotated[Path | None, typer.Option(help="Write all labels, most suspect first, to this CSV file.")] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Judge every label by pictures that are no copies of it, and say which are probably wrong, and why.

    Example: curate suspects --rank yield --csv suspects.csv
    """
    from curate.review import find_suspects

    here = open_workspace(workspace)
    report = find_suspects(here, rank=rank.value, use_votes=use_votes, progress=bars)
    table = here.suspects()
    if csv is not None:
        write_csv(table, csv)
    if as_json:
        shown = table.head(_SHOWN).astype(object).where(table.head(_SHOWN).notna(), None)
        print_json({"report": asdict(report), "first": shown.to_dict("records")})
        return
    _print_suspects(report, table)


def _print_suspects(report: "SuspectReport", table: "pd.DataFrame") -> None:
    """The worst labels first, then the classes, then what to bear in mind."""
    first = table.head(_SHOWN)
    rows = zip(first["sample_id"].str[:_SHORT], first["quality"].round(3).tolist(), first["reason"], strict=True)
    print_table(f"The {len(first)} most suspect labels", ["sample", "quality", "reason"], list(rows))
    given = table["given_label"].value_counts()
    classes = [(name, int(given[name]), f"{share:.0%}") for name, share in report.error_rates.items()]
    print_table("Labels by class", ["label", "given", "probably wrong"], classes)
    say(
        f"{report.samples:,} labels judged ({report.rank}); the model, which had seen none of them, gives "
        f"{report.agreement:.1%} of them, too"
    )
    for remark in report.remarks:
        say(remark)
