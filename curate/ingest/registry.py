"""Every format that can be read, and how the right one is chosen."""

from curate.errors import AmbiguousFormat, UnknownFormat
from curate.ingest.ck48 import CK48
from curate.ingest.delivery import LFS_POINTER, Delivery
from curate.ingest.fer2013_csv import FER2013_CSV
from curate.ingest.ferplus import FERPLUS
from curate.ingest.image_folder import IMAGE_FOLDER
from curate.ingest.picture_tables import find_picture_tables
from curate.ingest.reading import Format, Recognition, is_archive, is_picture
from curate.ingest.table import TABLE
from curate.names import look_up

__all__ = ["FORMATS", "choose_format", "find_format"]

FORMATS: dict[str, Format] = {
    "fer2013-csv": FER2013_CSV,
    "ferplus": FERPLUS,
    "ck48": CK48,
    "table": TABLE,
    "image-folder": IMAGE_FOLDER,
}
"""By name; special layouts before the general one, which any of them overrules."""


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        UnknownFormat: there is none; the message lists them and the closest.
    """
    return look_up(name, FORMATS, what="no format", error=UnknownFormat)


def choose_format(delivery: Delivery) -> tuple[Format, str]:
    """The format that a delivery has, and why.

    Raises:
        UnknownFormat: no reader recognises it.
        AmbiguousFormat: several do, and none is more certain than the others.
    """
    claims = [(form, form.recognise(delivery)) for form in FORMATS.values()]
    found: list[tuple[Format, Recognition]] = [(form, claim) for form, claim in claims if claim is not None]
    if not found:
        raise UnknownFormat(
            f"{delivery.name}: {_contents(delivery)}; no format fits, name one with --format ({', '.join(FORMATS)})"
        )
    best = max(claim.certainty for _, claim in found)
    surest = [(form, claim) for form, claim in found if claim.certainty == best]
    if len(surest) > 1 and surest[-1][0] is IMAGE_FOLDER:
        surest.pop()
    if len(surest) > 1:
        candidates = "; ".join(f"{form.name}: {claim.why}" for form, claim in surest)
        raise AmbiguousFormat(f"{delivery.name} could be several things; name one with --format ({candidates})")
    form, claim = surest[0]
    return form, claim.why


def _contents(delivery: Delivery) -> str:
    pointers = sum(problem.kind == LFS_POINTER for problem in delivery.problems)
    if pointers:
        return f"{pointers:,} Git LFS pointers in the place of files (run `git lfs pull` in their repository)"
    if not delivery.members:
        return "nothing readable in it"
    if find_picture_tables(delivery) and not any(is_picture(member) for member in delivery.members):
        return "it lists pictures that are not in it; name the folder that holds both"
    archives = [member.path for member in delivery.members if is_archive(member)]
    if archives:
        return f"{len(archives):,} archives in it, such as {archives[0]} (unpack them first)"
    suffixes = sorted({member.suffix or "no extension" for member in delivery.members})
    return f"{len(delivery.members):,} files ({', '.join(suffixes[:6])})"
