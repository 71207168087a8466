"""The header of a version: what its manifest.json says, typed for the code and by key for those who read it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from curate.coverage import SearchCoverage, recorded_coverage
from curate.sample import OFFICIAL_SPLITS

__all__ = [
    "Chosen",
    "Departure",
    "Derivation",
    "GoldTest",
    "Header",
    "LargestGroup",
    "Parent",
    "PatchRecord",
    "SourceRecord",
    "SplitRepair",
    "SplitsOutcome",
    "Withdrawal",
]

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Parent:
    """The version that another one was made from."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class GoldTest:
    """How many pictures the gold test has, and the digest of its membership."""

    rows: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One source, as it was when the version was released."""

    name: str
    format: str = ""
    licence: str | None = None
    digest: str = ""
    revision: int = 0
    occurrences: int = 0


@dataclass(frozen=True, slots=True)
class PatchRecord:
    """A patch that was applied: the version and digest that it was exported from, and for how many samples it holds."""

    version: str
    digest: str
    samples: int


@dataclass(frozen=True, slots=True)
class Departure:
    """Rows of the parent that no source delivers any more, of certain sources (joined by `, `) and split (or gold)."""

    sources: str
    split: str
    rows: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A row of the parent that was withdrawn, its split, and why: the edge sample_a, sample_b, kind, detail."""

    sample_id: str
    split: str
    edge: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SplitRepair:
    """Rows whose official split was repaired, and the kind of the edge that moved them."""

    from_split: str
    to_split: str
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class LargestGroup:
    """The largest lineage group: its name, its pictures of all pictures, and how many edges of which kind join it."""

    lineage_id: str | None
    pictures: int
    of: int
    because_of: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Derivation:
    """How an augmented version was made: by which recipe, and which splits (`train`, or `all`) were augmented."""

    recipe: Mapping[str, Any]
    splits: str = "train"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for this version alone; `splits` is the digest of a file of splits. Empty = nothing."""

    classes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    splits: str = ""


@dataclass(frozen=True, slots=True)
class SplitsOutcome:
    """What became of a file of splits, in pictures.

    Attributes:
        name: of the file.
        followed: lie where it says.
        gold: stay in the gold test instead.
        settled: lie where the parent, or what belongs with them, lies.
        joined: lie with pictures of a higher split.
        left_out: are in no split.
        unknown: are not in the workspace.
        such_as: one of the unknown.
    """

    name: str
    followed: int
    gold: int
    settled: int
    joined: int
    left_out: int
    unknown: int
    such_as: str | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Header(Mapping[str, Any]):
    """What a version says of itself; also a read-only mapping of manifest.json, so that `header["digest"]` reads it.

    Attributes:
        json: all of manifest.json, in its order, with what this release does not know.
        format: 1; a newer one could not be read.
        name, line, serial, created: of the version, of its line, its place in the order of releases (0 = released
            before they were counted), when it was released (ISO 8601).
        parent: what it was made from; None = it starts a line.
        digest: of content and configuration, 64 hex; empty before it is written.
        files: file name -> sha256.
        tool: name -> version of what made it.
        rows: pictures.
        counts: split -> label -> pictures; 0 where a label does not occur.
        gold: its gold test.
        left_out: reason -> pictures.
        held: gold pictures that would be left out, were they not gold.
        fenced: pictures that no source delivers any more, but that keep what belongs with them out of lower splits.
        unsearched: those of the fenced whose pictures are not in the workspace.
        dealt: pictures whose split was drawn.
        departed, withdrawn, moved, largest_group: see their classes.
        classes, seed, ratios, keep_copies, keep_official_splits, policy: what the user chose.
        labels, source_labels, splits: names of labels and splits in curate.toml, by source.
        derived: None = it holds pictures as they were delivered.
        test_augmented: it is derived, and holds augmented pictures of the test.
        chosen, splits_file: what was chosen for this version alone; None = nothing.
        search: the last search for copies before the release.
        doubtful, doubtful_across_splits: pairs that nobody judged, and those of them between two splits.
        sources, patches: what it was made of.
    """

    json: Mapping[str, Any] = field(repr=False)
    name: str
    format: int = 1
    line: str = ""
    parent: Parent | None = None
    serial: int = 0
    created: str = ""
    digest: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    tool: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    counts: Mapping[str, Counter[str]] = field(default_factory=dict)
    gold: GoldTest = GoldTest()
    left_out: Mapping[str, int] = field(default_factory=dict)
    held: int = 0
    fenced: int = 0
    unsearched: int = 0
    dealt: int = 0
    departed: tuple[Departure, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()
    moved: tuple[SplitRepair, ...] = ()
    largest_group: LargestGroup | None = None
    classes: tuple[str, ...] = ()
    seed: int = 0
    ratios: tuple[float, ...] = ()
    keep_copies: bool = False
    keep_official_splits: bool = False
    policy: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    source_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    splits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    derived: Derivation | None = None
    test_augmented: bool = False
    chosen: Chosen | None = None
    splits_file: SplitsOutcome | None = None
    search: SearchCoverage
    doubtful: int = 0
    doubtful_across_splits: int = 0
    sources: tuple[SourceRecord, ...] = ()
    patches: tuple[PatchRecord, ...] = ()

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> "Header":
        """Read what a manifest.json says; keys that are missing have their defaults, unknown ones are kept.

        Raises:
            KeyError: it names no version.
        """
        search = json.get("search") or {}
        labels, source_labels = json.get("labels") or ({}, {})
        counts = json.get("counts", {})
        values = {
            **json,
            **{name: _record(kind, json[name]) if json.get(name) else None for name, kind in _ONE.items()},
            **{name: tuple(_record(kind, each) for each in json.get(name, ())) for name, kind in _MANY.items()},
            "counts": {split: Counter(counts.get(split, {})) for split in OFFICIAL_SPLITS},
            "gold": _record(GoldTest, json.get("gold", {})),
            "labels": labels,
            "source_labels": source_labels,
            "search": recorded_coverage(search),
            "doubtful": search.get("doubtful", 0),
            "doubtful_across_splits": search.get("doubtful_across_splits", 0),
            "classes": tuple(json.get("classes", ())),
            "ratios": tuple(json.get("ratios", ())),
            "json": dict(json),
        }
        return _record(cls, values)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` read, or what is to be written: the same keys, values and order."""
        return dict(self.json)

    @property
    def parent_name(self) -> str:
        """The name of the parent; empty = it starts a line."""
        return self.parent.name if self.parent else ""

    @property
    def recipe(self) -> Mapping[str, Any] | None:
        """What makes its pictures of its parent's; None = they are as they were delivered."""
        return self.derived.recipe if self.derived else None

    @property
    def split_sizes(self) -> dict[str, int]:
        """Pictures of train, val and test."""
        return {split: count.total() for split, count in self.counts.items()}

    def __getitem__(self, key: str) -> Any:
        """A part of manifest.json as it is written there: `header["digest"]`, `header["parent"]["name"]` ..."""
        return self.json[key]

    def __iter__(self) -> Iterator[str]:
        """The keys of manifest.json, in its order."""
        return iter(self.json)

    def __len__(self) -> int:
        """How many keys manifest.json has."""
        return len(self.json)


_ONE: Mapping[str, type] = {
    "parent": Parent,
    "largest_group": LargestGroup,
    "derived": Derivation,
    "chosen": Chosen,
    "splits_file": SplitsOutcome,
}
_MANY: Mapping[str, type] = {
    "departed": Departure,
    "withdrawn": Withdrawal,
    "moved": SplitRepair,
    "sources": SourceRecord,
    "patches": PatchRecord,
}


def _record(kind: type[Record], values: Mapping[str, Any]) -> Record:
    """The value of its known keys; lists as tuples."""
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items() if name in known}
    )
