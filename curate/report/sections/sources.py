"""Sources, and what may be done with them."""

from curate.report.markup import Markup, code, join, note, sentence, table
from curate.report.reported import ReportedVersion

__all__ = ["show_sources"]


def show_sources(subject: ReportedVersion) -> Markup:
    """Every source with format, revision, size, licence note and digest; and the patches that were applied."""
    sources = subject.header.sources
    used = subject.rows["sources"].str.split(", ").explode().value_counts()
    rows = [
        (
            each.name,
            each.format,
            each.revision,
            each.occurrences,
            int(used.get(each.name, 0)),
            each.licence or "not stated",
            code(each.digest[:12]),
        )
        for each in sources
    ]
    columns = ["source", "format", "revision", "occurrences", "pictures here", "licence note", "digest"]
    silent = [each.name for each in sources if not each.licence]
    return join(
        table(columns, rows),
        note("A picture that several sources deliver counts with each of them."),
        *[_missing(silent)] * bool(silent),
        _patches(subject),
    )


def _missing(names: list[str]) -> Markup:
    return sentence(
        f"No licence note: {', '.join(names)}. Write ",
        code('licence = "..."'),
        " under the source in curate.toml; the next version holds it.",
    )


def _patches(subject: ReportedVersion) -> Markup:
    patches = subject.header.patches
    if not patches:
        return join()
    rows = [(each.version, each.samples, code(each.digest[:12])) for each in patches]
    return table(["version", "pictures that it speaks of", "digest"], rows, title="Patches that were applied")
