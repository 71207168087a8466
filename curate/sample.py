"""The values that the stages exchange: what was delivered, and what was made of it."""

from typing import Literal, NamedTuple

__all__ = [
    "OFFICIAL_SPLITS",
    "OUT",
    "IngestedItem",
    "Origin",
    "Panel",
    "Problem",
    "Sample",
    "SourceItem",
    "official_split",
]

OFFICIAL_SPLITS = ("train", "val", "test")
"""Official splits, lowest first: a sample with several takes the highest."""

OUT = "out"
"""What `[splits]` calls a split whose pictures are in no version, such as a test set that is kept for the very end."""

_OFFICIAL_SPLIT_BY_NAME = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "publictest": "val",
    "test": "test",
    "testing": "test",
    "privatetest": "test",
}


def official_split(name: str | None, remapped: dict[str, str] | None = None) -> str | None:
    """`train`, `val`, `test` or None for a split's name as delivered.

    Args:
        name: as delivered, such as `PublicTest`; FER+ folders begin with `FER2013`.
        remapped: the source's own `[splits]`; the values `none` and `out` mean no split.

    Example:
        >>> official_split("PublicTest"), official_split("FER2013Train"), official_split("faces")
        ('val', 'train', None)
        >>> official_split("PublicTest", {"PublicTest": "test"})
        'test'
    """
    if name is None:
        return None
    if remapped and name in remapped:
        return remapped[name] if remapped[name] in OFFICIAL_SPLITS else None
    return _OFFICIAL_SPLIT_BY_NAME.get(name.casefold().removeprefix("fer2013"))


class Panel(NamedTuple):
    """How the annotators of one panel voted on one occurrence.

    Attributes:
        name: which panel, such as `2016`.
        counts: votes per label, in the order of `emotions.LABELS`.
    """

    name: str
    counts: tuple[int, ...]


class Origin(NamedTuple):
    """What a picture was made from, as the version says that it was exported from.

    Attributes:
        lineage: `lineage_id` of the version's row.
        parent: sample_id of the picture that was augmented; empty = this one was not made of another.
        transform: how it was augmented.
    """

    lineage: str
    parent: str = ""
    transform: str = ""


class SourceItem(NamedTuple):
    """One picture as a reader found it, not yet decoded.

    Attributes:
        key: where in the source: a path inside it, or `row:N`.
        data: the delivered bytes: a picture file, or the text of a row's pixel column.
        form: which of the two.
        given_raw: the label exactly as delivered; None = the source gives none.
        given_name: the name that `given_raw` stands for in this format (`3` is `happy` in FER-2013).
        split: the split's name as delivered.
        subject: `namespace:id` of the person; likewise `sequence` of the film or series.
        panels: votes, if the source has any.
        origin: what it was made from, if it was exported from a version.
    """

    key: str
    data: bytes
    form: Literal["file", "pixel-row"] = "file"
    given_raw: str | None = None
    given_name: str | None = None
    split: str | None = None
    subject: str | None = None
    sequence: str | None = None
    panels: tuple[Panel, ...] = ()
    origin: Origin | None = None


class Problem(NamedTuple):
    """Something that could not be ingested, or that needs a person's eye.

    Attributes:
        key: where in the source; empty = the source as a whole.
        kind: a short word to count by, such as `broken-picture`.
        reason: one sentence: what, and the way out where there is one.
    """

    key: str
    kind: str
    reason: str


class Sample(NamedTuple):
    """One distinct canonical picture and what was measured on it.

    Attributes:
        digest: sha256 over mode, width, height and pixels; `sample_id` is its hex form.
        hashes: eight 64-bit perceptual hashes, big-endian, in the order of `transforms.FLIPS_AND_ROTATIONS`.
        flags: quality flags, separated by spaces.
    """

    digest: bytes
    mode: str
    width: int
    height: int
    hashes: bytes
    brightness: float
    contrast: float
    sharpness: float
    entropy: float
    flags: str


class IngestedItem(NamedTuple):
    """A delivered picture that became an occurrence of a sample.

    Attributes:
        file_digest: sha256 of the delivered bytes.
        stored: the picture file to keep for the sample: the delivered bytes, or a PNG of a pixel row.
    """

    delivered: SourceItem
    sample: Sample
    file_digest: bytes
    stored: bytes
    notes: tuple[Problem, ...] = ()
