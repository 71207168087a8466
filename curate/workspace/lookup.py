"""Which sample a person means: by its id, a place in a source, a file's name, or a picture on disk."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from curate.catalog import Catalog, tables
from curate.errors import PictureError, SampleNotFound
from curate.images import decode, sample_digest

__all__ = ["look_up"]

_DIGITS = frozenset("0123456789abcdef")
_NAMED = 4
"""How many of several candidates a message names."""


class _Place(NamedTuple):
    """One place where a sample was found."""

    sample_id: str
    source: str
    key: str


def look_up(catalog: Catalog, text: str, *, max_megapixels: float) -> str:
    """The one sample that is meant.

    Looked for in this order, until something is found: a picture file on disk with these pixels; a sample_id that
    begins so (retired samples too); a key, such as `row:12` or `train/happy/1.png`, or SOURCE/KEY; the name of a
    delivered file.

    Args:
        catalog: where.
        text: what was typed.
        max_megapixels: a larger picture on disk is not opened.

    Raises:
        SampleNotFound: nothing is found, or several samples are.
    """
    on_disk = os.path.isfile(text)  # noqa: PTH113 - unlike Path.is_file, it takes any text
    if on_disk:
        sample_id = _by_pixels(catalog, Path(text), max_megapixels)
        if sample_id is not None:
            return sample_id
    begun = _by_prefix(catalog, text.lower())
    if begun:
        return _only(begun, f"several samples begin with `{text}`", [each[:12] for each in begun])
    places = list(_by_place(catalog, text))
    if places:
        named = [f"{place.source}/{place.key} ({place.sample_id[:12]})" for place in places]
        return _only([place.sample_id for place in places], f"several samples are called `{text}`", named)
    what = f"no sample has exactly the pixels of `{text}`" if on_disk else f"no sample is called `{text}`"
    raise SampleNotFound(
        f"{what} in {catalog.path.parent.parent}; give the beginning of its id, a key such as row:12, the name of a "
        "delivered file, or a picture file"
    )


def _by_pixels(catalog: Catalog, path: Path, max_megapixels: float) -> str | None:
    try:
        sample_id = sample_digest(decode(path.read_bytes(), max_megapixels=max_megapixels).pixels).hex()
    except (OSError, PictureError):
        return None
    return next(iter(tables.find_samples(catalog, sample_id, limit=1)), None)


def _by_prefix(catalog: Catalog, text: str) -> list[str]:
    if not text or len(text) > 64 or set(text) - _DIGITS:
        return []
    return tables.find_samples(catalog, text, limit=_NAMED + 1)


def _by_place(catalog: Catalog, text: str) -> Iterator[_Place]:
    """Places of that key, or SOURCE/KEY; where there are none, those whose key ends with these folders and file."""
    by_key, by_name = [], []
    for place in map(_Place._make, tables.find_places(catalog, text.rpartition("/")[2])):
        if text in (place.key, f"{place.source}/{place.key}"):
            by_key.append(place)
        elif f"/{place.key}".endswith(f"/{text}"):
            by_name.append(place)
    yield from by_key or by_name


def _only(sample_ids: list[str], several: str, named: list[str]) -> str:
    if len(set(sample_ids)) == 1:
        return sample_ids[0]
    more = " and others" if len(named) > _NAMED else ""
    raise SampleNotFound(f"{several}: {', '.join(named[:_NAMED])}{more}; say which by more of it, or by an id")
