"""Commands about labels that deserve a second look."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.options import JsonOption, WorkspaceOption, file_option, open_workspace
from curate.spreadsheets import write_csv
from curate.terminal import bars, print_json, print_table, say, without_decoder_noise, written

if TYPE_CHECKING:
    import pandas as pd

    from curate.suspects import Learner, SuspectReport
    from curate.workspace import Workspace

__all__ = ["one_of_each_photograph", "suspects"]

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
    recipe: Annotated[
        str | None,
        typer.Option(help="Ask this recipe, too (see `curate recipes`): trained five times, multiplied with the rest."),
    ] = None,
    recipe_alone: Annotated[
        bool, typer.Option("--recipe-alone", help="Ask the recipe instead of the classical model.")
    ] = False,
    csv: Annotated[
        Path | None,
        file_option("Write all labels, most suspect first, to this CSV file."),
    ] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Judge every label by pictures that are no copies of it, and say which are probably wrong, and why.

    Example: curate suspects --rank yield --csv suspects.csv
    """
    from curate.suspects import find_suspects
    from curate.workspace.output import output_path

    if recipe_alone and recipe is None:
        raise typer.BadParameter("--recipe-alone: name it, such as --recipe compact-quick --recipe-alone")
    here = open_workspace(workspace)
    with without_decoder_noise(), _learner(here, recipe) as learner:
        report = find_suspects(
            here, rank=rank.value, use_votes=use_votes, learner=learner, alone=recipe_alone, progress=bars
        )
    table = here.suspects()
    if csv is not None:
        path = output_path(here.folder, csv)
        write_csv(table, path)
        written(path)
    if as_json:
        shown = table.head(_SHOWN).astype(object).where(table.head(_SHOWN).notna(), None)
        print_json({"report": asdict(report), "first": shown.to_dict("records")})
        return
    _print_suspects(report, table, here.groups())


@contextmanager
def _learner(workspace: "Workspace", recipe: str | None) -> "Iterator[Learner | None]":
    """The recipe as a function, and the pictures it takes; unfinished runs are kept until suspects are found."""
    if recipe is None:
        yield None
        return
    from curate.benchmark import find_recipe, recipe_as_function
    from curate.suspects import Learner

    found = find_recipe(recipe)
    with recipe_as_function(found, folder=workspace.state / "runs" / "suspects") as fit:
        yield Learner(recipe, fit, size_px=found.size_px, mode=found.mode)


def one_of_each_photograph(table: "pd.DataFrame", groups: "pd.DataFrame") -> "pd.DataFrame":
    """Rows of `workspace.suspects()` in their order; of copies (`workspace.groups()`) with one label only the first."""
    group_of = dict(zip(groups["sample_id"], groups["group_id"], strict=True))
    photograph = [group_of.get(sample_id, sample_id) for sample_id in table["sample_id"]]
    return table[~table.assign(photograph=photograph).duplicated(["photograph", "given_label"])]


def _print_suspects(report: "SuspectReport", table: "pd.DataFrame", groups: "pd.DataFrame") -> None:
    """The worst labels first, of copies with one label only the worst; then the classes, then what to bear in mind."""
    first = one_of_each_photograph(table, groups).head(_SHOWN)
    rows = zip(first["sample_id"].str[:_SHORT], first["quality"].round(3).tolist(), first["reason"], strict=True)
    print_table(f"The {len(first)} most suspect labels", ["sample", "quality", "reason"], list(rows))
    given = table["given_label"].value_counts()
    classes = [(name, int(given[name]), f"{share:.0%}") for name, share in report.error_rates.items()]
    print_table("Labels by class", ["label", "given", "probably wrong"], classes)
    say(
        f"{report.samples:,} labels judged ({report.rank}); the model ({report.model}), which had seen none of them, "
        f"gives {report.agreement:.1%} of them, too"
    )
    for remark in report.remarks:
        say(remark)
