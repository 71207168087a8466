"""How classes are balanced, split by split, and what was left out."""

from curate.report.charts import bar_plot
from curate.report.markup import Markup, join, row, sentence, table
from curate.report.reported import ReportedVersion
from curate.sample import OFFICIAL_SPLITS

__all__ = ["show_classes"]


def show_classes(subject: ReportedVersion) -> Markup:
    """A plot and a table of pictures by class and split; and why pictures were left out."""
    header = subject.header
    counts = {label: {split: header.counts[split][label] for split in OFFICIAL_SPLITS} for label in header.classes}
    plot = bar_plot(
        "classes", counts, xlabel="pictures", caption=f"Pictures of {subject.name} by class and split.",
        parts=OFFICIAL_SPLITS,
    )  # fmt: skip
    beside = row(plot, _table(counts), kind="beside")
    return join(beside, sentence(_balance(counts)), _left_out(subject))


def _balance(counts: dict[str, dict[str, int]]) -> str:
    totals = {label: sum(row.values()) for label, row in counts.items() if any(row.values())}
    missing = [label for label in counts if label not in totals]
    gaps = f"There is no picture of {', '.join(missing)}. " if missing else ""
    if len(totals) < 2:
        return f"{gaps}Fewer than two classes occur."
    most, least = max(totals, key=totals.__getitem__), min(totals, key=totals.__getitem__)
    return f"{gaps}{most} is {totals[most] / totals[least]:.1f} times as frequent as {least}."


def _table(counts: dict[str, dict[str, int]]) -> Markup:
    totals = {split: sum(row[split] for row in counts.values()) for split in OFFICIAL_SPLITS}
    every = max(sum(totals.values()), 1)
    rows = [
        (label, *row.values(), sum(row.values()), f"{sum(row.values()) / every:.1%}")
        for label, row in {**counts, "all": totals}.items()
    ]
    return table(["class", *OFFICIAL_SPLITS, "all", "share"], rows)


def _left_out(subject: ReportedVersion) -> Markup:
    left_out = subject.header.left_out
    if not left_out:
        return sentence("Nothing was left out.")
    reasons = table(["why", "pictures"], left_out.items(), title="Left out")
    if not subject.header.held:
        return reasons
    exceptions = f"{subject.header.held:,} pictures of the gold test stay, although they would be left out today."
    return join(reasons, sentence(exceptions))
