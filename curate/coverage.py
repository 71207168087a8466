"""What the last search for copies covered and how many copies it is known to find; and counts that are lower bounds.

Nothing that was not looked for is ever said to be zero: a count of nothing is "none found" where everything was looked
for, and "not looked for" where it was not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from curate.catalog import Catalog
from curate.catalog.duplicates import covered_digest, last_search

__all__ = [
    "NOT_LOOKED_FOR",
    "KindRecall",
    "SearchCoverage",
    "count_text",
    "read_coverage",
    "recorded_coverage",
    "share_text",
]

NOT_LOOKED_FOR = "not looked for"


@dataclass(frozen=True, slots=True)
class KindRecall:
    """How many copies of one kind a search finds.

    Attributes:
        kind: in the words of `Workspace.pairs`.
        recall: share of the known copies of this kind that it found, in [0, 1]; None = it does not look for them.
        measured_on: the known copies.
    """

    kind: str
    recall: float | None
    measured_on: str


@dataclass(frozen=True, slots=True)
class SearchCoverage:
    """Which search was made, and on what.

    Attributes:
        done: a duplicate search was made.
        complete: it covered just the samples that there are now.
        thorough: it was a thorough one.
        name: `none`, `default` or `thorough`.
        covered: samples it covered; 0 = none, or not recorded.
        samples: samples there are now; 0 = not recorded.
        too_empty: of those covered, samples that show too little to be compared.
        recall: by kind of copy; empty = not recorded.
    """

    done: bool
    complete: bool
    thorough: bool = False
    name: Literal["none", "default", "thorough"] = "none"
    covered: int = 0
    samples: int = 0
    too_empty: int = 0
    recall: tuple[KindRecall, ...] = ()

    @property
    def not_looked_for(self) -> tuple[str, ...]:
        """Kinds of copies that this search does not look for."""
        return tuple(each.kind for each in self.recall if each.recall is None)

    @property
    def extent(self) -> str:
        """A clause: by which search, and among how many pictures."""
        if not self.done:
            return f"near copies were {NOT_LOOKED_FOR}: no duplicate search was made"
        if not self.complete:
            how_many = f": it covered {self.covered:,}, there are {self.samples:,} now" if self.samples else ""
            return f"near copies were not looked for among all pictures by the last {self.name} search{how_many}"
        empty = f", {self.too_empty:,} of them too empty to be compared" if self.too_empty else ""
        how_many = f" {self.samples:,}" if self.samples else ""
        return f"copies were looked for by the {self.name} search among all{how_many} pictures{empty}"

    @property
    def recall_text(self) -> str:
        """A clause: what it finds, and what it does not look for; empty without a search."""
        if not self.done:
            return ""
        if not self.recall:
            return "how many copies it finds was not recorded; `curate duplicates` records it"
        found = ", ".join(f"{each.kind} {each.recall:.1%}" for each in self.recall if each.recall is not None)
        missed = ", ".join(self.not_looked_for)
        return f"measured on known copies it finds {found}" + f"; it does not look for {missed}" * bool(missed)


def read_coverage(catalog: Catalog, sample_ids: Iterable[str], fenced: Iterable[str] | None = None) -> SearchCoverage:
    """What the last search covered of the samples that there are now.

    Args:
        catalog: which keeps the report of the search.
        sample_ids: of the samples that sources deliver.
        fenced: of those that none delivers, but that belong with what a version tested on; None = do not ask.
    """
    names = list(sample_ids)
    report = last_search(catalog)
    if report is None:
        return SearchCoverage(done=False, complete=False, samples=len(names))
    thorough = bool(report.get("thorough"))
    nothing = covered_digest(())
    fence_covered = fenced is None or report.get("covered_fence", nothing) == covered_digest(fenced)
    return SearchCoverage(
        done=True,
        complete=report["covered"] == covered_digest(names) and fence_covered,
        thorough=thorough,
        name="thorough" if thorough else "default",
        covered=int(report["samples"]),
        samples=len(names),
        too_empty=int(report.get("left_out", 0)),
        recall=tuple(_read_recall(report)),
    )


def recorded_coverage(search: Mapping[str, Any] | None) -> SearchCoverage:
    """What a version's header says; older ones say less, and the oldest nothing."""
    if not search or not search["done"]:
        return SearchCoverage(done=False, complete=False)
    named = {each.name for each in fields(SearchCoverage)} - {"recall", "name"}
    known = {name: value for name, value in search.items() if name in named}
    return SearchCoverage(
        **known, name="thorough" if search["thorough"] else "default", recall=tuple(_read_recall(search))
    )


def count_text(count: int | None, *, at_least: bool = False) -> str:
    """A count as people read it; None = nothing was found, and not everything was looked for."""
    if count is None:
        return NOT_LOOKED_FOR
    return f"at least {count:,}" if at_least else f"{count:,}"


def share_text(share: float | None, *, at_least: bool = False) -> str:
    """A share in [0, 1] as people read it, likewise."""
    if share is None:
        return NOT_LOOKED_FOR
    if not share:
        return "none found"
    return f"at least {share:.1%}" if at_least else f"{share:.1%}"


def _read_recall(report: Mapping[str, Any]) -> Iterator[KindRecall]:
    for each in report.get("recall", ()):
        yield KindRecall(str(each["kind"]), each["recall"], str(each["measured_on"]))
