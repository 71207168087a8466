"""Two generated datasets with planted faults, in layouts that people really have.

`faces/`          image-folder: train and test class folders of PNGs; copies of all kinds, wrong labels, broken files
`sequences.zip`   ck48: subjects and sequences in the names; copies of `faces`, hostile members

Every fault is written down, so that each later stage can be held against what was planted.
"""

import csv
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from curate.emotions import BASIC_EMOTIONS
from curate.faces import draw_face, make_face
from curate.images import encode_bmp, encode_jpeg, encode_png
from curate.progress import Progress, silent
from curate.seeding import derive_seed
from curate.transforms import flip_pictures

__all__ = ["Fault", "Planted", "plant"]

_SHOTS_EACH = 2
_SERIES_FRAMES = 3
_TEST_SHARE, _SERIES_SHARE, _LOOK_ALIKE_SHARE = 0.2, 1 / 6, 0.2
_SERIES_FOLDERS = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happy",
    "sad": "sadness",
    "surprise": "surprise",
}

_SHARES = {
    "wrong label": 0.05,
    "exact copy": 0.01,
    "leaking exact copy": 0.01,
    "conflicting exact copy": 0.005,
    "re-saved copy": 0.005,
    "re-encoded copy": 0.015,
    "cropped copy": 0.015,
    "mirrored copy": 0.01,
    "rotated copy": 0.01,
    "copy in another source": 0.01,
}
"""How many of each, as a share of the pictures in `faces`."""


class Fault(NamedTuple):
    """One planted fault.

    Attributes:
        kind: what is wrong, such as `exact copy` or `wrong label`.
        source, key: the file.
        of_source, of_key: the file it copies or looks like; empty where there is none.
        detail: the true label, the transform, or how the file is broken.
    """

    kind: str
    source: str
    key: str
    of_source: str = ""
    of_key: str = ""
    detail: str = ""


@dataclass(slots=True)
class Planted:
    """What was generated: the two datasets on disk, and every fault in them."""

    faces: Path
    sequences: Path
    faults: list[Fault] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[Fault]:
        """The faults of these kinds, in planting order."""
        return [fault for fault in self.faults if fault.kind in kinds]


