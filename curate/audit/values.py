"""The values an audit consists of: frozen, and JSON-able with `dataclasses.asdict`.

Shares and agreements lie in [0, 1]. Figures that depend on a duplicate search are lower bounds where `at_least` says
so, and None instead of zero where nothing was found but not everything was looked for.
"""

from dataclasses import dataclass
from typing import Literal

from curate.coverage import SearchCoverage
from curate.labellers import Disagreement, Unmapped

__all__ = [
    "ALL_SOURCES",
    "AuditFinding",
    "AuditReport",
    "Balance",
    "Ceiling",
    "ClassLeak",
    "Doubt",
    "Gone",
    "LabelConflict",
    "Processed",
    "Shortcut",
    "SplitLeak",
    "SplitOverlap",
    "Unlisted",
]

ALL_SOURCES = "all sources"
"""Scope of a leak that is counted over every source together."""


@dataclass(frozen=True, slots=True)
class ClassLeak:
    """`SplitLeak` for one class; the label is the given one, or the resolved one where a source gives none.

    What has no label is counted under `none`.
    """

    label: str
    pictures: int
    exact: int
    near: int | None
    transformed: int | None
    share: float | None


@dataclass(frozen=True, slots=True)
class SplitLeak:
    """What of an official split has a copy in the official train split of the same scope.

    Each counts once, under the first that applies of exact, near and transformed.

    Attributes:
        scope: a source, a version, or `ALL_SOURCES`.
        split: `val`, `test` or `val+test`.
        pictures: how many there are in that split, counted as `unit` says.
        exact: with an identical copy; known without a search.
        near: with a near copy: same duplicate group, reached without a mirrored or rotated pair.
        transformed: with nothing but a mirrored or rotated copy, or a near copy of one.
        not_identical: with a near or transformed copy, whether they have an identical one too or not.
        leaking: exact + near + transformed.
        share: leaking / pictures.
        classes: the same by class, largest share first.
        at_least: leaking and share are lower bounds: not all pictures were searched, or a source looks processed in a
            way that the search does not look for.
        unit: what is counted. Of one source its occurrences, of a version its pictures, of all sources together
            photographs: a duplicate group, or a picture without a copy, in the highest split that any source gives it.
        across: of `ALL_SOURCES`, leaking photographs that leak within no single source.
    """

    scope: str
    split: str
    pictures: int
    exact: int
    near: int | None
    transformed: int | None
    not_identical: int | None
    leaking: int | None
    share: float | None
    classes: tuple[ClassLeak, ...]
    at_least: bool = False
    unit: Literal["occurrences", "pictures", "photographs"] = "occurrences"
    across: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Pairs of pictures that may be copies, left to people by the search and judged by nobody yet.

    Attributes:
        pairs: how many there are among the audited pictures.
        across: of these, pairs that join pictures of different splits.
        pictures: pictures of val and test that have no verified copy in train, but a doubtful one.
    """

    pairs: int
    across: int
    pictures: int


@dataclass(frozen=True, slots=True)
class Gone:
    """How many pictures of a version no source delivers any more.

    Attributes:
        pictures: all of them.
        searched: of these, those that the last search compared, as they belong with a test.
        waiting: those that the next search will compare.
        unknown: those that the workspace never held.
    """

    pictures: int
    searched: int
    waiting: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Processed:
    """A source whose pictures look changed, by a sample of them.

    Attributes:
        source: its name.
        looks: in a word, such as `blurred`.
        why: what was measured.
        share: of the pictures looked at, in [0, 1]; where sources were compared as wholes, 1.
        pictures: how many were looked at.
        found: share of copies changed like this that the default search finds, and the thorough one; measured.
    """

    source: str
    looks: str
    why: str
    share: float
    pictures: int
    found: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Pictures whose label is an emotion that is not among the classes of the policy; no version holds them.

    Attributes:
        label: the emotion.
        pictures: distinct ones with that label, which `curate freeze` leaves out for it.
        occurrences: source -> occurrences with that given label, of sources that have any.
        setting: the line under `[policy]` by which they would be held.
    """

    label: str
    pictures: int
    occurrences: dict[str, int]
    setting: str


