"""Random histories of a workspace, and an oracle that knows who is on every picture.

A world of few people and photographs is delivered again and again, in other encodings and layouts, forgotten,
relabelled, judged, patched, augmented, exported and taken in again. After every release the oracle looks for a
photograph, a person or a film on two sides. It knows what was planted, and asks none of the tool's own searches.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from layouts import write_tree

from curate.augment import augment_version
from curate.catalog import duplicates as stored
from curate.catalog.decisions import append_decisions
from curate.catalog.tables import active_ids
from curate.components import connect
from curate.decisions import Decision
from curate.duplicates import find_duplicates, regroup
from curate.duplicates.alignment_cache import METHOD
from curate.errors import NothingToRelease
from curate.faces import draw_face, make_face
from curate.images import encode_jpeg, encode_png
from curate.ingest import forget_source, ingest_source
from curate.manifest import Version
from curate.version import NEWEST, export_version, freeze_version
from curate.version.patch import apply_patch, export_patch
from curate.workspace import Workspace

EMOTIONS = ("happy", "sad", "angry")
ENCODINGS = ("png", "jpeg-92", "jpeg-70", "mirrored")
PEOPLE, FILMS, FRAMES, ALONE = 5, 2, 2, 10
OF_PEOPLE = PEOPLE * FILMS * FRAMES
PHOTOGRAPHS = OF_PEOPLE + ALONE
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
RATIOS = ((60.0, 10.0, 30.0), (50.0, 10.0, 40.0), (60.0, 0.0, 40.0))


class Ingest(NamedTuple):
    """Deliver photographs as class folders, or people's under the names of CK+48, which say who it is."""

    photographs: tuple[int, ...]
    encoding: int
    named: bool
    split: bool


class Forget(NamedTuple):
    """Retire the source at that place among those that are there; its pictures may come again in another encoding."""

    place: int
    again: bool
    encoding: int


class Decide(NamedTuple):
    """Relabel or exclude the picture at that place."""

    place: int
    label: int
    exclude: bool


class Judge(NamedTuple):
    """Say of two pictures, truthfully, whether they show one photograph."""

    one: int
    two: int


class Patch(NamedTuple):
    """Publish the newest version's patch and take it over again."""


class Augment(NamedTuple):
    """Augment the newest version by x4; its export may come in as a source."""

    every_split: bool
    comes_back: bool


class Freeze(NamedTuple):
    """Search for copies and release."""

    new_line: bool
    official: bool
    copies: bool
    ratios: int


Step = Ingest | Forget | Decide | Judge | Patch | Augment | Freeze


def random_steps(rng: np.random.Generator) -> list[Step]:
    """Deliveries and a release, then anything, then another release."""

    def deliver() -> Ingest:
        chosen = rng.choice(PHOTOGRAPHS, size=rng.integers(6, 19), replace=False)
        return Ingest(
            tuple(sorted(chosen.tolist())), int(rng.integers(4)), bool(rng.integers(2)), bool(rng.integers(2))
        )

    def release() -> Freeze:
        return Freeze(bool(rng.random() < 0.12), *(bool(rng.integers(2)) for _ in range(2)), int(rng.integers(3)))

    def anything() -> Step:
        place, other = (int(rng.integers(100)) for _ in range(2))
        return (
            lambda: Forget(place, again=bool(rng.random() < 0.7), encoding=int(rng.integers(4))),
            deliver,
            release,
            lambda: Decide(place, int(rng.integers(3)), exclude=bool(rng.integers(2))),
            lambda: Judge(place, other),
            Patch,
            lambda: Augment(*(bool(rng.integers(2)) for _ in range(2))),
        )[rng.choice(7, p=(0.25, 0.15, 0.2, 0.1, 0.05, 0.1, 0.15))]()

    return [deliver(), release(), *(anything() for _ in range(rng.integers(1, 6))), release()]


def person(photograph: int) -> int | None:
    """Who is on it; None = somebody of whom there is one photograph."""
    return photograph // (FILMS * FRAMES) if photograph < OF_PEOPLE else None


@cache
def picture(photograph: int, encoding: int) -> bytes:
    """A picture file."""
    who = photograph // (FILMS * FRAMES) if photograph < OF_PEOPLE else photograph
    pixels = draw_face(make_face(11, who), EMOTIONS[photograph % 3], seed=photograph)
    kind = ENCODINGS[encoding]
    if kind.startswith("jpeg"):
        return encode_jpeg(pixels, int(kind.removeprefix("jpeg-")))
    return encode_png(pixels[:, ::-1] if kind == "mirrored" else pixels)


