"""Rows as data frames, with Arrow-backed text."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame", "text"]


def frame(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> "pd.DataFrame":
    """A data frame of rows; a column without any value is text."""
    import pandas as pd

    table = pd.DataFrame(list(rows), columns=list(columns))
    for name in table.columns[table.isna().all()]:
        table[name] = table[name].astype("str")
    return table


def text(values: Iterable[str | None]) -> "pd.api.extensions.ExtensionArray":
    """A column of text; None = missing."""
    import pandas as pd

    return pd.array(list(values), dtype="str")
