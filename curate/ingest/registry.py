"""Every format that can be read, and how the right one is chosen."""

from collections.abc import Mapping

from curate.errors import AmbiguousFormat, UnknownFormat
from curate.ingest.delivery import LFS_POINTER, Delivery
from curate.ingest.readers.ck48 import CK48
from curate.ingest.readers.fer2013_csv import FER2013_CSV
from curate.ingest.readers.ferplus import FERPLUS
from curate.ingest.readers.image_folder import IMAGE_FOLDER
from curate.ingest.readers.picture_tables import find_picture_tables
from curate.ingest.readers.table import TABLE
from curate.ingest.reading import Format, Recognition, is_archive, pictures_in
from curate.names import look_up

__all__ = ["FORMATS", "NUMBERINGS", "choose_format", "find_format"]

_FORMATS = (
    FER2013_CSV,
    FERPLUS,
    CK48,
    TABLE,
    IMAGE_FOLDER,
)

FORMATS: Mapping[str, Format] = {form.name: form for form in _FORMATS}
"""By name. The order is that of lists; which one reads a delivery is a question of specificity."""

NUMBERINGS: Mapping[str, Mapping[int, str]] = {
    dataset: labels for form in _FORMATS for dataset, labels in form.numberings.items()
}
"""Dataset -> number -> label, of all formats; to be offered to people and never applied unasked."""


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        UnknownFormat: there is none; the message lists them and the closest.
    """
    return look_up(name, FORMATS, what="no format", error=UnknownFormat)


def choose_format(delivery: Delivery) -> tuple[Format, str]:
    """The format that a delivery has, and why: that of the most specific claim.

    Raises:
        UnknownFormat: no reader recognises it.
        AmbiguousFormat: several claims are equally specific.
    """
    answers = [(form, form.recognise(delivery)) for form in FORMATS.values()]
    claims: list[tuple[Format, Recognition]] = [(form, answer) for form, answer in answers if answer is not None]
    if not claims:
        raise UnknownFormat(
            f"{delivery.name}: {_contents(delivery)}; no format fits, name one with --format ({', '.join(FORMATS)})"
        )
    highest = max(claim.specificity for _, claim in claims)
    best = [(form, claim.why) for form, claim in claims if claim.specificity == highest]
    if len(best) > 1:
        candidates = "; ".join(f"{form.name}: {why}" for form, why in best)
        raise AmbiguousFormat(f"{delivery.name} could be several things; name one with --format ({candidates})")
    return best[0]


def _contents(delivery: Delivery) -> str:
    pointers = sum(problem.kind == LFS_POINTER for problem in delivery.problems)
    if pointers:
        return f"{pointers:,} Git LFS pointers in the place of files (run `git lfs pull` in their repository)"
    if not delivery.members:
        return "nothing readable in it"
    if find_picture_tables(delivery) and not pictures_in(delivery):
        return "it lists pictures that are not in it; name the folder that holds both"
    archives = [member.path for member in delivery.members if is_archive(member)]
    if archives:
        return f"{len(archives):,} archives in it, such as {archives[0]} (unpack them first)"
    suffixes = sorted({member.suffix or "no extension" for member in delivery.members})
    return f"{len(delivery.members):,} files ({', '.join(suffixes[:6])})"
