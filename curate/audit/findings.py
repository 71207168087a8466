"""An audit in plain words: each finding says what, how many, where, and the way out."""

import shlex
from collections.abc import Iterator
from dataclasses import replace

from curate.audit.processed import overlooks
from curate.audit.values import ALL_SOURCES, AuditFinding, AuditReport, LabelConflict, Processed, SplitLeak, Unlisted
from curate.coverage import count_text, share_text
from curate.labellers import hint_labels

__all__ = ["with_findings"]

_LOST = ("broken-", "unreadable-", "refused-")
"""Beginnings of the kinds of problems that cost pictures or votes."""

_IMBALANCED = 10.0
_UNITS = {"identical pictures": "pictures", "duplicate groups": "groups of copies"}


def with_findings(report: AuditReport) -> AuditReport:
    """The report with its findings, what needs attention first."""
    attention = [AuditFinding("attention", text) for text in _needing_attention(report)]
    return replace(report, findings=(*attention, *(AuditFinding("note", text) for text in _notes(report))))


def _needing_attention(report: AuditReport) -> Iterator[str]:
    if not report.samples:
        yield "there are no pictures; take some in with `curate ingest PATH`"
        return
    if not report.search.complete:
        yield f"{report.search.extent}; run `curate duplicates`"
    yield from _gone(report, attention=True)
    yield from (_processed(each, report) for each in report.processed if _thorough_would_help(each, report))
    yield from _leaks(report)
    yield from _straddling(report)
    if not report.version:  # a version has settled them
        yield from _conflicts(report.conflicts)
    yield from (hint.text for hint in hint_labels(report.unmapped))
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


def _gone(report: AuditReport, *, attention: bool) -> Iterator[str]:
    """What of a version is no longer delivered; it needs attention where a search would look at it."""
    gone = report.gone
    if not gone.pictures or attention != (gone.waiting > 0):
        return
    never = gone.pictures - gone.searched - gone.waiting - gone.unknown
    parts = {
        "belong with a test and were searched like others": gone.searched,
        "belong with a test and were not searched yet: run `curate duplicates`": gone.waiting,
        "are searched no more, so that there may be leaks that nobody looked for: ingest their source again": never,
        "never were in this workspace, and nothing is known of their copies": gone.unknown,
    }
    total = report.samples + gone.unknown
    what = f"{gone.pictures:,} of the {total:,} pictures of {report.version} are delivered by no source any more"
    yield "; ".join([what, *(f"{count:,} {text}" for text, count in parts.items() if count)])


def _straddling(report: AuditReport) -> Iterator[str]:
    for each in report.straddling:
        if each.straddling:
            example = f"{each.examples[0][0]} ({each.examples[0][1]})"
            yield (
                f"{each.straddling:,} of {each.known:,} {each.kind}s lie in more than one {_official(report)}split, "
                f"such as {example}; make splits that keep every {each.kind} together"
            )


def _thorough_would_help(found: Processed, report: AuditReport) -> bool:
    thorough = replace(report.search, thorough=True)
    return overlooks(report.search, found) and not overlooks(thorough, found)


def _processed(found: Processed, report: AuditReport) -> str:
    what = f"{found.source} looks {found.looks}: {found.share:.0%} of {found.pictures:,} pictures looked at {found.why}"
    quick, full = found.found
    if _thorough_would_help(found, report):
        return (
            f"{what}; the default search finds {quick:.0%} of copies that were changed like this, a thorough one "
            f"{full:.0%}, so that leaks are at least those found; run `curate duplicates --thorough`"
        )
    share = full if report.search.thorough else quick
    bound = ", so that leaks are at least those found" if overlooks(report.search, found) else ""
    return f"{what}; a search finds {share:.0%} of copies that were changed like this{bound}"


def _leaks(report: AuditReport) -> Iterator[str]:
    for leak in report.leaks:
        if leak.split != "val+test" or not leak.leaking:
            continue
        if leak.scope != ALL_SOURCES:
            count = count_text(leak.leaking, at_least=leak.at_least)
            share = share_text(leak.share, at_least=leak.at_least)
            yield (
                f"{leak.scope}: {count} of {leak.pictures:,} {leak.unit} of the {_official(report)}val and test "
                f"splits ({share}) have a copy in train ({_leak_kinds(leak)}); scores on these splits are too "
                f"good; {_leak_remedy(report)}"
            )
        elif leak.across:
            yield (
                f"{count_text(leak.across, at_least=leak.at_least)} further photographs of official val and test "
                "splits have a copy in the train split of another source; sources that are trained on together need "
                "splits that keep copies together"
            )


