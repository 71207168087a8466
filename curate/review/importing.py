"""A colleague's table of labels as decisions, by keys that can mean one picture alone."""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from curate.catalog.decisions import append_decisions, decision_rows
from curate.config import Config
from curate.decisions import REPEAT_SCREENS, Decision, active_decisions
from curate.emotions import LABELS, canonical_label, code_meanings
from curate.errors import LabelTableMismatch
from curate.spreadsheets import DELIMITERS, KEY_COLUMNS, LABEL_COLUMNS, find_columns, read_rows, unguarded
from curate.workspace import Workspace

__all__ = ["LabelImport", "LeftOut", "import_labels"]

_SCREEN = "import"
_COLUMNS = {
    "sample_id": ("sample_id", "sample"),
    "source": ("source", "dataset"),
    "key": ("key", *KEY_COLUMNS),
    "label": LABEL_COLUMNS,
}


class LeftOut(NamedTuple):
    """A row that decides nothing.

    Attributes:
        row: 0-based, without the header.
        kind: no-key, unknown-key, ambiguous-key, unknown-label or contradiction.
    """

    row: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class LabelImport:
    """What a table came to.

    Attributes:
        reviewer: as whom.
        rows: of the table.
        relabelled: pictures whose label it says is another than it was.
        confirmed: pictures whose label it says is right.
        known: pictures of which the reviewer said so before.
        left_out: rows that decide nothing, in their order.
        written: whether anything was added to the log.
    """

    reviewer: str
    rows: int
    relabelled: int
    confirmed: int
    known: int
    left_out: tuple[LeftOut, ...]
    written: bool


def import_labels(workspace: Workspace, path: Path, *, reviewer: str, at: str, dry_run: bool = False) -> LabelImport:
    """Add what a table says to the log of decisions, all of it or nothing. The same table again adds nothing.

    Args:
        workspace: whose pictures it speaks of.
        path: CSV with a header. A picture is named by sample_id, by source and key, or by a path or file name that only
            one picture here has; a column label (emotion, class, expression) says what it shows.
        reviewer: who decided.
        at: when, ISO 8601 with offset.
        dry_run: write nothing.

    Raises:
        LabelTableMismatch: there is no such column, or no row names a picture here.
    """
    rows = list(_read_rows(path))
    with workspace.snapshot() as view:
        index = _Index(view)
        said, left_out = _said(rows, index, view.config)
        labels = view.samples().set_index("sample_id")["label"].fillna("")
        given = _given(view, set(said))
        with view.catalog() as catalog:
            log = decision_rows(catalog)
    if rows and not said and all(each.kind.endswith("-key") for each in left_out):
        raise LabelTableMismatch(f"{path}: none of its {len(rows):,} rows names a picture here; it belongs elsewhere")
    action = hashlib.sha256(reviewer.encode() + b"\0" + path.read_bytes()).hexdigest()[:32]
    known = set(said) if any(line.action == action for line in log) else _known(log, reviewer, said)
    lines = [
        Decision(
            action=action,
            kind="confirm" if labels[sample_id] == label else "relabel",
            sample_id=sample_id,
            label=label,
            reviewer=reviewer,
            at=at,
            screen=_SCREEN,
            note=path.name,
            shown=str(labels[sample_id]),
            given=given.get(sample_id, ""),
        )
        for sample_id, label in said.items()
        if sample_id not in known
    ]
    written = False
    if lines and not dry_run:
        with workspace.catalog() as catalog:
            written = append_decisions(catalog, lines)
    confirmed = sum(line.kind == "confirm" for line in lines)
    return LabelImport(reviewer, len(rows), len(lines) - confirmed, confirmed, len(known), tuple(left_out), written)


def _given(view: Workspace, wanted: Set[str]) -> dict[str, str]:
    """sample_id -> the labels that sources gave the picture, as the log keeps them."""
    table = view.occurrences()
    table = table[table["sample_id"].isin(wanted) & table["given_label"].notna()]
    given: defaultdict[str, set[str]] = defaultdict(set)
    for sample_id, label in zip(table["sample_id"], table["given_label"], strict=True):
        given[sample_id].add(label)
    return {sample_id: ", ".join(label for label in LABELS if label in labels) for sample_id, labels in given.items()}


