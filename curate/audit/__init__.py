"""What is wrong with a workspace, a source or a version: leaks, conflicts, odd pictures, shortcuts; changes nothing.

facts       one reading of the catalog, as arrays
release     a version seen with today's eyes
leaks       copies, subjects and sequences across official splits
conflicts   labels that contradict each other
balance     classes and quality flags
ceiling     how far two panels of annotators agree
shortcut    can the source be told from the picture, and does that give the label away?
findings    all of it in plain words
page        all of it as tables
"""

from curate.audit.page import Table, report_tables
from curate.audit.report import AuditReport, Finding, Gone
from curate.audit.run import audit_version, audit_workspace

__all__ = ["AuditReport", "Finding", "Gone", "Table", "audit_version", "audit_workspace", "report_tables"]
