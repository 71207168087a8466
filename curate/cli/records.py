"""Records of the catalog as tables: without columns that say nothing, ids as short as people tell them apart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from curate.terminal import print_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cell_text", "is_filled", "print_filled", "table_records", "without_undo_lines"]

_IDS = ("sample_a", "sample_b", "sample_id", "other_id")
_SHORT = 12
_DIGITS = 4


def without_undo_lines(log: "pd.DataFrame") -> "pd.DataFrame":
    """The log with `taken_back` (bool: the decision was undone) in place of its undo lines and `undoes`."""
    undo = log["kind"] == "undo"
    undone = set(log.loc[undo, ["reviewer", "undoes"]].itertuples(index=False, name=None))
    decided = log[~undo]
    taken_back = [action in undone for action in zip(decided["reviewer"], decided["action"], strict=True)]
    return decided.drop(columns="undoes").assign(taken_back=taken_back)


def table_records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """One dict per row; what is missing is None."""
    return table.astype(object).where(table.notna(), None).to_dict("records")  # type: ignore[return-value]


def print_filled(title: str, columns: Sequence[str], records: Sequence[dict[str, Any]]) -> None:
    """Print those of the columns in which a record says something; nothing where none does."""
    filled = [name for name in columns if any(is_filled(record[name]) for record in records)]
    if filled:
        print_table(title, filled, [[cell_text(name, record[name]) for name in filled] for record in records])


def is_filled(value: object) -> bool:
    """Whether a value says anything: neither missing, empty nor False."""
    return value is not None and value != "" and value is not False


def cell_text(name: str, value: object) -> object:
    """A value as it is printed in the column of that name."""
    if name in _IDS:
        return str(value or "")[:_SHORT]
    if isinstance(value, bool):
        return "yes" if value else ""
    return round(value, _DIGITS) if isinstance(value, float) else value
