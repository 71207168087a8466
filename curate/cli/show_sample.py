"""`curate show`: all that is known of one sample."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli.options import JsonOption, WorkspaceOption, open_workspace, readable_versions
from curate.cli.records import cell_text, is_filled, print_filled, table_records, without_undo_lines
from curate.emotions import LABELS
from curate.errors import VersionDamaged
from curate.storage import replace_file
from curate.terminal import complain, open_file, print_json, print_table, written

if TYPE_CHECKING:
    import pandas as pd

    from curate.workspace import Workspace

__all__ = ["show"]

_OF_A_ROW = ["label", "label_origin", "label_by", "split", "gold", "transform"]

_WHERE = "sample_id other_id screen"
_TABLES = {
    "occurrences": ("Occurrences", "source key given_label given_raw official_split kept_out subject sequence"),
    "votes": ("Votes", "source panel " + " ".join(LABELS)),
    "pairs": ("Pairs", "sample_a sample_b kind similarity distance_bits verdict reason"),
    "decisions": ("Decisions, oldest first", f"at reviewer kind label shown given {_WHERE} note taken_back"),
    "suspect": ("Its label, as judged last", "given_label suggested_label second_suggestion quality reason"),
    "patches": ("From patches", "patch match label split gold left_out"),
    "versions": ("In versions", "version " + " ".join(_OF_A_ROW)),
}
"""What is printed of each table."""

_SHORT = 12


def show(
    sample: Annotated[
        str,
        typer.Argument(
            metavar="SAMPLE",
            help="The beginning of its id; a key such as row:12, also as SOURCE/KEY; the name of a delivered file; or "
            "a picture file on disk, found by its pixels.",
        ),
    ],
    see: Annotated[bool, typer.Option("--open", help="Show the picture, too.")] = False,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """All that is known of one sample: where it was found, its votes, copies, decisions, suspicion and versions.

    Example: curate show 3f2a --open
    """
    here = open_workspace(workspace)
    sample_id = here.find_sample(sample)
    known = _known(here, sample_id)
    if see:
        _open_picture(here, sample_id)
    if as_json:
        print_json(known)
        return
    facts = [
        (name, value if name == "sample_id" else cell_text(name, value)) for name, value in known["sample"].items()
    ]
    print_table("Sample", ["what", "value"], [fact for fact in facts if is_filled(fact[1])])
    for name, (title, columns) in _TABLES.items():
        print_filled(title, columns.split(), known[name])


def _open_picture(workspace: "Workspace", sample_id: str) -> None:
    """Show the picture where there is a desktop; else say where it was written."""
    from curate.images import decode, encode_png
    from curate.workspace.output import output_path

    path = output_path(workspace.folder, Path(f"{sample_id[:_SHORT]}.png"))
    replace_file(path, encode_png(decode(workspace.picture_bytes(sample_id), max_megapixels=math.inf).pixels))
    if not open_file(path):
        written(path)


def _known(workspace: "Workspace", sample_id: str) -> dict[str, Any]:
    """What every table says of one sample; `sample` alone holds one record, of a retired sample nothing but its id."""
    with workspace.snapshot() as view:
        facts = table_records(_of(view.samples(), sample_id))
        return {
            "sample": {"sample_id": sample_id, "retired": not facts, **(facts[0] if facts else {})},
            "occurrences": table_records(_of(view.occurrences(), sample_id)),
            "votes": table_records(_of(view.votes(), sample_id)),
            "pairs": table_records(_with(view.pairs(), "sample_a", "sample_b", sample_id)),
            "decisions": table_records(_with(without_undo_lines(view.decisions()), "sample_id", "other_id", sample_id)),
            "suspect": table_records(_of(view.suspects(), sample_id)),
            "patches": table_records(_of(view.patched(), sample_id)),
            "versions": _in_versions(workspace, sample_id),
        }


def _in_versions(workspace: "Workspace", sample_id: str) -> list[dict[str, Any]]:
    """Its rows, oldest version first; an augmented version also has rows made of it."""
    import pyarrow.compute as pc

    records = []
    for version in readable_versions(workspace):
        try:
            rows = version.table("rows", columns=["sample_id", "parent", *_OF_A_ROW])
        except VersionDamaged as error:
            complain(str(error))
            continue
        of_it = pc.or_kleene(pc.equal(rows["sample_id"], sample_id), pc.equal(rows["parent"], sample_id))
        records += [{"version": version.name, **row} for row in rows.filter(of_it).select(_OF_A_ROW).to_pylist()]
    return records


def _of(table: "pd.DataFrame", sample_id: str) -> "pd.DataFrame":
    return table[table["sample_id"] == sample_id].drop(columns="sample_id", errors="ignore")


def _with(table: "pd.DataFrame", one: str, other: str, sample_id: str) -> "pd.DataFrame":
    """Rows that name the sample in either column."""
    return table[(table[one] == sample_id) | (table[other] == sample_id)]
