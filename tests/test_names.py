"""Names that people type: what is known is found, what is not is refused with the closest."""

import pytest

from curate.errors import UnknownFormat
from curate.names import check_known, look_up, nearest

FORMATS = {"fer2013": 1, "ck48": 2}


def test_a_known_name_gives_what_has_it() -> None:
    assert look_up("ck48", FORMATS, what="no format", error=UnknownFormat) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ck84", "no format `ck84`; did you mean `ck48`? known: fer2013, ck48"),
        ("x", "no format `x`; known: fer2013, ck48"),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones_and_the_closest(name: str, message: str) -> None:
    with pytest.raises(UnknownFormat) as refused:
        look_up(name, FORMATS, what="no format", error=UnknownFormat)
    assert str(refused.value) == message


def test_where_nothing_is_known_the_message_says_none() -> None:
    with pytest.raises(ValueError, match=r"^no source `a` in v1; known: none$"):
        check_known("a", [], what="no source", error=ValueError, where=" in v1")


def test_nothing_is_near_a_name_that_is_quite_different() -> None:
    assert (nearest("hapy", ["happy", "sad"]), nearest("xyz", ["happy", "sad"])) == ("happy", None)
