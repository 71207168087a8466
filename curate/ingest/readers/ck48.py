"""`ck48`: the three last frames of each labelled CK+ sequence, 48x48, in class folders; subjects are in the names."""

import re
from collections.abc import Iterator

from curate.errors import SourceUnreadable
from curate.ingest.delivery import Delivery, Member
from curate.ingest.reading import (
    Format,
    Options,
    Reading,
    Recognition,
    Specificity,
    ignored_files,
    pictures_in,
    read_pictures,
)
from curate.sample import Problem, SourceItem

__all__ = ["CK48", "CLASS_FOLDERS"]

CLASS_FOLDERS = ("anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")

_NAME = re.compile(r"^(S\d{3})_(\d{3})_(\d{8})\.\w+$")
"""Subject, sequence, frame. Source: Lucey et al. 2010, The Extended Cohn-Kanade Dataset (CK+), file naming."""
_SHARE_OF_NAMES = 0.9


def _recognise(delivery: Delivery) -> Recognition | None:
    pictures = pictures_in(delivery)
    named = [member for member in pictures if _is_ck48(member)]
    if not named or len(named) < _SHARE_OF_NAMES * len(pictures):
        return None
    why = f"{len(named):,} pictures named like S010_004_00000017.png in folders such as {named[0].parts[-2]}/"
    return Recognition(Specificity.DATASET, why)


def _is_ck48(member: Member) -> bool:
    *_, folder, name = ("", *member.parts)
    return folder in CLASS_FOLDERS and _NAME.match(name) is not None


def _read(delivery: Delivery, _options: Options) -> Reading:
    pictures = [member for member in pictures_in(delivery) if len(member.parts) > 1]
    if not pictures:
        raise SourceUnreadable(f"{delivery.name} holds no pictures in class folders; check the path")
    return Reading(len(pictures), _items(delivery, pictures))


def _items(delivery: Delivery, pictures: list[Member]) -> Iterator[SourceItem | Problem]:
    yield from ignored_files(delivery, set(pictures), "not a picture in a class folder; it was left out")
    for member in pictures:
        if not _NAME.match(member.parts[-1]):
            reason = "the name holds no subject and sequence (S010_004_00000017.png); the picture has neither"
            yield Problem(member.path, "unknown-subject", reason)
    yield from read_pictures(delivery, _describe, pictures)


def _describe(path: str, data: bytes) -> SourceItem:
    *_, folder, name = path.split("/")
    match = _NAME.match(name)
    if match is None:
        return SourceItem(path, data, given_raw=folder)
    subject, sequence, _frame = match.groups()
    return SourceItem(path, data, given_raw=folder, subject=f"ck:{subject}", sequence=f"ck:{subject}_{sequence}")


CK48 = Format(
    name="ck48",
    summary="CK+48: class folders of `S010_004_00000017.png`; subject and sequence from the names",
    recognise=_recognise,
    read=_read,
)
