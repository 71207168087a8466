"""The three boards: mounting them, and taking what they send."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources import files
from typing import Any

import streamlit as st

from curate._ui.settings import session
from curate.errors import CurateError
from curate.review.actions import PICTURE_KEYS, PIXELS_KEY, Key, label_warning, read_action

__all__ = ["ONE_LABEL", "mount"]

_HERE = files("curate._ui.boards")
ONE_LABEL = tuple(each for each in PICTURE_KEYS if each.does != "confirm")
"""Keys for boards on which pictures with different labels lie."""


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _register(name: str) -> Callable[..., Any]:
    script = _text("shared.js") + _text(f"{name}.js")
    return st.components.v2.component(f"curate_{name}", html=_text(f"{name}.html"), css=_text("style.css"), js=script)


_BOARDS = {name: _register(name) for name in ("queue", "sheet", "cases")}


def mount(board: str, page: str, reviewer: str, keys: Sequence[Key], data: dict[str, Any], **triggers: Any) -> None:
    """Show a board.

    Args:
        board: `queue`, `sheet` or `cases`.
        page: for the log, and to keep boards of one kind apart.
        reviewer: who decides here.
        keys: those that do something here.
        data: what the board shows; `reading` from before it was made.
        triggers: callbacks for what else it sends.
    """
    answer = st.session_state.get(f"answer {page}")
    sent = {"page": page, "reviewer": reviewer, "keys": _as_shown((*keys, PIXELS_KEY)), "answer": answer}
    _BOARDS[board](key=page, data=sent | data, on_act_change=partial(_take, page, reviewer), **triggers)


def _take(page: str, reviewer: str) -> None:
    """Take what a key press decides, before anything else is shown; the answer tells the browser that it arrived."""
    message = st.session_state[page].get("act")
    if not isinstance(message, dict):
        return
    error = ""
    now = dt.datetime.now().astimezone()
    try:
        act = read_action(message, page)
        session().act(reviewer, act, page, at=now.isoformat(timespec="milliseconds"), now=now.timestamp())
    except CurateError as problem:
        error = str(problem)
    st.session_state[f"answer {page}"] = {"action": str(message.get("action", "")), "error": error}


def _as_shown(keys: Sequence[Key]) -> list[dict[str, str]]:
    """Keys that do the same are one button; those of labels that no version holds carry a warning."""
    classes = session().classes
    shown: dict[tuple[str, str], dict[str, str]] = {}
    for each in keys:
        more = {"shown": each.key, "also": "", "warning": label_warning(each.label, classes)}
        first = shown.setdefault((each.does, each.words), each._asdict() | more)
        if first["key"] != each.key:
            first["also"] = each.key
            first["shown"] = f"{first['key']} or {each.key.capitalize()}"
    return list(shown.values())
