"""`image-folder`: a picture's class is the folder it lies in; splits are folders above, or part of the file name."""

import re
from collections.abc import Iterator

from curate.emotions import canonical_label
from curate.errors import SourceUnreadable
from curate.ingest.delivery import Delivery, Member
from curate.ingest.own_exports import OwnExports, read_own_exports
from curate.ingest.picture_tables import naming_tables
from curate.ingest.reading import (
    Certainty,
    Format,
    Options,
    Reading,
    Recognition,
    ignored_file,
    is_picture,
    read_pictures,
)
from curate.sample import Problem, SourceItem, official_split

__all__ = ["IMAGE_FOLDER"]

_USAGE_IN_NAME = re.compile(r"^(PublicTest|PrivateTest|Training)_\d+", re.IGNORECASE)
"""File names of https://www.kaggle.com/datasets/msambare/fer2013 hold the Usage column of fer2013.csv."""


def _recognise(delivery: Delivery) -> Recognition | None:
    pictures = [member for member in delivery.members if is_picture(member)]
    classes = {member.parts[-2] for member in pictures if len(member.parts) > 1}
    known = sorted(name for name in classes if canonical_label(name))
    if known:
        return Recognition(Certainty.CERTAIN, f"{len(pictures):,} pictures in class folders such as {known[0]}/")
    if pictures:
        return Recognition(Certainty.POSSIBLE, f"{len(pictures):,} pictures, but no folder is named after an emotion")
    return None


def _read(delivery: Delivery, _options: Options) -> Reading:
    pictures = [member for member in delivery.members if is_picture(member)]
    if not pictures:
        raise SourceUnreadable(f"{delivery.name} holds no pictures; check the path")
    kept = _without_second_copies(pictures)
    own = read_own_exports(delivery, pictures)
    remarks = tuple(
        f"{table.path} is of a version that curate exported: it says what {len(own.origins):,} of {len(kept):,} "
        "pictures were made from"
        for table in own.tables[:1]
    ) + tuple(
        f"{table.member.path} names these pictures, too, and was not read; `--format table` reads its labels instead"
        for table in naming_tables(delivery, kept)
    )
    return Reading(len(kept), _items(delivery, pictures, kept, own), remarks)


def _items(
    delivery: Delivery, pictures: list[Member], kept: list[Member], own: OwnExports
) -> Iterator[SourceItem | Problem]:
    yield from own.problems
    for member in delivery.members:
        if not is_picture(member) and member not in own.tables:
            yield ignored_file(member, "its name does not end like a picture's; it was left out")
    if len(kept) < len(pictures):
        copies = {member.path for member in pictures} - {member.path for member in kept}
        reason = f"{len(copies):,} files are a second copy of the folder around them; they were not read again"
        yield Problem(min(copies), "nested-copy", reason)
    yield from read_pictures(delivery, lambda path, data: own.describe(_describe(path, data)), kept)


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
                if first is not None and (first.size, first.check) == (member.size, member.check):
                    return True
        return False

    return [member for member in pictures if not is_second_copy(member)]


def _describe(path: str, data: bytes) -> SourceItem:
    *folders, name = path.split("/")
    emotions = [folder for folder in folders if canonical_label(folder)]
    label = emotions[-1] if emotions else (folders[-1] if folders else None)
    usage = _USAGE_IN_NAME.match(name)
    splits = [folder for folder in folders if official_split(folder)]
    split = usage.group(1) if usage else (splits[-1] if splits else None)
    if label is not None and label in splits and not emotions:
        label = None  # train/picture.png: a split folder is no class
    return SourceItem(path, data, given_raw=label, split=split)


IMAGE_FOLDER = Format(
    name="image-folder",
    summary="class folders, with or without split folders around them; folder, zip or tar",
    recognise=_recognise,
    read=_read,
    revision=2,
)
