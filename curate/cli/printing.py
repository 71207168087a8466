"""How the results of stages look in a terminal: short tables and plain sentences."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from curate.cli.printing_advice import print_advice
from curate.terminal import print_table, say

if TYPE_CHECKING:
    from curate.audit import AuditReport
    from curate.duplicates import DuplicateReport, GroupedOccurrences
    from curate.ingest import IngestReport, IngestSummary

__all__ = ["disk_line", "print_audit", "print_duplicates", "print_summary", "say_report"]


def print_audit(report: "AuditReport") -> None:
    """Findings first, then every table."""
    from curate.audit import report_tables

    what = f"the source {report.source}" if report.source else "the workspace"
    what = f"the version {report.version}" if report.version else what
    originals = ", without augmented ones" if report.augmented else ""
    say(f"Audit of {what}: {report.occurrences:,} occurrences of {report.samples:,} pictures{originals}")
    for severity, title in (("attention", "Needs attention"), ("note", "Worth knowing")):
        texts = [finding.text for finding in report.findings if finding.severity == severity]
        if texts:
            say("")
            say(title)
        for text in texts:
            say(f"  - {text}")
    for table in report_tables(report):
        print_table(*table)
    if not report.needs_attention:
        say("nothing needs attention")


def print_duplicates(report: "DuplicateReport", seen: "GroupedOccurrences") -> None:
    """What a search found, and what it means."""
    from curate.coverage import share_text

    if report.remade:
        say(f"made again, because what earlier searches kept is damaged or has no checksum: {', '.join(report.remade)}")
    print_table("Verified pairs", ["kind", "pairs"], list(report.pairs.items()))
    say(
        f"{report.samples:,} pictures; {report.grouped:,} of them in {report.groups:,} groups of copies, the "
        f"largest of {report.largest:,}; {seen.conflicting:,} groups with labels that contradict each other"
    )
    empty = ", ".join(f"{count:,} {flag}" for flag, count in report.left_out_for.items())
    say(
        f"{report.doubtful:,} pairs are doubtful; {report.left_out:,} pictures are too empty to compare"
        + (f" ({empty})" * bool(empty))
    )
    if report.fenced:
        say(
            f"{report.fenced:,} pictures that no source delivers any more were searched, too: versions tested on them, "
            "or on what belongs with them"
        )
    if report.fitted_on:
        when = "earlier, on" if report.fit_reused else "now, on"
        say(f"candidates come from an embedding that was fitted {when} {report.fitted_on:,} pictures")
    if report.cut:
        say(f"{report.cut:,} pairs were left out of groups, because the chain of copies was too long")
    rows = [
        (leak.source, leak.tested, leak.identical, leak.near, share_text(leak.near / leak.tested))
        for leak in seen.leaks
    ]
    if rows:
        columns = ["source", "val and test occurrences", "identical copy in train", "any copy in train", "share"]
        print_table("Leaks across official splits", columns, rows)
    missed = ", ".join(each.kind for each in report.recall if each.recall is None)
    if missed:
        say(f"not looked for: {missed} copies; `curate duplicates --thorough` looks for them")


def disk_line(sizes: Mapping[str, int]) -> str:
    """How much space a workspace takes, and which part of it."""
    parts = ", ".join(f"{name} {_megabytes(size)}" for name, size in sizes.items() if name != "total" and size)
    return f"on disk: {_megabytes(sizes['total'])} ({parts})"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"


def say_report(report: "IngestReport", *, silent: bool) -> None:
    """What one source brought."""
    if silent:
        return
    if report.unchanged:
        say(f"{report.source}: nothing new ({report.format})")
        return
    say(f"{report.source}: {report.format} ({report.why})")
    known = report.occurrences - report.new_occurrences
    counts = f"{report.occurrences:,} occurrences, {report.new_samples:,} pictures never seen before"
    counts += f", {known:,} known here" if known else ""
    counts += f", {report.retired:,} retired" if report.retired else ""
    say(f"  {counts}")
    for remark in report.remarks:
        say(f"  {remark}")


def print_summary(summary: "IngestSummary", *, fresh: Collection[str] = ()) -> None:
    """What the workspace holds; advice about the sources that were just taken in, `fresh`."""
    sources = list(summary.given)
    rows = sorted({label for counts in summary.given.values() for label in counts} | set(summary.labels))
    table = [[label, *(summary.given[name].get(label, 0) for name in sources)] for label in rows]
    resolved = [summary.labels.get(label, 0) for label in rows]
    print_table(
        "Occurrences by given label and source, and pictures by resolved label",
        ["label", *sources, "resolved"],
        [[*row, count] for row, count in zip(table, resolved, strict=True)],
    )
    say(
        f"{summary.occurrences:,} occurrences of {summary.samples:,} pictures; {summary.identical_groups:,} occur more "
        f"than once, {summary.conflicting:,} with labels that contradict each other; {summary.open_labels:,} labels "
        "are open"
    )
    for source, panels in summary.votes.items():
        say(f"{source}: " + ", ".join(f"{panel} votes on {count:,}" for panel, count in panels.items()))
    for found in summary.disagreements:
        worst = ", ".join(f"{a} / {b} {count:,}" for a, b, count in found.confusions[:4])
        say(
            f"{found.a} and {found.b}: {found.shared:,} shared, {found.agreement:.1%} agree"
            + (f"; {worst}" * bool(worst))
        )
    print_advice(summary, fresh)
    for unknown in summary.unknown_sources:
        hint = f"; did you mean `{unknown.nearest}`?" if unknown.nearest else ""
        say(f"curate.toml: {unknown.where} speaks of `{unknown.name}`, but no source has that name{hint}")
    for one, other in summary.twins:
        say(f"{one} and {other} are one delivery under two names, and count twice; `curate forget {other}` mends that")
    rows_of_problems = [
        (source, kind, count) for source, kinds in summary.problems.items() for kind, count in kinds.items()
    ]
    if rows_of_problems:
        print_table("Problems", ["source", "kind", "count"], rows_of_problems)