def _official(report: AuditReport) -> str:
    return "" if report.version else "official "


def _leak_remedy(report: AuditReport) -> str:
    if report.version:
        return "freeze a child, which withdraws what new evidence joins"
    return "make splits that keep copies together"


def _leak_kinds(leak: SplitLeak) -> str:
    counts = {"near": leak.near, "mirrored or rotated": leak.transformed}
    known = [f"{leak.exact:,} identical", *(f"{count:,} {kind}" for kind, count in counts.items() if count is not None)]
    unknown = " and ".join(kind for kind, count in counts.items() if count is None)
    return ", ".join(known) + f"; {unknown} copies were not looked for" * bool(unknown)


def _conflicts(conflicts: tuple[LabelConflict, ...]) -> Iterator[str]:
    """Those of pictures and those of groups in one sentence, as the same contradiction may be in both."""
    parts = [f"{each.count:,} {_UNITS[each.where]} ({_worst(each)})" for each in conflicts if each.count]
    if not parts:
        return
    both = conflicts[-1].counted_before
    overlap = f"; {both:,} of the groups hold one of the pictures" if both else ""
    yield (
        f"given labels contradict each other on {' and in '.join(parts)}{overlap}; review them, or set [policy] given "
        "in curate.toml to `majority` or to the sources that you trust most"
    )


def _worst(conflict: LabelConflict) -> str:
    return ", ".join(f"{a} / {b} {count:,}" for a, b, count in conflict.confusions[:3])


def _shortcut(report: AuditReport) -> Iterator[str]:
    shortcut = report.shortcut
    if shortcut and shortcut.detectable and shortcut.differ:
        a, b, distance = shortcut.distances[0]
        yield (
            f"the source can be told from the picture ({shortcut.balanced_accuracy:.1%} of "
            f"{' and '.join(shortcut.sources)}, chance {shortcut.chance:.1%}) and classes differ "
            f"({a} and {b} by {distance:.0%}), so that a model can answer with the class that is frequent there; "
            "balance classes within each source, or score on a source left out of training"
        )


def _notes(report: AuditReport) -> Iterator[str]:
    if report.search.complete:
        thorough = ", but `curate duplicates --thorough` does" if report.search.not_looked_for else ""
        yield f"{report.search.extent}; {report.search.recall_text}{thorough}"
    yield from _gone(report, attention=False)
    yield from _doubt(report)
    yield from (_processed(each, report) for each in report.processed if not _thorough_would_help(each, report))
    yield from (_unlisted(each) for each in report.unlisted)
    for source, kinds in report.problems.items():
        others = {kind: count for kind, count in kinds.items() if not kind.startswith(_LOST)}
        if others:
            yield f"{source}: {_counted(others)}; `curate problems {shlex.quote(source)}` says where"
    flags = {flag: count for flag, count in report.flags.items() if count}
    if flags:
        yield f"{_counted(flags)} among {report.samples:,} pictures; look whether they belong here"
    yield from _balance(report)
    if report.version:
        yield from _conflicts(report.conflicts)
    for each in report.ceilings:
        if each.agreement is not None:
            yield (
                f"{each.source}: two panels ({each.panel}) agree on {each.agreement:.1%} of {each.clear:,} pairs of "
                f"identical pictures (95 % interval {each.low:.1%} to {each.high:.1%}); a model that scores above this "
                "agrees with labels, not with people"
            )
    yield from _disagreements(report)


def _doubt(report: AuditReport) -> Iterator[str]:
    doubt = report.doubt
    if not doubt.pairs:
        return
    what = f"{doubt.pairs:,} pairs of pictures are doubtful, and nobody has judged them"
    if not doubt.across:
        yield f"{what}; none of them joins different {_official(report)}splits"
        return
    yield (
        f"{what}; {doubt.across:,} of them join different {_official(report)}splits, and {doubt.pictures:,} pictures "
        "of val and test have such a doubtful copy in train, but no verified one; judge them under Duplicates in "
        "`curate review`"
    )


def _unlisted(found: Unlisted) -> str:
    given = " and ".join(f"{count:,} times by {source}" for source, count in found.occurrences.items())
    by = f" (given {given})" if given else ""
    return (
        f"{found.pictures:,} pictures are labelled {found.label}{by}, which is not among the classes of [policy]: "
        f"`curate freeze` leaves these {found.pictures:,} pictures out; to hold them, write {found.setting} under "
        "[policy] in curate.toml"
    )


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
