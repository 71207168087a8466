"""People look at pictures: what to show them, what they decide, and how far they agree.

session         one for all reviewers of a server: shows pictures, takes decisions
scheduler       who is shown what next, and hidden repeats
claims          who is looking at what
queue           in which order pictures are worth a look, filters, and how far a reviewer is
scope           what the next version would hold of them
items           what can be shown
loading         read that from the workspace
given           by whom a label was given
reach           which copies a key decides, too
actions         keys, what a key press asks for, and the decisions that it becomes
decision_state  what the log of decisions says so far
thumbnails      pictures as the browser shows them
grid            many faces of one label
cases           copies and disputes
watcher         what changes meanwhile is read beside the work
agreement       how far reviewers agree
overview        the log at a glance
importing       a colleague's table of labels as decisions
"""

from curate.review.importing import LabelImport, import_labels

__all__ = ["LabelImport", "import_labels"]
