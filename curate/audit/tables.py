"""An audit as tables, in reading order; whoever shows them prints them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from curate.audit.values import ALL_SOURCES, AuditReport, SplitLeak
from curate.coverage import NOT_LOOKED_FOR, count_text, share_text
from curate.emotions import LABELS

__all__ = ["Table", "report_tables"]

_CLASSES_OF_LEAKS = 10


class Table(NamedTuple):
    """A title, column names, and rows of texts, numbers and None (not known, or none)."""

    title: str
    columns: list[str]
    rows: Sequence[tuple[object, ...]]


def report_tables(report: AuditReport) -> list[Table]:
    """What an audit measured; tables without rows are left out. Its findings are not among them."""
    tables = [
        _search(report),
        *_leaks(report),
        _doubt(report),
        _processed(report),
        _straddling(report),
        *_conflicts(report),
        _disagreements(report),
        _classes(report),
        _odd_pictures(report),
        Table(
            "Problems",
            ["source", "kind", "count"],
            [(s, k, n) for s, kinds in report.problems.items() for k, n in kinds.items()],
        ),
        _unmapped(report),
        _ceilings(report),
        *_shortcut(report),
    ]
    return [table for table in tables if table.rows]


def _search(report: AuditReport) -> Table:
    rows = [
        (
            each.kind,
            NOT_LOOKED_FOR if each.recall is None else f"{each.recall:.1%}",
            each.measured_on * (each.recall is not None),
        )
        for each in report.search.recall
    ]
    columns = ["kind", "of known copies", "measured on"]
    return Table(f"What the {report.search.name} search for copies finds", columns, rows)


def _leaks(report: AuditReport) -> Iterator[Table]:
    by_search = f", found by the {report.search.name} search" if report.search.complete else ""
    split = "" if report.version else ", by official split"
    kinds = ["identical", "near", "mirrored or rotated" if report.search.thorough else "mirrored"]
    unit = "pictures" if report.version else "occurrences"
    title = f"{unit.capitalize()} of val and test with a copy in train{split}{by_search}"
    columns = ["scope", "split", unit, *kinds, "together", "share"]
    single = [each for each in report.leaks if each.scope != ALL_SOURCES]
    yield Table(title, columns, [_leak(each) for each in single])
    whole = [each for each in report.leaks if each.scope == ALL_SOURCES]
    yield Table(
        "The same over all sources, each photograph once",
        ["split", "photographs", *kinds, "together", "share", "only across sources"],
        [(*_leak(each)[1:], each.across) for each in whole],
    )
    leaking = [each for each in report.leaks if each.split == "val+test" and each.leaking]
    if leaking:  # the last scope holds all others
        yield Table(
            f"The same by class ({leaking[-1].scope})",
            ["label", leaking[-1].unit, *kinds, "share"],
            [
                (
                    each.label,
                    each.pictures,
                    each.exact,
                    _bound(each.near),
                    _bound(each.transformed),
                    share_text(each.share, at_least=leaking[-1].at_least),
                )
                for each in leaking[-1].classes[:_CLASSES_OF_LEAKS]
            ],
        )


def _leak(leak: SplitLeak) -> tuple[object, ...]:
    together = count_text(leak.leaking, at_least=True) if leak.at_least else leak.leaking
    share = share_text(leak.share, at_least=leak.at_least)
    copies = (leak.exact, _bound(leak.near), _bound(leak.transformed))
    return (leak.scope, leak.split, leak.pictures, *copies, together, share)


def _bound(count: int | None) -> object:
    """A number stays one, so that its column is aligned as numbers are."""
    return count_text(count) if count is None else count


def _doubt(report: AuditReport) -> Table:
    split = "splits" if report.version else "official splits"
    columns = ["pairs", f"across {split}", "val and test pictures with nothing but a doubtful copy in train"]
    doubt = report.doubt
    return Table("Doubtful pairs", columns, [(doubt.pairs, doubt.across, doubt.pictures)] if doubt.pairs else [])


def _processed(report: AuditReport) -> Table:
    rows = [(e.source, e.looks, f"{e.share:.0%} of {e.pictures:,} pictures {e.why}") for e in report.processed]
    return Table("Sources that look processed", ["source", "looks", "because"], rows)


def _straddling(report: AuditReport) -> Table:
    rows = [
        (
            each.kind,
            each.known,
            each.straddling,
            each.pictures,
            "; ".join(f"{name} ({splits})" for name, splits in each.examples),
        )
        for each in report.straddling
        if each.known
    ]
    return Table(
        "Subjects and sequences in several splits" + ("" if report.version else ", by official split"),
        ["what", "known", "in several", "occurrences", "examples"],
        rows,
    )


def _conflicts(report: AuditReport) -> Iterator[Table]:
    rows = [
        (
            each.where,
            each.count,
            each.counted_before,
            each.occurrences,
            ", ".join(f"{a} / {b} {count:,}" for a, b, count in each.confusions[:5]),
        )
        for each in report.conflicts
        if report.occurrences
    ]
    columns = ["within", "count", "of these in the row above", "occurrences", "most often"]
    yield Table("Given labels that contradict each other", columns, rows)
    examples = [(each.where, name[:12], labels) for each in report.conflicts for name, labels in each.examples]
    yield Table("Examples", ["within", "sample or group", "labels"], examples)


def _disagreements(report: AuditReport) -> Table:
    rows = [
        (
            each.a,
            each.b,
            each.shared,
            _percent(each.agreement),
            ", ".join(f"{a} / {b} {n:,}" for a, b, n in each.confusions[:3]),
        )
        for each in report.disagreements
    ]
    return Table(
        "How labellers agree on the pictures that they share",
        ["one", "other", "shared", "agree", "most often differ"],
        rows,
    )


def _classes(report: AuditReport) -> Table:
    names = [each.name for each in report.balances]
    rows: list[tuple[object, ...]] = [
        (label, *(each.labels.get(label, 0) for each in report.balances))
        for label in LABELS
        if any(label in each.labels for each in report.balances)
    ]
    ratios = [None if each.ratio is None else round(each.ratio, 1) for each in report.balances]
    title = "Classes" if report.version else "Classes: occurrences of each source, and pictures by resolved label"
    return Table(title, ["label", *names], [*rows, ("largest / smallest", *ratios)] if rows else [])


def _odd_pictures(report: AuditReport) -> Table:
    rows = [(flag, count, _percent(count / report.samples)) for flag, count in report.flags.items() if count]
    return Table("Odd pictures", ["what", "pictures", "share"], rows)


def _unmapped(report: AuditReport) -> Table:
    rows = [(each.source, each.label, each.pictures, each.nearest) for each in report.unmapped]
    return Table("Labels without a meaning", ["source", "label", "pictures", "nearest"], rows)


def _ceilings(report: AuditReport) -> Table:
    rows = [
        (
            each.source,
            each.panel,
            each.clear,
            _percent(each.agreement),
            f"{_percent(each.low)} to {_percent(each.high)}",
        )
        for each in report.ceilings
        if each.agreement is not None
    ]
    return Table(
        "Human ceiling: two panels on identical pictures", ["source", "panel", "pairs", "agree", "95 % interval"], rows
    )


def _shortcut(report: AuditReport) -> Iterator[Table]:
    shortcut = report.shortcut
    if shortcut is None:
        return
    interval = f"{_percent(shortcut.low)} to {_percent(shortcut.high)}"
    yield Table(
        "Telling the source from the picture",
        ["sources", "balanced accuracy", "95 % interval", "chance"],
        [(", ".join(shortcut.sources), _percent(shortcut.balanced_accuracy), interval, _percent(shortcut.chance))],
    )
    rows = [(a, b, _percent(distance)) for a, b, distance in shortcut.distances]
    yield Table("How far class shares differ", ["one", "other", "total variation distance"], rows)


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"