def _read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a table by `_COLUMNS`; texts without what guards them in spreadsheet programs."""
    for delimiter in DELIMITERS:
        try:
            with closing(read_rows(path.open("rb"), delimiter=delimiter)) as rows:
                places = find_columns(next(rows, []), _COLUMNS)
                if "label" in places and places.keys() & {"sample_id", "key"}:
                    for row in rows:
                        cells = {name: row[place] for name, place in places.items() if place < len(row)}
                        yield {name: unguarded(cells.get(name, "").strip()) for name in _COLUMNS}
                    return
        except (OSError, csv.Error) as error:
            raise LabelTableMismatch(f"{path} cannot be read as a table: {error}; save it as CSV") from None
    raise LabelTableMismatch(
        f"{path} has no header with a column `label` and one of sample_id, key or path; name its columns so"
    )


class _Index:
    """Which pictures of a workspace a row may mean."""

    def __init__(self, view: Workspace) -> None:
        found = view.occurrences()[["sample_id", "source", "key"]]
        self._samples = set(found["sample_id"])
        self._places: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for sample_id, source, key in found.itertuples(index=False, name=None):
            self._places[key.rpartition("/")[2]].append((sample_id, source, key))

    def find(self, row: Mapping[str, str]) -> list[str]:
        """sample_ids that the row may mean, each once."""
        if row["sample_id"]:
            return [row["sample_id"].lower()] if row["sample_id"].lower() in self._samples else []
        written = row["key"].replace("\\", "/").removeprefix("./")
        places = self._places.get(written.rpartition("/")[2], ())
        if row["source"]:
            places = [place for place in places if place[1] == row["source"]]
        exact = {sample_id for sample_id, _, key in places if key == written}
        ending = {sample_id for sample_id, source, key in places if f"/{source}/{key}".endswith(f"/{written}")}
        return sorted(exact if exact and row["source"] else ending)


def _said(rows: list[dict[str, str]], index: _Index, config: Config) -> tuple[dict[str, str], list[LeftOut]]:
    """sample_id -> label, and the rows that say nothing; two that contradict each other say nothing both."""
    by_sample: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    left_out = []
    labels = [canonical_label(row["label"], config.label_map(row["source"])) for row in rows]
    codes = code_meanings({row["label"] for row, label in zip(rows, labels, strict=True) if label is None})
    for number, row in enumerate(rows):
        found, label = index.find(row), labels[number] or codes.get(row["label"])
        name = row["sample_id"] or row["key"]
        if not name:
            left_out.append(LeftOut(number, "no-key", "it names no picture"))
        elif not found:
            left_out.append(LeftOut(number, "unknown-key", f"{name} is not here"))
        elif len(found) > 1:
            left_out.append(LeftOut(number, "ambiguous-key", f"{name} may be any of {len(found):,} pictures here"))
        elif label is None:
            left_out.append(LeftOut(number, "unknown-label", f"`{row['label']}` means nothing here; see [labels]"))
        else:
            by_sample[found[0]].append((number, label))
    said = {}
    for sample_id, each in by_sample.items():
        if len({label for _, label in each}) == 1:
            said[sample_id] = each[0][1]
        else:
            reason = f"{sample_id} is said to be {' and '.join(label for _, label in each)}"
            left_out += [LeftOut(number, "contradiction", reason) for number, _ in each]
    return said, sorted(left_out)


def _known(log: list[Decision], reviewer: str, said: Mapping[str, str]) -> set[str]:
    """Pictures of which the reviewer's last word is what the table says."""
    last = {
        line.sample_id: line.label
        for line in active_decisions(log)
        if line.reviewer == reviewer
        and line.kind in ("relabel", "confirm", "exclude")
        and line.screen not in REPEAT_SCREENS
    }
    return {sample_id for sample_id, label in said.items() if last.get(sample_id) == label}
