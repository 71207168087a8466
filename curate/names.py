"""Names that people type: looked up, and where nothing has that name, refused with the closest that has."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

__all__ = ["check_known", "look_up", "nearest"]

Value = TypeVar("Value")


def look_up(name: str, known: Mapping[str, Value], *, what: str, error: Callable[[str], Exception]) -> Value:
    """What has that name; the arguments and errors of `check_known`."""
    check_known(name, known, what=what, error=error)
    return known[name]


def check_known(
    name: str, known: Iterable[str], *, what: str, error: Callable[[str], Exception], where: str = ""
) -> None:
    """Refuse a name that is not known; the message lists the known ones and the closest.

    Args:
        name: as it was typed.
        known: all names, in the order in which they are listed.
        what: how the message begins, such as `no recipe`; the name follows.
        error: raised.
        where: what follows the name, such as ` in v1`.

    Raises:
        error: there is none of that name.
    """
    names = tuple(known)
    if name in names:
        return
    close = nearest(name, names)
    hint = f"did you mean `{close}`? " if close else ""
    raise error(f"{what} `{name}`{where}; {hint}known: {', '.join(names) or 'none'}")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name whose spelling comes closest; None when nothing is near.

    Example:
        >>> nearest("compakt", ["compact", "rice-c"])
        'compact'
    """
    return next(iter(difflib.get_close_matches(name, tuple(known), n=1)), None)
