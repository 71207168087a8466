"""An audit as tables, in reading order; whoever shows them prints them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from curate.audit.report import AuditReport
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
        *_leaks(report),
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


def _leaks(report: AuditReport) -> Iterator[Table]:
    yield Table(
        "Pictures of val and test with a copy in train" + ("" if report.version else ", by official split"),
        ["scope", "split", "pictures", "identical", "near", "mirrored or rotated", "together", "share"],
        [
            (
                each.scope,
                each.split,
                each.pictures,
                each.exact,
                each.near,
                each.transformed,
                each.leaking,
                _percent(each.share),
            )
            for each in report.leaks
        ],
    )
    whole = [each for each in report.leaks if each.split == "val+test" and each.leaking]
    if whole:  # the last scope holds all others
        yield Table(
            f"The same by class ({whole[-1].scope})",
            ["label", "pictures", "identical", "near", "mirrored or rotated", "share"],
            [
                (each.label, each.pictures, each.exact, each.near, each.transformed, _percent(each.share))
                for each in whole[-1].classes[:_CLASSES_OF_LEAKS]
            ],
        )


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
        ["what", "known", "in several", "pictures", "examples"],
        rows,
    )


def _conflicts(report: AuditReport) -> Iterator[Table]:
    rows = [
        (
            each.where,
            each.count,
            each.pictures,
            ", ".join(f"{a} / {b} {count:,}" for a, b, count in each.confusions[:5]),
        )
        for each in report.conflicts
        if report.occurrences
    ]
    yield Table("Given labels that contradict each other", ["within", "count", "pictures", "most often"], rows)
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
    return Table("Classes", ["label", *names], [*rows, ("largest / smallest", *ratios)] if rows else [])


def _odd_pictures(report: AuditReport) -> Table:
    rows = [(flag, count, _percent(count / report.samples)) for flag, count in report.flags.items() if count]
    return Table("Odd pictures", ["what", "distinct pictures", "share"], rows)


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
    found = report.shortcut
    if found is None:
        return
    interval = f"{_percent(found.low)} to {_percent(found.high)}"
    yield Table(
        "Telling the source from the picture",
        ["sources", "balanced accuracy", "95 % interval", "chance"],
        [(", ".join(found.sources), _percent(found.balanced_accuracy), interval, _percent(found.chance))],
    )
    rows = [(a, b, _percent(distance)) for a, b, distance in found.distances]
    yield Table("How far class shares differ", ["one", "other", "total variation distance"], rows)


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"
