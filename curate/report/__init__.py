"""One page that says what is in a version, whether it can be trusted, and what it is worth.

write      write the page
evidence   what other stages know of the version
reported   the version with its tables, scores and evidence
sections   the parts of the page, one file each, in reading order
groups     groups of copies that are worth a look
seed_runs  scores that differ in nothing but their seed
images     the few pictures that it shows
charts     bars, heat maps, intervals, curves
plots      a drawing as SVG in the page's colours
markup     the blocks that sections are made of
"""

from curate.report.evidence import Evidence, gather_evidence
from curate.report.write import Report, report_version

__all__ = ["Evidence", "Report", "gather_evidence", "report_version"]
