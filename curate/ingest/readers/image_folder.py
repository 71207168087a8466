"""`image-folder`: a picture's class is the folder it lies in; splits are folders above, or part of the file name."""

import re
from collections.abc import Iterator

from curate.errors import SourceUnreadable
from curate.ingest.delivery import Delivery, Member
from curate.ingest.readers.class_folders import class_folders, direct_classes
from curate.ingest.readers.own_exports import OwnExports, read_own_exports
from curate.ingest.readers.picture_tables import naming_tables
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
from curate.sample import Problem, SourceItem, official_split

__all__ = ["IMAGE_FOLDER"]

_USAGE_IN_NAME = re.compile(r"^(PublicTest|PrivateTest|Training)_\d+", re.IGNORECASE)
"""File names of https://www.kaggle.com/datasets/msambare/fer2013 hold the Usage column of fer2013.csv."""

_RAF_DB = ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")
_AFFECTNET = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt")
_CK = ("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise")
_NUMBERINGS = {
    "RAF-DB": dict(enumerate(_RAF_DB, start=1)),
    "AffectNet": dict(enumerate((*_AFFECTNET, "unknown", "unknown", "not_a_face"))),
    "CK+": dict(enumerate(_CK)),
}
"""Of datasets that have no reader of their own and come as folders named by numbers.

Sources: RAF-DB, http://www.whdeng.cn/RAF/model1.html, readme of EmoLabel; AffectNet, Mollahosseini et al. 2017, readme
of its lists (8 none, 9 uncertain, 10 no face); CK+, Lucey et al. 2010, readme of its emotion labels.
"""


def _recognise(delivery: Delivery) -> Recognition | None:
    pictures = pictures_in(delivery)
    if not pictures:
        return None
    classes = direct_classes(pictures)
    if classes:
        why = f"{len(pictures):,} pictures in class folders such as {min(classes)}/"
        return Recognition(Specificity.FOLDERS, why)
    return Recognition(Specificity.PICTURES, f"{len(pictures):,} pictures, but no folder is named after an emotion")


def _read(delivery: Delivery, _options: Options) -> Reading:
    pictures = pictures_in(delivery)
    if not pictures:
        raise SourceUnreadable(f"{delivery.name} holds no pictures; check the path")
    distinct = _without_second_copies(pictures)
    exports = read_own_exports(delivery, pictures)
    remarks = tuple(
        f"{table.path} is of a version that curate exported: it says what {len(exports.origins):,} of "
        f"{len(distinct):,} pictures were made from"
        for table in exports.tables[:1]
    ) + tuple(
        f"{table.member.path} names these pictures, too, and was not read; `--format table` reads its labels instead"
        for table in naming_tables(delivery, distinct)
    )
    return Reading(len(distinct), _items(delivery, pictures, distinct, exports), remarks)


def _items(
    delivery: Delivery, pictures: list[Member], distinct: list[Member], exports: OwnExports
) -> Iterator[SourceItem | Problem]:
    yield from exports.problems
    used = {*pictures, *exports.tables}
    yield from ignored_files(delivery, used, "its name does not end like a picture's; it was left out")
    copies = {member.path for member in pictures} - {member.path for member in distinct}
    if copies:
        reason = f"{len(copies):,} files are a second copy of the folder around them; they were not read again"
        yield Problem(min(copies), "nested-copy", reason)
    class_of = class_folders(pictures)

    def describe(path: str, data: bytes) -> SourceItem:
        return exports.describe(_describe(path, data, class_of(path)))

    yield from read_pictures(delivery, describe, distinct)


def _without_second_copies(pictures: list[Member]) -> list[Member]:
    """Leave out `images/images/x` where `images/x` is there too and is the same file.

    Source: https://www.kaggle.com/datasets/jonathanoheix/face-expression-recognition-dataset holds itself twice.
    """
    by_path = {member.path: member for member in pictures}

    def is_second_copy(member: Member) -> bool:
        parts = member.parts
        for index in range(1, len(parts) - 1):
            if parts[index] == parts[index - 1]:
                first = by_path.get("/".join(parts[:index] + parts[index + 1 :]))
                if first is not None and first[1:] == member[1:]:
                    return True
        return False

    return [member for member in pictures if not is_second_copy(member)]


def _describe(path: str, data: bytes, emotion: str | None) -> SourceItem:
    *folders, name = path.split("/")
    usage = _USAGE_IN_NAME.match(name)
    split = usage.group(1) if usage else next(filter(official_split, reversed(folders)), None)
    innermost = folders[-1] if folders and not official_split(folders[-1]) else None  # train/picture.png has no class
    return SourceItem(path, data, given_raw=emotion or innermost, split=split)


IMAGE_FOLDER = Format(
    name="image-folder",
    summary="class folders, with or without split folders; `PublicTest_`/`PrivateTest_` in names beat the folder",
    recognise=_recognise,
    read=_read,
    numberings=_NUMBERINGS,
    revision=3,
)