def plant(folder: Path, *, seed: int = 0, people: int = 150, progress: Progress = silent) -> Planted:
    """Draw both datasets below `folder` and write planted.csv beside them.

    Args:
        folder: existing and empty.
        seed: other faces and other faults.
        people: how many different faces, at least 30; a fifth of them only in the test split.
        progress: progress callback; counts pictures.
    """
    planted = Planted(folder / "faces", folder / "sequences.zip")
    series = round(people * _SERIES_SHARE)
    total = people * len(BASIC_EMOTIONS) * _SHOTS_EACH + series * len(_SERIES_FOLDERS) * _SERIES_FRAMES
    with progress("drawing faces", total, unit="pictures") as advance:
        shots = []
        for person in range(people):
            shots += _draw_person(seed, person, people)
            advance(len(BASIC_EMOTIONS) * _SHOTS_EACH)
        rng = np.random.default_rng(derive_seed(seed, "faults"))
        pile = _Pile([shots[index] for index in rng.permutation(len(shots))])
        _note_look_alikes(planted, pile, people)
        _plant_wrong_labels(planted, pile, rng)
        for shot in pile.shots:
            _write(planted.faces / shot.key, encode_png(shot.pixels))
        _plant_copies(planted, pile, rng)
        _plant_broken_files(planted, pile.shots[0])
        _write_sequences(planted, pile, seed=seed, first=people, count=series)
        advance(series * len(_SERIES_FOLDERS) * _SERIES_FRAMES)
    with (folder / "planted.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([Fault._fields, *planted.faults])
    return planted


class _Shot(NamedTuple):
    """One drawn picture and where it goes."""

    key: str
    split: str
    emotion: str
    person: int
    pixels: np.ndarray


@dataclass(slots=True)
class _Pile:
    """All shots in random order, dealt out so that no picture gets two faults."""

    shots: list[_Shot]
    dealt: set[str] = field(default_factory=set)

    def deal(self, kind: str, split: str = "train") -> list[_Shot]:
        """Untouched shots of a split for one kind of fault."""
        count = max(2, round(_SHARES[kind] * len(self.shots)))
        free = [shot for shot in self.shots if shot.split == split and shot.key not in self.dealt][:count]
        self.dealt.update(shot.key for shot in free)
        return free


def _draw_person(seed: int, person: int, people: int) -> list[_Shot]:
    face = make_face(seed, person)
    split = "test" if person >= people * (1 - _TEST_SHARE) else "train"
    shots = []
    for emotion in BASIC_EMOTIONS:
        for shot in range(_SHOTS_EACH):
            own = derive_seed(seed, "shot", person, emotion, shot)
            # Two neighbours hold one pose through all emotions: look-alikes that are no copies.
            posed = shot == 0 and person < people * _LOOK_ALIKE_SHARE
            pose = derive_seed(seed, "pose", person // 2) if posed else None
            key = f"{split}/{emotion}/{own % 10**10:010d}.png"
            shots.append(_Shot(key, split, emotion, person, draw_face(face, emotion, seed=own, pose_seed=pose)))
    return shots


def _note_look_alikes(planted: Planted, pile: _Pile, people: int) -> None:
    posed: dict[tuple[int, str], _Shot] = {}
    for shot in sorted(pile.shots, key=lambda shot: shot.person):
        if shot.person < people * _LOOK_ALIKE_SHARE:
            posed.setdefault((shot.person, shot.emotion), shot)
    for (person, emotion), shot in posed.items():
        other = posed[person, "happy" if emotion != "happy" else "angry"]
        planted.faults.append(Fault("look-alike, other emotion", "faces", shot.key, "faces", other.key))
        neighbour = posed.get((person + 1, emotion)) if person % 2 == 0 else None
        if neighbour:
            planted.faults.append(Fault("look-alike, other person", "faces", shot.key, "faces", neighbour.key))
    pile.dealt.update(shot.key for shot in posed.values())


def _plant_wrong_labels(planted: Planted, pile: _Pile, rng: np.random.Generator) -> None:
    for shot in pile.deal("wrong label"):
        wrong = str(rng.choice([emotion for emotion in BASIC_EMOTIONS if emotion != shot.emotion]))
        moved = shot._replace(key=shot.key.replace(f"/{shot.emotion}/", f"/{wrong}/"))
        pile.shots[pile.shots.index(shot)] = moved
        pile.dealt.add(moved.key)
        planted.faults.append(Fault("wrong label", "faces", moved.key, detail=shot.emotion))


def _plant_copies(planted: Planted, pile: _Pile, rng: np.random.Generator) -> None:
    def add(kind: str, shot: _Shot, content: bytes, *, split: str, label: str, suffix: str, detail: str = "") -> None:
        """Deliver a copy, and note the fault."""
        key = f"{split}/{label}/{rng.integers(10**10):010d}{suffix}"
        _write(planted.faces / key, content)
        planted.faults.append(Fault(kind, "faces", key, "faces", shot.key, detail))

    for kind in ("exact copy", "leaking exact copy", "conflicting exact copy"):
        for shot in pile.deal(kind):
            split = "test" if kind == "leaking exact copy" else "train"
            others = [emotion for emotion in BASIC_EMOTIONS if emotion != shot.emotion]
            label = str(rng.choice(others)) if kind == "conflicting exact copy" else shot.emotion
            add(kind, shot, encode_png(shot.pixels), split=split, label=label, suffix=".png", detail=shot.emotion)
    for shot in pile.deal("re-saved copy"):
        add("re-saved copy", shot, encode_bmp(shot.pixels), split="train", label=shot.emotion, suffix=".bmp")
    for kind in ("re-encoded copy", "cropped copy", "mirrored copy", "rotated copy"):
        for index, shot in enumerate(pile.deal(kind)):
            changed, detail = _change(kind, shot.pixels, rng)
            split = "train" if index % 2 else "test"
            add(kind, shot, encode_jpeg(changed, 85), split=split, label=shot.emotion, suffix=".jpg", detail=detail)


def _change(kind: str, pixels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    if kind == "mirrored copy":
        return flip_pictures(pixels, "mirrored"), "mirrored"
    if kind == "rotated copy":
        turn = str(rng.choice(["rot90", "rot180", "rot270"]))
        return flip_pictures(pixels, turn), turn
    if kind == "cropped copy":
        left, top, lost = (int(value) for value in rng.integers((0, 0, 2), (4, 4, 7)))
        side = len(pixels) - max(lost, left, top)
        part = pixels[top : top + side, left : left + side]
        return cv2.resize(part, pixels.shape, interpolation=cv2.INTER_CUBIC), f"{left} {top} {side}"
    return pixels, "jpeg 85"


def _plant_broken_files(planted: Planted, shot: _Shot) -> None:
    png, jpeg = encode_png(shot.pixels), encode_jpeg(shot.pixels, 90)
    damaged = bytearray(png)
    damaged[len(png) // 2] ^= 0xFF
    broken = {
        "empty.png": (b"", "empty"),
        "cut.jpg": (jpeg[: len(jpeg) // 2], "cut short"),
        "cut.png": (png[: len(png) // 2], "cut short"),
        "header.png": (png[:20], "header only"),
        "flipped.png": (bytes(damaged), "a byte is wrong"),
        "page.jpg": (b"<html><body>404 Not Found</body></html>", "a web page"),
        "zeros.png": (bytes(2048), "zeros"),
    }
    for name, (content, detail) in broken.items():
        key = f"train/neutral/{name}"
        _write(planted.faces / key, content)
        planted.faults.append(Fault("broken file", "faces", key, detail=detail))


def _write_sequences(planted: Planted, pile: _Pile, *, seed: int, first: int, count: int) -> None:
    with zipfile.ZipFile(planted.sequences, "w") as archive:
        for person in range(first, first + count):
            face = make_face(seed, person)
            for number, emotion in enumerate(_SERIES_FOLDERS, 1):
                pose = derive_seed(seed, "series", person, emotion)
                for frame in range(_SERIES_FRAMES):
                    pixels = draw_face(face, emotion, seed=derive_seed(pose, frame), pose_seed=pose)
                    _add_member(archive, _series_key(emotion, person, number, frame), encode_png(pixels))
        for index, shot in enumerate(pile.deal("copy in another source")):
            # A third of these copies carries another label: the sources contradict each other.
            emotion = "happy" if index % 3 == 0 else shot.emotion
            key = _series_key(emotion if emotion in _SERIES_FOLDERS else "sad", 800 + index, 1, 0)
            _add_member(archive, key, encode_png(shot.pixels))
            planted.faults.append(Fault("copy in another source", "sequences", key, "faces", shot.key, shot.emotion))
        for name, detail in (("../outside.png", "leaves the folder"), ("/outside/absolute.png", "absolute path")):
            _add_member(archive, name, encode_png(pile.shots[0].pixels))
            planted.faults.append(Fault("hostile member", "sequences", name, detail=detail))


def _series_key(emotion: str, person: int, sequence: int, frame: int) -> str:
    return f"CK+48/{_SERIES_FOLDERS[emotion]}/S{person:03d}_{sequence:03d}_{frame + 1:08d}.png"


def _add_member(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name), content)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
