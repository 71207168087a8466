"""What a page shows only: one row of choices above the board, never hidden."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

__all__ = ["choose"]


def choose(
    page: str, choices: Mapping[str, Sequence[str]], *, words: Callable[[str, str], str], widths: Sequence[float]
) -> dict[str, str]:
    """A row of choices.

    Args:
        page: keeps the choices of pages apart.
        choices: name -> what can be chosen, the default first.
        words: how a choice of a name reads.
        widths: of the columns, relative.
    """
    chosen = {}
    for column, (name, values) in zip(st.columns(widths, gap="small"), choices.items(), strict=True):
        with column:
            shown = st.selectbox(name, values, format_func=partial(words, name),
                                 key=f"{page} {name}", label_visibility="collapsed")  # fmt: skip
        chosen[name] = str(shown or "")
    return chosen
