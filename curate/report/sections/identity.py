"""Below the title: which version this is, and what may be done with the page."""

from curate.report.markup import Markup, code, join, sentence, table, warning
from curate.report.reported import ReportedVersion

__all__ = ["show_identity"]


def show_identity(subject: ReportedVersion) -> Markup:
    """What the version is; written last, because it says whether the page holds pictures."""
    header = subject.header
    splits = ", ".join(f"{count:,} in {split}" for split, count in header.split_sizes.items())
    gold = header.gold
    tools = ", ".join(f"{name} {number}" for name, number in header.tool.items())
    rows: list[tuple[object, object]] = [
        ("digest", code(header.digest)),
        ("line", header.line),
        ("parent", _parent(subject)),
        ("gold test", join(f"{gold.rows:,} pictures, ", code(gold.digest[:12]))),
        ("created", header.created[:19].replace("T", " ") + " UTC"),
        ("made by", tools),
    ]
    return join(
        sentence(f"{header.rows:,} pictures of {len(header.classes)} classes: {splits}."),
        table(["", ""], rows),
        _warning(subject),
    )


def _parent(subject: ReportedVersion) -> Markup:
    parent = subject.header.parent
    if parent is None:
        return join("none: it starts the line")
    return join(f"{parent.name}, ", code(parent.digest[:12]))


def _warning(subject: ReportedVersion) -> Markup:
    if not subject.images.count:
        return sentence("This page holds no pictures.")
    return warning(
        f"This page holds {subject.images.count:,} pictures of the datasets named below. Where a licence forbids "
        "passing its pictures on, this page must not be passed on either."
    )
