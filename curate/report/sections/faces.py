"""A sheet of faces: what the classes look like."""

from curate.derive import ORIGINAL
from curate.report.album import Wanted
from curate.report.markup import Markup, card, element, join, note, sentence
from curate.report.plots import short
from curate.report.subject import Subject

__all__ = ["show_faces"]

_FACES = 5


def show_faces(subject: Subject) -> Markup:
    """Five delivered pictures of each class, no two of one photograph, person or film."""
    rows = subject.rows
    rows = rows[rows["transform"].isna() | (rows["transform"] == ORIGINAL)].sort_values("sample_id", kind="stable")
    drawn = rows.drop_duplicates(["label", "lineage_id"]).groupby("label").head(_FACES)
    cards = []
    for label in subject.header.classes:
        own = drawn[drawn["label"] == label]
        columns = own[["sample_id", "split", "sources"]].itertuples(index=False)
        wanted = [Wanted(name, (name[:8], split, short(sources))) for name, split, sources in columns]
        body = subject.album.show(wanted) if wanted else sentence("No picture.")
        cards.append(card(str(label), body))
    how = "Drawn by chance: those whose sample_id, a digest of the pixels, comes first."
    return join(element("div", *cards, class_="row sheet"), note(how))
