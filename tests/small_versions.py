"""Small released versions of generated faces, and tiny recipes, for tests of the benchmark."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from curate.benchmark.recipe import Augmentation, NetworkRecipe, Seeds, Stopping
from curate.emotions import BASIC_EMOTIONS
from curate.faces import draw_face, make_face
from curate.images import encode_png
from curate.ingest import ingest_source
from curate.manifest import Header, Version, write_version
from curate.manifest.files import Tables
from curate.manifest.schema import table_of
from curate.manifest.version import to_pandas
from curate.scores import Score
from curate.version import freeze_version
from curate.workspace import Workspace

CREATED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def face_folder(folder: Path, *, people: int = 20, wrong: tuple[int, ...] = ()) -> Path:
    """An image folder `faces` with train, val and test; the people in `wrong` are all called happy."""
    for person in range(people):
        split = ("test", "val", *["train"] * 6)[person % 8]
        face = make_face(3, person)
        for number, emotion in enumerate(BASIC_EMOTIONS):
            named = "happy" if person in wrong else emotion
            path = folder / "faces" / split / named / f"{person:03d}-{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_png(draw_face(face, emotion, seed=person * 10 + number)))
    return folder / "faces"


def small_version(folder: Path, name: str = "v1", **how: Any) -> tuple[Workspace, Version]:
    """A workspace with one version that keeps the folder's own splits."""
    workspace = Workspace.create(folder / "workspace")
    ingest_source(workspace, face_folder(folder, **how))
    return workspace, freeze_version(workspace, name, created=CREATED, parent=None, keep_official_splits=True)


def rewritten(version: Version, name: str, change: Any, **header: Any) -> None:
    """A version whose rows are those of another, changed."""
    rows = change(to_pandas(version.table("rows")))
    tables = Tables(
        table_of(version.table("rows").schema, {column: rows[column].astype(object) for column in rows}),
        version.table("occurrences"),
        version.table("edges"),
    )
    counts = {split: part["label"].value_counts().to_dict() for split, part in rows.groupby("split")}
    plain = {key: value for key, value in version.header.items() if key not in ("digest", "files", "sha256")}
    described = Header.from_json({**plain, "name": name, "counts": counts, **header})
    write_version(version.folder.parent, described, tables)


def _build(classes: int, seeds: Seeds, *, width: int) -> Any:
    import keras

    layers = keras.layers
    pictures = keras.Input((48, 48, 1))
    maps = layers.Rescaling(1 / 64, offset=-2.0)(pictures)
    initial = partial(keras.initializers.HeNormal, seed=seeds.take())
    maps = layers.Conv2D(width, 4, strides=4, activation="relu", kernel_initializer=initial())(maps)
    maps = layers.BatchNormalization(momentum=0.5)(maps)
    maps = layers.Dropout(0.1, seed=seeds.take())(layers.Flatten()(maps))
    logits = layers.Dense(classes, kernel_initializer=keras.initializers.GlorotUniform(seed=seeds.take()))(maps)
    return keras.Model(pictures, logits)


def _adam() -> Any:
    import keras

    return keras.optimizers.Adam(3e-3)


def tiny(**changes: Any) -> NetworkRecipe:
    """A network that trains in a moment."""
    given: dict[str, Any] = {
        "name": "tiny",
        "summary": "for tests",
        "build": partial(_build, width=4),
        "optimizer": _adam,
        "rate": lambda done: 3e-3 * (1 - done / 2),
        "epochs": 3,
        "batch": 16,
        "augmentation": Augmentation(mirror=True, shift_px=2),
    }
    return NetworkRecipe(**{**given, **changes})


def stopping_tiny(**changes: Any) -> NetworkRecipe:
    """The same with early stopping."""
    return tiny(**{"stopping": Stopping(patience=2), "epochs": 6, **changes})


def perfect_score(version: Version, **changes: Any) -> Score:
    """A score as `write_score` takes it, of a run that told one picture of each class; some of it as asked for."""
    header = version.header
    classes = list(header["classes"])
    sums = ("accuracy", "balanced_accuracy", "macro_precision", "macro_recall", "macro_f1")
    rows = [{"label": label, "support": 1, "precision": 1.0, "recall": 1.0, "f1": 1.0} for label in classes]
    gold = {
        "pictures": len(classes), **dict.fromkeys(sums, 1.0), "ece": 0.0, "classes": rows,
        "confusion": np.eye(len(classes), dtype=int).tolist(),
    }  # fmt: skip
    score = {
        "format": 1, "version": version.name, "version_digest": header["digest"], "line": header["line"],
        "gold": header["gold"]["digest"], "gold_labels_of": version.name, "recipe": "tiny", "recipe_digest": "",
        "protocol": "leak-free", "leaks": False, "seed": 0, "source": None, "epochs": 1, "classes": classes,
        "scored": {"gold": gold}, "seconds": 1.0, "pictures_per_s": 1.0, "environment": {"device": "none"},
        "fingerprint": "", "trained_on": 1,
    }  # fmt: skip
    return Score.from_json({**score, **changes})


def random_pictures(count: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(N, 48, 48) uint8 pictures with a bright bar whose place tells one of three labels, and (N,) labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=count)
    pictures = rng.integers(0, 120, (count, 48, 48), np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        picture[6 + 14 * label : 14 + 14 * label] += 100
    return pictures, labels
