"""What an ingest brought and what a workspace holds, as short tables and plain sentences."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from curate.cli.advice import print_advice
from curate.terminal import print_table, say

if TYPE_CHECKING:
    from curate.ingest import IngestReport, IngestSummary

__all__ = ["disk_line", "print_ingest", "print_summary"]


def disk_line(sizes: Mapping[str, int]) -> str:
    """How much space a workspace takes, and which part of it."""
    parts = ", ".join(f"{name} {_megabytes(size)}" for name, size in sizes.items() if name != "total" and size)
    return f"on disk: {_megabytes(sizes['total'])} ({parts})"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"


def print_ingest(report: "IngestReport") -> None:
    """What one source brought."""
    if report.unchanged:
        say(f"{report.source}: nothing new ({report.format})")
        return
    known = report.occurrences - report.new_occurrences
    counts = f"{report.occurrences:,} occurrences, {report.new_samples:,} pictures never seen before"
    counts += f", {known:,} known here" * bool(known) + f", {report.retired:,} retired" * bool(report.retired)
    say(f"{report.source}: {report.format} ({report.why})")
    for line in (counts, *report.remarks):
        say(f"  {line}")


def print_summary(summary: "IngestSummary", *, fresh: Collection[str] = ()) -> None:
    """What the workspace holds; advice about the sources that were just taken in, `fresh`."""
    columns = [*summary.given.values(), summary.labels]
    labels = sorted({label for counts in columns for label in counts})
    print_table(
        "Occurrences by given label and source, and pictures by resolved label",
        ["label", *summary.given, "resolved"],
        [[label, *(counts.get(label, 0) for counts in columns)] for label in labels],
    )
    say(
        f"{summary.occurrences:,} occurrences of {summary.samples:,} pictures; {summary.identical_groups:,} occur more "
        f"than once, {summary.conflicting:,} with labels that contradict each other; {summary.open_labels:,} labels "
        "are open"
    )
    for source, panels in summary.votes.items():
        say(f"{source}: " + ", ".join(f"{panel} votes on {count:,}" for panel, count in panels.items()))
    for pair in summary.disagreements:
        worst = ", ".join(f"{a} / {b} {count:,}" for a, b, count in pair.confusions[:4])
        more = f"; {worst}" * bool(worst)
        say(f"{pair.a} and {pair.b}: {pair.shared:,} shared, {pair.agreement:.1%} agree{more}")
    print_advice(summary, fresh)
    for unknown in summary.unknown_sources:
        hint = f"; did you mean `{unknown.nearest}`?" if unknown.nearest else ""
        say(f"curate.toml: {unknown.where} speaks of `{unknown.name}`, but no source has that name{hint}")
    for one, other in summary.twins:
        say(f"{one} and {other} are one delivery under two names, and count twice; `curate forget {other}` mends that")
    problems = [(source, kind, count) for source, kinds in summary.problems.items() for kind, count in kinds.items()]
    if problems:
        print_table("Problems", ["source", "kind", "count"], problems)
