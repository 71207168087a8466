"""An audit in plain words: each finding says what, how many, where, and the way out."""

from collections.abc import Iterator
from dataclasses import replace

from curate.audit.report import ALL_SOURCES, AuditReport, Conflict, Finding, Leak
from curate.labellers import hint_labels

__all__ = ["with_findings"]

_LOST = ("broken-", "unreadable-", "refused-")
"""Beginnings of the kinds of problems that cost pictures or votes."""

_IMBALANCED = 10.0


def with_findings(report: AuditReport) -> AuditReport:
    """The report with its findings, what needs attention first."""
    attention = [Finding("attention", text) for text in _needing_attention(report)]
    return replace(report, findings=(*attention, *(Finding("note", text) for text in _notes(report))))


def _needing_attention(report: AuditReport) -> Iterator[str]:
    if not report.samples:
        yield "there are no pictures; take some in with `curate ingest PATH`"
        return
    yield from _search(report)
    yield from _leaks(report)
    yield from _straddling(report)
    for conflict in report.conflicts:
        if conflict.count and not report.version:  # a version has settled them
            yield _conflict(conflict)
    for hint in hint_labels(report.unmapped):
        yield hint.text.removesuffix("; as in")
    for source, kinds in report.problems.items():
        lost = {kind: count for kind, count in kinds.items() if kind.startswith(_LOST)}
        if lost:
            yield f"{source}: {_counted(lost)}; repair or fetch them again and ingest anew, or accept the loss"
    yield from _shortcut(report)
    if report.augmented_test:
        yield (
            f"the val and test pictures of {report.version} are augmented, so that scores on it are not comparable "
            "with those on delivered pictures; augment train alone"
        )


def _straddling(report: AuditReport) -> Iterator[str]:
    for each in report.straddling:
        if each.straddling:
            example = f"{each.examples[0][0]} ({each.examples[0][1]})"
            yield (
                f"{each.straddling:,} of {each.known:,} {each.kind}s lie in more than one {_official(report)}split, "
                f"such as {example}; make splits that keep every {each.kind} together"
            )


def _search(report: AuditReport) -> Iterator[str]:
    search = report.search
    if not search.done:
        yield "near copies are not known: no duplicate search was made; run `curate duplicates`"
    elif not search.complete:
        yield (
            f"near copies are not known: the last duplicate search covered {search.covered:,} samples, there are "
            f"{search.samples:,} now; run `curate duplicates`"
        )


def _leaks(report: AuditReport) -> Iterator[str]:
    whole = [leak for leak in report.leaks if leak.split == "val+test" and leak.leaking]
    for leak in whole:
        if leak.scope != ALL_SOURCES:
            yield (
                f"{leak.scope}: {leak.leaking:,} of {leak.pictures:,} pictures of the {_official(report)}val and test "
                f"splits ({leak.share:.1%}) have a copy in train ({_leak_kinds(leak)}); scores on these splits are too "
                f"good; {_leak_remedy(report)}"
            )
    together = sum(leak.leaking for leak in whole if leak.scope == ALL_SOURCES)
    across = together - sum(leak.leaking for leak in whole if leak.scope != ALL_SOURCES)
    if across > 0:
        yield (
            f"{across:,} further pictures of official val and test splits have a copy in the train split of another "
            "source; sources that are trained on together need splits that keep copies together"
        )


def _official(report: AuditReport) -> str:
    return "" if report.version else "official "


def _leak_remedy(report: AuditReport) -> str:
    if report.version:
        return "freeze a child, which withdraws what new evidence joins"
    return "make splits that keep copies together"


def _leak_kinds(leak: Leak) -> str:
    if leak.near is None:
        return "identical; near copies are not known"
    return f"{leak.exact:,} identical, {leak.near:,} near, {leak.transformed:,} mirrored or rotated"


def _conflict(conflict: Conflict) -> str:
    worst = ", ".join(f"{a} / {b} {count:,}" for a, b, count in conflict.confusions[:3])
    what = "pictures that occur several times" if conflict.where == "identical pictures" else conflict.where
    return (
        f"{conflict.count:,} {what} hold given labels that contradict each other ({worst}), "
        f"{conflict.pictures:,} pictures in all; review them, or set [policy] given in curate.toml to `majority` or to "
        "the sources that you trust most"
    )


def _shortcut(report: AuditReport) -> Iterator[str]:
    found = report.shortcut
    if found and found.told and found.differ:
        a, b, distance = found.distances[0]
        yield (
            f"the source can be told from the picture ({found.balanced_accuracy:.1%} of {' and '.join(found.sources)}, "
            f"chance {found.chance:.1%}) and classes differ ({a} and {b} by {distance:.0%}), so that a model can "
            "answer with the class that is frequent there; balance classes within each source, or score on a source "
            "left out of training"
        )


def _notes(report: AuditReport) -> Iterator[str]:
    for source, kinds in report.problems.items():
        others = {kind: count for kind, count in kinds.items() if not kind.startswith(_LOST)}
        if others:
            yield f"{source}: {_counted(others)}; `workspace.problems()` says where"
    flags = {flag: count for flag, count in report.flags.items() if count}
    if flags:
        yield f"{_counted(flags)} among {report.samples:,} distinct pictures; look whether they belong here"
    yield from _balance(report)
    if report.version:
        yield from (_conflict(conflict) for conflict in report.conflicts if conflict.count)
    for each in report.ceilings:
        if each.agreement is not None:
            yield (
                f"{each.source}: two panels ({each.panel}) agree on {each.agreement:.1%} of {each.clear:,} pairs of "
                f"identical pictures (95 % interval {each.low:.1%} to {each.high:.1%}); a model that scores above this "
                "agrees with labels, not with people"
            )
    yield from _disagreements(report)


def _balance(report: AuditReport) -> Iterator[str]:
    for balance in report.balances:
        if balance.ratio is not None and balance.ratio >= _IMBALANCED:
            yield (
                f"{balance.name}: the most frequent class is {balance.ratio:.1f} times as frequent as the rarest; "
                "score by balanced accuracy or macro F1"
            )
        if balance.missing and balance.labels:
            yield f"{balance.name}: no picture of {', '.join(balance.missing)}; scores on it leave these classes out"


def _disagreements(report: AuditReport) -> Iterator[str]:
    for each in report.disagreements:
        if each.confusions:
            a, b, count = each.confusions[0]
            yield (
                f"{each.a} and {each.b} agree on {each.agreement:.1%} of {each.shared:,} shared pictures; most often "
                f"{a} is called {b} ({count:,}); [policy] in curate.toml says whose word counts"
            )


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
