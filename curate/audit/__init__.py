"""What is wrong with a workspace, a source or a version: leaks, conflicts, odd pictures, shortcuts; changes nothing.

audit      the stage: measure, then say it
values     what an audit consists of
dataset    one reading of the catalog, as arrays
release    a version re-evaluated with current evidence
leaks      copies, subjects and sequences across official splits
conflicts  labels that contradict each other
doubt      doubtful pairs
balance    classes and quality flags
processed  sources whose pictures look changed
unlisted   emotions that no version holds
ceiling    how far two panels of annotators agree
shortcut   can the source be recognised by the picture, and does that give the label away?
findings   all of it in plain words
tables     all of it as tables
"""

from curate.audit.audit import audit_version, audit_workspace
from curate.audit.tables import Table, report_tables
from curate.audit.values import AuditFinding, AuditReport, Gone

__all__ = ["AuditFinding", "AuditReport", "Gone", "Table", "audit_version", "audit_workspace", "report_tables"]