@dataclass(frozen=True, slots=True)
class SplitOverlap:
    """Subjects or sequences whose pictures lie in several official splits; pictures without a split do not count.

    Attributes:
        kind: `subject` or `sequence`.
        known: how many there are with an official split.
        straddling: how many of them lie in two or three.
        pictures: of those, with an official split.
        examples: (id, splits such as `train, test`), at most five, by id.
    """

    kind: Literal["subject", "sequence"]
    known: int
    straddling: int
    pictures: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LabelConflict:
    """Given labels that contradict each other within one sample, or within one duplicate group.

    Attributes:
        where: `identical pictures` or `duplicate groups`.
        count: samples, or groups.
        occurrences: with a given label in them.
        confusions: (label, label, how many samples or groups hold both), most frequent first.
        examples: (sample_id or group_id, labels such as `fear, sad`), at most five, by id.
        counted_before: of the groups, those that hold one of the contradicting samples.
    """

    where: Literal["identical pictures", "duplicate groups"]
    count: int
    occurrences: int
    confusions: tuple[tuple[str, str, int], ...]
    examples: tuple[tuple[str, str], ...]
    counted_before: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """Class counts.

    Attributes:
        name: a source (its occurrences by given label, or by resolved label where it gives none), or `resolved`
            (samples).
        labels: label -> count, in the order of `emotions.LABELS`, those that occur.
        ratio: largest / smallest of the policy's classes that occur; None with fewer than two.
        missing: classes of the policy that do not occur.
    """

    name: str
    labels: dict[str, int]
    ratio: float | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How far annotators agree who voted twice on one picture: what no model can be expected to beat.

    Attributes:
        source: whose votes.
        panel: which panel.
        pairs: two occurrences of one sample, both with votes of this panel.
        equal: pairs with the same ten counts.
        separate: the copies were voted on separately; False where most pairs are equal, so that the votes were copied.
        clear: pairs whose two top votes are both strict.
        agreed: of these, those with one top vote.
        agreement: agreed / clear; None where not separate or nothing is clear.
        low, high: its 95 % interval, likewise.
    """

    source: str
    panel: str
    pairs: int
    equal: int
    separate: bool
    clear: int
    agreed: int
    agreement: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Shortcut:
    """How well the source can be told from the picture, out of fold.

    Attributes:
        sources: the classes; sources that share most of their samples count as one (`fer2013 + ferplus`).
        samples: of each that were looked at.
        balanced_accuracy: mean recall over sources.
        low, high: its 95 % interval, from the number of independent lineages, not of pictures.
        chance: 1 / number of sources.
        detectable: `low` lies above chance.
        distances: (source, source, total variation distance of their class shares, in [0, 1]), largest first.
        differ: one of these is above 0.1 and more than twice what equal shares would show by chance.
    """

    sources: tuple[str, ...]
    samples: tuple[int, ...]
    balanced_accuracy: float
    low: float
    high: float
    chance: float
    detectable: bool
    distances: tuple[tuple[str, str, float], ...]
    differ: bool


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing in plain words: what, how many, where, and the way out."""

    severity: Literal["attention", "note"]
    text: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All that is wrong with a workspace, with one source of it, or with a version.

    Attributes:
        source: the one source that was audited; None = all.
        version: the version that was audited, whose splits then count instead of official ones; None = none.
        augmented: the version is; its augmented pictures count as the pictures that they were made of.
        augmented_test: its val and test rows are, too.
        occurrences, samples: in it.
        search: of the whole workspace.
        doubt: what the search left to people.
        gone: pictures of the version that no source delivers any more.
        processed: sources that look changed.
        unlisted: emotions that freeze leaves out; none of a version.
        conflicts: within identical pictures; and within duplicate groups once they are known.
        disagreements: those of the audited source, or of all.
        flags: quality flag -> samples.
        problems: source -> kind -> count.
        shortcut: None for one source, or where fewer than two have enough pictures of their own.
        findings: what needs attention first.
    """

    source: str | None
    occurrences: int
    samples: int
    search: SearchCoverage
    leaks: tuple[SplitLeak, ...]
    straddling: tuple[SplitOverlap, ...]
    conflicts: tuple[LabelConflict, ...]
    disagreements: tuple[Disagreement, ...]
    unmapped: tuple[Unmapped, ...]
    balances: tuple[Balance, ...]
    flags: dict[str, int]
    problems: dict[str, dict[str, int]]
    ceilings: tuple[Ceiling, ...]
    shortcut: Shortcut | None
    doubt: Doubt = Doubt(0, 0, 0)
    gone: Gone = Gone(0, 0, 0, 0)
    processed: tuple[Processed, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
    findings: tuple[AuditFinding, ...] = ()
    version: str | None = None
    augmented: bool = False
    augmented_test: bool = False

    @property
    def needs_attention(self) -> bool:
        """Whether any finding is more than a note."""
        return any(each.severity == "attention" for each in self.findings)
