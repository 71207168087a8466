"""A sheet of faces: what the classes look like."""

from curate.derive import ORIGINAL
from curate.report.images import PictureRequest
from curate.report.markup import Markup, card, join, note, row, sentence
from curate.report.plots import short
from curate.report.reported import ReportedVersion

__all__ = ["show_faces"]

_FACES = 5


def show_faces(subject: ReportedVersion) -> Markup:
    """Five delivered pictures of each class, no two of one photograph, person or film."""
    rows = subject.rows
    rows = rows[rows["transform"].isna() | (rows["transform"] == ORIGINAL)].sort_values("sample_id", kind="stable")
    drawn = rows.drop_duplicates(["label", "lineage_id"]).groupby("label").head(_FACES)
    cards = []
    for label in subject.header.classes:
        chosen = drawn.loc[drawn["label"] == label, ["sample_id", "split", "sources"]].itertuples(index=False)
        wanted = [PictureRequest(name, (name[:8], split, short(sources))) for name, split, sources in chosen]
        body = subject.images.row_of(wanted) if wanted else sentence("No picture.")
        cards.append(card(str(label), body))
    how = "Drawn by chance: those whose sample_id, a digest of the pixels, comes first."
    return join(row(*cards, kind="halves"), note(how))
