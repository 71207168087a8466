"""One page that says what is in a version, whether it can be trusted, and what it is worth.

run        write the page
evidence   what other stages know of the version
subject    the version with its tables, scores and evidence
sections   the parts of the page, one file each, in reading order
groups     groups of copies that are worth a look
runs       scores that differ in nothing but their seed
album      the few pictures that it shows
charts     bars, heat maps, intervals, curves
plots      a drawing as SVG in the page's colours
markup     HTML in which text stays text
page       all of it as one file; its look in `style`
"""

from curate.report.evidence import Evidence, gather_evidence
from curate.report.run import Report, report_version, write_report

__all__ = ["Evidence", "Report", "gather_evidence", "report_version", "write_report"]
