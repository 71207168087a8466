"""Samples by a simple filter, such as `label=fear split=test source=fer2013`, and a page that shows them."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from curate.emotions import LABELS
from curate.errors import FilterError
from curate.gallery import Section, Tile, write_gallery
from curate.hashing import QUALITY_FLAGS
from curate.images import decode, encode_png
from curate.labels import ORIGINS
from curate.names import look_up
from curate.sample import OFFICIAL_SPLITS
from curate.workspace.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FIELDS", "Condition", "PictureView", "read_filter", "select_samples", "write_view"]

NONE = "none"
"""The value that stands for a missing one, such as `label=none` for open labels."""


class Condition(NamedTuple):
    """`name=one,other`: a sample is meant if the field holds one of the values; `differs` (`!=`) = if none of them."""

    name: str
    values: frozenset[str]
    differs: bool = False


class _Field(NamedTuple):
    """A field that filters know.

    Attributes:
        table: `samples`, or `occurrences`; of the latter it is enough that one of a sample's has the value.
        column: of that table.
        known: the values that make sense; empty = any.
        several: the column holds several words, one of which is enough.
    """

    table: str
    column: str
    known: tuple[str, ...] = ()
    several: bool = False


FIELDS = {
    "label": _Field("samples", "label", LABELS),
    "origin": _Field("samples", "label_origin", tuple(name for name in ORIGINS if name)),
    "by": _Field("samples", "label_by"),
    "mode": _Field("samples", "mode", ("L", "RGB")),
    "flags": _Field("samples", "flags", QUALITY_FLAGS, several=True),
    "excluded": _Field("samples", "excluded"),
    "group": _Field("samples", "group_id"),
    "given": _Field("occurrences", "given_label", LABELS),
    "raw": _Field("occurrences", "given_raw"),
    "split": _Field("occurrences", "official_split", OFFICIAL_SPLITS),
    "source": _Field("occurrences", "source"),
    "subject": _Field("occurrences", "subject"),
    "sequence": _Field("occurrences", "sequence"),
}
"""By name. `split` is the official one, as delivered; with a version, label and split are those of its rows."""


class PictureView(NamedTuple):
    """A page that was written: samples that meet the filter, those that it shows, and its place among the pages."""

    found: int
    sample_ids: tuple[str, ...]
    page: int
    pages: int


def read_filter(texts: Sequence[str]) -> tuple[Condition, ...]:
    """Conditions that all must hold, from texts such as `label=fear,sad` and `source!=ck48`.

    Raises:
        FilterError: not such a text, an unknown field, or a value that the field cannot have.
    """
    words = (word for text in texts for word in re.split(r"\s+(?=\w+!?=)", text.strip()))
    return tuple(map(_condition, words))


def _condition(text: str) -> Condition:
    name, sign, values = text.partition("=")
    if not sign or not values:
        raise FilterError(f"`{text}` is no filter; write FIELD=VALUE, such as label=fear; fields: {', '.join(FIELDS)}")
    differs = name.endswith("!")
    name = name.removesuffix("!")
    known = look_up(name, FIELDS, what=f"`{text}`: there is no field", error=FilterError).known
    wanted = frozenset(values.split(","))
    for value in sorted(wanted - {*known, NONE}) if known else ():
        raise FilterError(f"`{text}`: {name} cannot be `{value}`; known: {', '.join((*known, NONE))}")
    return Condition(name, wanted, differs)


def select_samples(
    workspace: Workspace, conditions: Sequence[Condition], *, version: str | None = None
) -> "pd.DataFrame":
    """Samples that meet all conditions, ordered by sample_id; columns of `Workspace.samples`, and split.

    Args:
        workspace: whose samples.
        conditions: of `read_filter`; none = all samples.
        version: only its rows, by their label and split (of augmented rows, none); None = the workspace as it is,
            where a sample has each official split of its occurrences.

    Raises:
        VersionNotFound: no version of that name.
    """
    with workspace.snapshot() as view:
        samples, occurrences = view.samples(), view.occurrences()
    if version is None:
        highest = occurrences.dropna(subset="official_split").groupby("sample_id")["official_split"]
        samples["split"] = samples["sample_id"].map(highest.agg(lambda names: max(names, key=OFFICIAL_SPLITS.index)))
    else:
        rows = workspace.version(version).rows()[["sample_id", "label", "split"]]
        samples = samples.drop(columns="label").merge(rows, on="sample_id")
    for condition in conditions:
        samples = samples[_holds(condition, samples, occurrences, of_version=version is not None)]
    return samples.reset_index(drop=True)


def _holds(
    condition: Condition, samples: "pd.DataFrame", occurrences: "pd.DataFrame", *, of_version: bool
) -> "pd.Series":
    field = FIELDS[condition.name]
    is_meant = _matcher(condition.values, several=field.several)
    if field.table == "samples" or (of_version and condition.name == "split"):
        column = "split" if condition.name == "split" else field.column
        held = samples[column].map(is_meant).astype(bool)
    else:
        meant = occurrences.loc[occurrences[field.column].map(is_meant).astype(bool), "sample_id"]
        held = samples["sample_id"].isin(set(meant))
    return ~held if condition.differs else held


def _matcher(values: frozenset[str], *, several: bool) -> Callable[[Any], bool]:
    """Is a cell one of the values?"""

    def is_meant(cell: object) -> bool:
        words = (cell.split() if several else [cell]) if isinstance(cell, str) and cell else [NONE]
        return not values.isdisjoint(words)

    return is_meant


def write_view(
    workspace: Workspace, path: Path, conditions: Sequence[Condition], *, version: str | None = None,
    page: int = 1, per_page: int = 200,
) -> PictureView:  # fmt: skip
    """Write one page of the samples that meet all conditions, with labels and places, as one HTML file.

    Args:
        workspace: whose samples.
        path: the file; one that is there is replaced. Nothing is written where nothing is found.
        conditions: of `read_filter`.
        version: see `select_samples`.
        page: which, from 1.
        per_page: samples on a page.

    Raises:
        FilterError: there is no such page.
        VersionNotFound: no version of that name.
        StorageFull: there is no space for it.
    """
    found = select_samples(workspace, conditions, version=version)
    pages = max(1, -(-len(found) // per_page))
    if not 1 <= page <= pages:
        raise FilterError(f"there is no page {page}: {len(found):,} pictures fill {pages}; see --page and --per-page")
    first = (page - 1) * per_page
    shown = found.iloc[first : first + per_page]
    if len(shown):
        filters = " ".join(map(_text, conditions)) or "all pictures"
        title = filters if version is None else f"{version}: {filters}"
        note = (
            f"{first + 1:,} to {first + len(shown):,} of {len(found):,} pictures, page {page} of {pages}. The pictures "
            "are those of your own datasets."
        )
        write_gallery(path, title, [Section(title, tuple(_tiles(workspace, shown)))], note=note)
    return PictureView(len(found), tuple(shown["sample_id"]), page, pages)


def _text(condition: Condition) -> str:
    return f"{condition.name}{'!' * condition.differs}={','.join(sorted(condition.values))}"


def _tiles(workspace: Workspace, shown: "pd.DataFrame") -> list[Tile]:
    table = workspace.occurrences()
    table = table[table["sample_id"].isin(set(shown["sample_id"]))]
    places: dict[str, list[str]] = {}
    for sample_id, source, key in table[["sample_id", "source", "key"]].itertuples(index=False):
        places.setdefault(sample_id, []).append(f"{source}/{key}")
    tiles = []
    for sample_id, *facts in shown[["sample_id", "label", "split", "flags"]].itertuples(index=False):
        picture = encode_png(decode(workspace.picture_bytes(sample_id)).pixels)
        said = " ".join(fact for fact in facts if isinstance(fact, str) and fact)
        tiles.append(Tile(picture, (said or "open", sample_id[:12], *places.get(sample_id, ()))))
    return tiles
