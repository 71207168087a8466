"""In which order versions were released: a sequence that a clock which was set back cannot turn round."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curate.manifest.version import Version

__all__ = ["ancestors", "next_serial", "release_order"]


def release_order(versions: Iterable["Version"]) -> list["Version"]:
    """Oldest first: by the serial number that each got at its release, and a parent always before its children.

    Versions of older releases have no serial number; they come first, by the time in their headers.
    """
    waiting = sorted(versions, key=_rank)
    names = {version.name for version in waiting}
    ordered: list[Version] = []
    placed: set[str] = set()
    while waiting:
        ready = next((each for each in waiting if each.header.parent_name not in names - placed), waiting[0])
        waiting.remove(ready)
        ordered.append(ready)
        placed.add(ready.name)
    return ordered


def next_serial(versions: Iterable["Version"]) -> int:
    """The serial number of the next version: one more than the highest; never below 1."""
    return 1 + max((version.header.serial for version in versions), default=0)


def ancestors(version: "Version", versions: Iterable["Version"]) -> list["Version"]:
    """A version and those of its line that it descends from, oldest first; they end where one is not there."""
    known = {each.header.digest: each for each in versions}
    chain = [version]
    while (parent := chain[-1].header.parent) is not None:
        found = known.get(parent.digest)
        if found is None or found in chain or found.header.line != version.header.line:
            break
        chain.append(found)
    return chain[::-1]


def _rank(version: "Version") -> tuple[int, str, str]:
    return version.header.serial, version.header.created, version.name
