"""What an audit of the version finds by what is known today, in plain words."""

from curate.report.markup import Markup, bullets, code, join, note, sentence
from curate.report.reported import ReportedVersion

__all__ = ["show_findings"]

_TITLES = {"attention": "Needs attention", "note": "Worth knowing"}


def show_findings(subject: ReportedVersion) -> Markup:
    """Findings that need attention, then those that are worth knowing."""
    audit = subject.evidence.released
    command = code(f"curate audit {subject.name}")
    if audit is None:
        return sentence("Not audited: the catalog of this workspace does not hold the sources. ", command)
    if not audit.findings:
        return sentence("Nothing was found: ", command)
    lists = []
    for severity, title in _TITLES.items():
        items = [finding.text for finding in audit.findings if finding.severity == severity]
        lists += [bullets(title, *items)] * bool(items)
    return join(*lists, note("The same as ", command))