def file_name(photograph: int, encoding: int, *, named: bool) -> str:
    """Its place in a class folder."""
    folder = EMOTIONS[photograph % 3]
    if named:
        who, rest = divmod(photograph, FILMS * FRAMES)
        return f"{folder}/S{who:03d}_{rest // FRAMES:03d}_{rest % FRAMES + 1:08d}.png"
    return f"{folder}/{photograph:03d}.{'jpg' if ENCODINGS[encoding].startswith('jpeg') else 'png'}"


@cache
def pool() -> tuple[dict[str, int], bytes]:
    """The photograph of every sample that can be delivered, and what verification measured of all of them.

    Every copy is found by a default search, or else the oracle would blame a release for what a search cannot do.
    """
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "pool")
        for encoding in range(len(ENCODINGS)):
            files = {file_name(each, encoding, named=False): picture(each, encoding) for each in range(PHOTOGRAPHS)}
            ingest_source(workspace, write_tree(Path(folder) / ENCODINGS[encoding], files))
        find_duplicates(workspace)
        table = workspace.occurrences()
        photograph_of = {row.sample_id: int(Path(row.key).stem) for row in table.itertuples()}
        groups = dict(zip(workspace.groups()["sample_id"], workspace.groups()["group_id"], strict=True))
        together = {(each, groups.get(sample)) for sample, each in photograph_of.items()}
        assert len(together) == PHOTOGRAPHS
        assert None not in {group for _, group in together}
        with workspace.catalog() as catalog:
            return photograph_of, stored.load_verdicts(catalog, METHOD) or b""


@dataclass
class Known:
    """What the oracle remembers of a version.

    Attributes:
        photographs, people: that its line must never train on.
        named: photographs of which sources said who is on them, when it was made.
    """

    photographs: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)


