"""Commands about versions: release, compare, check."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from curate.cli.options import JsonOption, NewerArgument, OlderArgument, WorkspaceOption, open_workspace
from curate.cli.printing_scores import print_score_check
from curate.cli.printing_versions import (
    diff_to_json,
    print_diff,
    print_header,
    print_ratios,
    print_unlabelled_test,
    print_verification,
)
from curate.terminal import bars, print_json, say, visible

__all__ = ["diff", "freeze", "verify"]

_NO_PARENT = "none"


def freeze(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Name of the new version, such as v1.")],
    parent: Annotated[
        str | None,
        typer.Option("--from", help="Version whose splits are inherited; none = start a line.", show_default="newest"),
    ] = None,
    ratios: Annotated[
        str | None,
        typer.Option(help="Train, val and test, for pictures that the parent lacks.", show_default="80/10/10"),
    ] = None,
    keep_official_splits: Annotated[
        bool, typer.Option("--keep-official-splits", help="Keep the sources' own splits, but repair their leaks.")
    ] = False,
    keep_copies: Annotated[
        bool, typer.Option("--keep-copies", help="Hold every copy of a photograph, not only the best.")
    ] = False,
    classes: Annotated[
        str | None,
        typer.Option(help="Hold only these labels, such as happy,sad,fear.", show_default="[policy] classes"),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="Only pictures and labels of this source; repeatable.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="None of this source alone, nor its labels; repeatable.")
    ] = None,
    splits: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Splits for pictures that the parent lacks: a table of sample_id or key (and source), and split.",
        ),
    ] = None,
    even_if_unchanged: Annotated[
        bool, typer.Option("--even-if-unchanged", help="Also a version that equals its parent.")
    ] = False,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Release the current state as an immutable version with leak-free splits.

    Example: curate freeze v2 --keep-official-splits
    """
    from curate.duplicates import regroup
    from curate.version import DEFAULT_RATIOS, NEWEST, choose, freeze_version, read_splits

    here = open_workspace(workspace)
    choice = choose(
        here.sources().query("occurrences > 0")["name"].tolist(),
        classes=[] if classes is None else classes.split(","),
        only=only or [],
        without=without or [],
        splits=None if splits is None else read_splits(splits, here.occurrences()),
    )
    regroup(here)
    made = freeze_version(
        here,
        version,
        created=dt.datetime.now(dt.UTC),
        parent=None if parent == _NO_PARENT else parent or NEWEST,
        ratios=DEFAULT_RATIOS if ratios is None else _numbers(ratios),
        keep_official_splits=keep_official_splits,
        keep_copies=keep_copies,
        even_if_unchanged=even_if_unchanged,
        choice=choice,
    )
    if as_json:
        print_json(made.header.to_json())
    else:
        print_header(made.header)
        print_unlabelled_test(made)
        if ratios is not None:
            print_ratios(made.header, ratios)


def verify(
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="Name of a version; none = all.")] = None,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Re-check every digest, picture, lineage edge and score of a version. Exit code 1 when something is wrong.

    Example: curate verify v1
    """
    from curate.benchmark.score_check import check_scores
    from curate.manifest import verify_version

    here = open_workspace(workspace)
    names = [version] if version else here.version_names()
    checks = [verify_version(here.manifests, name, state=here.state, progress=bars) for name in names]
    scores = {each.version: check_scores(here.version(each.version), progress=bars) for each in checks if each.digest}
    if as_json:
        checked = {name: each._asdict() for name, each in scores.items()}
        print_json({"versions": [{**asdict(each), "scores": checked.get(each.version)} for each in checks]})
    else:
        for each in checks:
            print_verification(each)
            if each.version in scores:
                print_score_check(scores[each.version])
        if not checks:
            say("no version yet; `curate freeze v1` makes one")
    if any(each.findings for each in checks) or any(each.findings for each in scores.values()):
        raise typer.Exit(1)


def diff(a: OlderArgument, b: NewerArgument, workspace: WorkspaceOption = Path(), as_json: JsonOption = False) -> None:
    """Tell what changed: rows added, removed, relabelled (by whom), moved, withdrawn; class by class.

    Example: curate diff v1 v2
    """
    from curate.manifest import diff_versions

    here = open_workspace(workspace)
    changed = diff_versions(here.version(a), here.version(b))
    if as_json:
        print_json(diff_to_json(changed))
    else:
        print_diff(changed)


def _numbers(ratios: str) -> list[float]:
    try:
        return [float(part) for part in ratios.split("/")]
    except ValueError:
        raise typer.BadParameter(visible(f"--ratios {ratios}: write train/val/test, such as 80/10/10")) from None
