"""The values an audit consists of: frozen, and JSON-able with `dataclasses.asdict`.

Figures that need a duplicate search are None where the last search does not cover the workspace as it stands now.
Shares and agreements lie in [0, 1]. A picture here is an occurrence; a sample is a distinct picture.
"""

from dataclasses import dataclass
from typing import Literal

from curate.labellers import Disagreement, Unmapped

__all__ = [
    "ALL_SOURCES",
    "AuditReport",
    "Balance",
    "Ceiling",
    "ClassLeak",
    "Conflict",
    "Finding",
    "Leak",
    "Search",
    "Shortcut",
    "Straddling",
]

ALL_SOURCES = "all sources"
"""Scope of a leak that is counted over every source together."""


@dataclass(frozen=True, slots=True)
class Search:
    """Whether near-copy figures can be trusted.

    Attributes:
        done: a duplicate search was made.
        complete: it covered just the samples that there are now.
        covered: samples it covered; 0 without a search.
        samples: samples there are now.
        thorough: it was a thorough one.
    """

    done: bool
    complete: bool
    covered: int
    samples: int
    thorough: bool


@dataclass(frozen=True, slots=True)
class ClassLeak:
    """`Leak` for the pictures of one class; the label is the given one, or the resolved one where a source gives none.

    Pictures without a label are counted under `none`.
    """

    label: str
    pictures: int
    exact: int
    near: int | None
    transformed: int | None
    share: float


@dataclass(frozen=True, slots=True)
class Leak:
    """Pictures of an official split that have a copy in the official train split of the same scope.

    Each picture counts once, under the first that applies of exact, near and transformed.

    Attributes:
        scope: a source, or `ALL_SOURCES`.
        split: `val`, `test` or `val+test`.
        pictures: in that split.
        exact: with an identical copy.
        near: with a near copy: same duplicate group, reached without a mirrored or rotated pair.
        transformed: with nothing but a mirrored or rotated copy, or a near copy of one.
        not_identical: with a near or transformed copy, whether they have an identical one too or not.
        leaking: exact + near + transformed; exact alone while the others are not known.
        share: leaking / pictures.
        classes: the same by class, largest share first.
    """

    scope: str
    split: str
    pictures: int
    exact: int
    near: int | None
    transformed: int | None
    not_identical: int | None
    leaking: int
    share: float
    classes: tuple[ClassLeak, ...]


@dataclass(frozen=True, slots=True)
class Straddling:
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
class Conflict:
    """Given labels that contradict each other within one sample, or within one duplicate group.

    Attributes:
        where: `identical pictures` or `duplicate groups`.
        count: samples, or groups.
        pictures: occurrences with a given label in them.
        confusions: (label, label, how many samples or groups hold both), most frequent first.
        examples: (sample_id or group_id, labels such as `fear, sad`), at most five, by id.
    """

    where: Literal["identical pictures", "duplicate groups"]
    count: int
    pictures: int
    confusions: tuple[tuple[str, str, int], ...]
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """Class counts.

    Attributes:
        name: a source (its pictures by given label, or by resolved label where it gives none), or `resolved`
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
        sources: what is told apart; sources that share most of their samples count as one (`fer2013 + ferplus`).
        samples: looked at, of each.
        balanced_accuracy: mean recall over sources.
        low, high: its 95 % interval, from the number of independent lineages, not of pictures.
        chance: 1 / number of sources.
        told: `low` lies above chance.
        distances: (source, source, total variation distance of their class shares, in [0, 1]), largest first.
        differ: one of these is above 0.1 and more than twice what equal shares would show by chance.
    """

    sources: tuple[str, ...]
    samples: tuple[int, ...]
    balanced_accuracy: float
    low: float
    high: float
    chance: float
    told: bool
    distances: tuple[tuple[str, str, float], ...]
    differ: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in plain words: what, how many, where, and the way out."""

    severity: Literal["attention", "note"]
    text: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All that is wrong with a workspace, with one source of it, or with a version.

    Attributes:
        source: the one source that was audited; None = all.
        version: the version that was audited, whose splits then count instead of official ones; None = none.
        augmented_test: the version's val and test rows are augmented.
        occurrences, samples: in it.
        search: of the whole workspace.
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
    search: Search
    leaks: tuple[Leak, ...]
    straddling: tuple[Straddling, ...]
    conflicts: tuple[Conflict, ...]
    disagreements: tuple[Disagreement, ...]
    unmapped: tuple[Unmapped, ...]
    balances: tuple[Balance, ...]
    flags: dict[str, int]
    problems: dict[str, dict[str, int]]
    ceilings: tuple[Ceiling, ...]
    shortcut: Shortcut | None
    findings: tuple[Finding, ...] = ()
    version: str | None = None
    augmented_test: bool = False

    @property
    def needs_attention(self) -> bool:
        """Whether any finding is more than a note."""
        return any(each.severity == "attention" for each in self.findings)