class History:
    """One workspace, and what was done to it."""

    def __init__(self, folder: Path) -> None:
        photograph_of, verdicts = pool()
        self.folder = folder
        self.workspace = Workspace.create(folder / "workspace")
        with self.workspace.catalog() as catalog:
            stored.save_verdicts(catalog, METHOD, verdicts)
        self.photograph_of = dict(photograph_of)
        self.sources: dict[str, Ingest | None] = {}
        self.known: dict[str, Known] = {}
        self.count = 0
        self.leaks: list[str] = []

    def run(self, steps: Sequence[Step]) -> list[str]:
        """Take all steps; what the oracle found."""
        for step in steps:
            self.count += 1
            getattr(self, f"_{type(step).__name__.lower()}")(step)
        return self.leaks

    def _ingest(self, step: Ingest) -> None:
        chosen = [each for each in step.photographs if not step.named or each < OF_PEOPLE]
        encoding = 0 if step.named else step.encoding  # files of CK+48 are PNGs
        name = f"d{self.count}"
        files = {}
        for each in chosen:
            split = ("train/", "test/")[each % 4 == 0] if step.split and not step.named else ""
            files[split + file_name(each, encoding, named=step.named)] = picture(each, encoding)
        if files:
            layout = "ck48" if step.named else "image-folder"
            ingest_source(self.workspace, write_tree(self.folder / name, files), format_name=layout)
            self.sources[name] = step._replace(photographs=tuple(chosen))

    def _forget(self, step: Forget) -> None:
        if self.sources:
            name = sorted(self.sources)[step.place % len(self.sources)]
            forget_source(self.workspace, name)
            old = self.sources.pop(name)
            if old is not None and step.again:
                self._ingest(old._replace(encoding=step.encoding, named=False))

    def _active(self) -> list[str]:
        with self.workspace.catalog() as catalog:
            return active_ids(catalog)

    def _decide(self, step: Decide) -> None:
        active = self._active()
        if active:
            label = "" if step.exclude else EMOTIONS[step.label]
            kind = "exclude" if step.exclude else "relabel"
            self._log(
                Decision(
                    action=str(self.count),
                    kind=kind,
                    sample_id=active[step.place % len(active)],
                    label=label,
                    reviewer="ann",
                    at="2026-01-01",
                )
            )

    def _judge(self, step: Judge) -> None:
        active = self._active()
        if len(active) > 1:
            one, two = sorted((active[step.one % len(active)], active[step.two % len(active)]))
            same = self.photograph_of[one] == self.photograph_of[two]
            if one != two:
                self._log(
                    Decision(
                        action=str(self.count),
                        kind="same" if same else "different",
                        sample_id=one,
                        other_id=two,
                        reviewer="ann",
                        at="2026-01-01",
                    )
                )

    def _log(self, line: Decision) -> None:
        with self.workspace.catalog() as catalog:
            append_decisions(catalog, [line])

    def _patch(self, _: Patch) -> None:
        newest = self.workspace.newest_release()
        if newest is not None:
            path = self.folder / f"{self.count}.patch"
            export_patch(self.workspace, newest.name, path)
            apply_patch(self.workspace, path, applied=NOON)

    def _augment(self, step: Augment) -> None:
        newest = self.workspace.newest_release()
        if newest is None or f"{newest.name}-x4" in self.workspace.version_names():
            return
        made = augment_version(self.workspace, created=NOON, splits="all" if step.every_split else "train")
        for row in made.rows().itertuples():
            if isinstance(row.parent, str):
                self.photograph_of[row.sample_id] = self.photograph_of[row.parent]
        self._look(made)
        if step.comes_back:
            name = f"x{self.count}"
            export_version(made, self.folder / name, to="image-folder")
            ingest_source(self.workspace, self.folder / name)
            self.sources[name] = None

    def _freeze(self, step: Freeze) -> None:
        find_duplicates(self.workspace)
        regroup(self.workspace)
        try:
            version = freeze_version(
                self.workspace,
                f"v{self.count}",
                created=NOON,
                parent=None if step.new_line else NEWEST,
                ratios=RATIOS[step.ratios],
                keep_official_splits=step.official,
                keep_copies=step.copies,
            )
        except NothingToRelease:
            return
        self._look(version)

    def _look(self, version: Version) -> None:
        """Judge a version by what was planted."""
        rows = version.rows()
        split_of: dict[int, set[str]] = {}
        for row in rows.itertuples():
            split_of.setdefault(self.photograph_of[row.sample_id], set()).add(row.split)
        parent = version.header["parent"]
        before = self.known.get(parent["name"], Known()) if parent else Known()
        named = {each for step in self.sources.values() if step and step.named for each in step.photographs}
        if version.header["derived"] is not None:
            named = before.named  # it was made from what its parent knew
        together = self._together(named)
        for group in {together[each] for each in split_of}:
            splits = {split for each, found in split_of.items() if together[each] == group for split in found}
            if len(splits) > 1:
                self._leak(version, f"what belongs with photograph {group} lies in {sorted(splits)}")
        for each, splits in split_of.items():
            if splits & {"train", "val"} and (
                each in before.photographs or (each in named and person(each) in before.people)
            ):
                self._leak(version, f"photograph {each} is in {sorted(splits)}, and was tested on before")
        if version.header["derived"] is None:
            self._look_at_gold(version)
        tested = {together[each] for each, splits in split_of.items() if "test" in splits}
        fenced = {
            each
            for each in range(PHOTOGRAPHS)
            if together[each] in tested and (each in split_of or each in self._delivered())
        }
        self.known[version.name] = Known(
            before.photographs | fenced,
            before.people | {who for each in fenced & named if (who := person(each)) is not None},
            named,
        )

    def _look_at_gold(self, version: Version) -> None:
        rows = version.rows()
        gone = set(rows["sample_id"]) - set(self._active())
        if gone:
            self._leak(version, f"{len(gone)} rows are pictures that no source delivers")
        parent = version.header["parent"]
        if parent is not None:
            old = self.workspace.version(parent["name"]).rows()
            if set(rows["sample_id"][rows["gold"]]) - set(old["sample_id"][old["gold"]]):
                self._leak(version, "the gold test grew")

    def _delivered(self) -> set[int]:
        return {self.photograph_of[sample_id] for sample_id in self._active()}

    def _together(self, named: set[int]) -> list[int]:
        """The smallest photograph of each one's group: people whose photographs say who it is."""
        first: dict[int | None, int] = {}
        edges = [(first.setdefault(person(each), each), each) for each in sorted(named)]
        return connect(PHOTOGRAPHS, np.array(edges, np.int64).reshape(-1, 2)).tolist()

    def _leak(self, version: Version, text: str) -> None:
        self.leaks.append(f"{version.name}: {text}")


@contextmanager
def history() -> Iterator[History]:
    """An empty one, in memory where the system has a place for that."""
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield History(Path(folder))
