"""Small datasets in the layouts that readers accept, made of generated faces."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np

from curate.faces import draw_face, make_face
from curate.images import encode_png


def face(number: int, emotion: str = "happy") -> np.ndarray:
    """The picture of that number: (48, 48) uint8."""
    return draw_face(make_face(3, number), emotion, seed=number)


def png(number: int, emotion: str = "happy") -> bytes:
    """The same as PNG bytes."""
    return encode_png(face(number, emotion))


def write_tree(folder: Path, files: dict[str, bytes]) -> Path:
    """Files by path below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    """Files by path in a zip archive."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def pixel_text(picture: np.ndarray) -> str:
    """The pixel column of a table row."""
    return " ".join(map(str, picture.ravel()))


def table_text(header: list[str], rows: list[list[object]]) -> bytes:
    """A CSV table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


VOTE_HEADER = [
    "Usage", "Image name", "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
    "unknown", "NF",
]  # fmt: skip


def votes_for(label: str, others: int = 0) -> list[int]:
    """Ten votes, all but `others` of them for one label; the others go to unknown."""
    order = ["neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt", "unknown", "not_a_face"]
    counts = [0] * 10
    counts[order.index(label)] = 10 - others
    counts[order.index("unknown")] += others
    return counts
