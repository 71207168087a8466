"""Which folder on the way to a picture names its class."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from curate.emotions import canonical_label, code_meanings, is_code
from curate.ingest.delivery import Member

__all__ = ["class_folders", "direct_classes"]


def class_folders(pictures: Iterable[Member]) -> Callable[[str], str | None]:
    """From the path of a picture to the innermost folder that is named after an emotion; None where there is none.

    Two-letter codes are such names only where `code_meanings` says so of the folders of all pictures together.
    """
    folders = {member.path.rpartition("/")[0] for member in pictures}
    codes = code_meanings({_likeliest(folder) for folder in folders if folder})

    @cache
    def name_in(folder: str) -> str | None:
        names = reversed(folder.split("/"))
        return next((name for name in names if name in codes or canonical_label(name)), None)

    return lambda path: name_in(path.rpartition("/")[0])


def direct_classes(pictures: Sequence[Member]) -> list[str]:
    """The class folders of those pictures that lie directly in one, in their order."""
    class_of = class_folders(pictures)
    return [member.parts[-2] for member in pictures if class_of(member.path) in member.parts[-2:-1]]


def _likeliest(folder: str) -> str:
    """The innermost emotion, else the innermost code, else the innermost name."""
    names = folder.split("/")[::-1]
    emotion = next(filter(canonical_label, names), None)
    return emotion or next(filter(is_code, names), names[0])
