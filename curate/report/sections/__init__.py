"""The sections of a report: what is in the version, whether it can be trusted, what it is worth.

Each makes its part of the page from the reported version; missing items are listed in one sentence.

identity     below the title: which version this is
sources      sources, licences, patches
classes      class balance, and what was left out
faces        five faces of each class
findings     what an audit finds
copies       duplicates and leaks
conflicts    labels that contradict each other
origins      where labels come from, and what reviewers did
transforms   augmented pictures
scores       means over seeds, recall, confusion
learning     learning curves
leaderboard  every version that was scored
changes      the difference to the parent
reproduce    commands, settings, environment, digests
"""

from collections.abc import Callable

from curate.report.markup import Markup
from curate.report.reported import ReportedVersion
from curate.report.sections.changes import show_changes
from curate.report.sections.classes import show_classes
from curate.report.sections.conflicts import show_conflicts
from curate.report.sections.copies import show_copies
from curate.report.sections.faces import show_faces
from curate.report.sections.findings import show_findings
from curate.report.sections.leaderboard import show_leaderboard
from curate.report.sections.learning import show_learning
from curate.report.sections.origins import show_origins
from curate.report.sections.reproduce import show_commands
from curate.report.sections.scores import show_scores
from curate.report.sections.sources import show_sources
from curate.report.sections.transforms import show_transforms

__all__ = ["SECTIONS"]

SECTIONS: dict[str, tuple[str, Callable[[ReportedVersion], Markup]]] = {
    "sources": ("Sources and licences", show_sources),
    "classes": ("Class balance", show_classes),
    "faces": ("Five faces of each class", show_faces),
    "audit": ("What an audit says today", show_findings),
    "copies": ("Duplicates and leaks", show_copies),
    "conflicts": ("Label conflicts", show_conflicts),
    "origins": ("Where labels come from", show_origins),
    "transforms": ("Augmentation", show_transforms),
    "scores": ("Scores", show_scores),
    "learning": ("Learning curves", show_learning),
    "leaderboard": ("Leaderboard", show_leaderboard),
    "changes": ("Changes since the parent", show_changes),
    "reproduce": ("How to reproduce it", show_commands),
}
"""Anchor -> title, and what writes it."""
