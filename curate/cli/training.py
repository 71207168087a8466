"""Commands that train: score a version, compare two, rank all."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli.options import (
    JsonOption,
    NewerArgument,
    OlderArgument,
    VersionArgument,
    WorkspaceOption,
    open_workspace,
)
from curate.cli.printing_scores import (
    comparison_to_json,
    epoch_line,
    leaderboard_row_to_json,
    print_comparison,
    print_damaged_scores,
    print_leaderboard,
    print_scores,
)
from curate.terminal import bars, print_json, print_table, visible, without_decoder_noise, written

if TYPE_CHECKING:
    from curate.workspace import Workspace

__all__ = ["benchmark", "compare", "leaderboard", "recipes"]


def benchmark(
    version: VersionArgument,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="See `curate recipes`; `+weights`, `+balanced`, `+votes`, `+same-steps` can be appended.",
            show_default="rice-c on a GPU, else compact",
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The recipe's quick form.")] = False,
    seeds: Annotated[int, typer.Option(min=1, help="So many runs; their spread is what makes scores comparable.")] = 3,
    protocol: Annotated[str, typer.Option(help="leak-free, official or augment-then-split.")] = "leak-free",
    source: Annotated[str | None, typer.Option(help="Which source, for the protocol official.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or gpu.")] = "auto",
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Train a recipe on a version, once per seed, and score it. Go on where an earlier run stopped.

    Example: curate benchmark v1 --quick
    """
    from curate.benchmark import benchmark_version

    if device not in ("auto", "cpu", "gpu"):
        raise typer.BadParameter(visible(f"--device {device}: write auto, cpu or gpu"))
    with without_decoder_noise():
        scores = benchmark_version(
            open_workspace(workspace),
            version,
            created=dt.datetime.now(dt.UTC),
            recipe=recipe,
            quick=quick,
            seeds=range(seeds),
            protocol=protocol,
            source=source,
            device=device,
            progress=bars,
            on_epoch=epoch_line,
        )
    if as_json:
        print_json({"scores": [score.to_json() for score in scores]})
    else:
        print_scores(scores)


def recipes(as_json: JsonOption = False) -> None:
    """List what can be trained.

    Example: curate recipes
    """
    from curate.benchmark import PROTOCOLS, RECIPES

    if as_json:
        print_json(
            {
                "recipes": {name: each.summary for name, each in RECIPES.items()},
                "protocols": {name: {"summary": each.summary, "leaks": each.leaks} for name, each in PROTOCOLS.items()},
            }
        )
        return
    print_table("Recipes", ["name", "what it is"], [(name, each.summary) for name, each in RECIPES.items()])
    rows = [(name, each.summary, "yes" if each.leaks else "no") for name, each in PROTOCOLS.items()]
    print_table("Protocols", ["name", "what is trained on and scored", "leaks"], rows)


def compare(
    a: OlderArgument, b: NewerArgument, workspace: WorkspaceOption = Path(), as_json: JsonOption = False
) -> None:
    """Tell whether B is better than A, by how much and how certainly, on the gold test with its newest labels.

    Example: curate compare v1 v2
    """
    from curate.benchmark import compare_versions, damaged_scores

    here = open_workspace(workspace)
    found = compare_versions(here, a, b)
    damaged = damaged_scores({name: here.version(name) for name in (a, b)})
    if as_json:
        print_json({"comparisons": [comparison_to_json(each) for each in found], "damaged_scores": damaged})
        return
    for each in found:
        print_comparison(each)
    print_damaged_scores(damaged)


def leaderboard(
    plot: Annotated[Path | None, typer.Option(help="Draw it into this PNG file.")] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Show every version and recipe that was scored: means and 95 % intervals over seeds, and the human ceiling.

    Example: curate leaderboard --plot scores.png
    """
    from curate.benchmark import damaged_scores, plot_leaderboard, rank_scores

    here = open_workspace(workspace)
    standings, ceilings = rank_scores(here), _human_ceilings(here)
    damaged = damaged_scores({name: here.version(name) for name in here.version_names()})
    if plot is not None:
        plot_leaderboard(plot, standings, ceilings=ceilings)
        written(plot)
    if as_json:
        ranked = [leaderboard_row_to_json(each) for each in standings]
        print_json({"standings": ranked, "human_ceilings": ceilings, "damaged_scores": damaged})
    else:
        print_leaderboard(standings, ceilings)
        print_damaged_scores(damaged)


def _human_ceilings(here: "Workspace") -> dict[str, float]:
    """How far annotators agree with themselves, by source and panel, where they voted twice."""
    from curate.audit import audit_workspace

    sources = here.sources()
    names = sources.loc[sources["occurrences"] > 0, "name"].tolist()
    voted = set(here.votes()["source"])
    seen = [each for name in names if name in voted for each in audit_workspace(here, name).ceilings]
    return {f"{each.source} votes {each.panel}": each.agreement for each in seen if each.agreement is not None}
