"""Pictures per second of `compact` as it is trained here, against a plain Keras loop over a folder of pictures.

    python benchmarks/train_speed.py WORKSPACE VERSION [--pictures 12800] [--rounds 3] [--cache]

The plain loop trains the same network with the same optimizer and batch: `image_dataset_from_directory`, Keras' layers
RandomFlip, RandomRotation, RandomZoom and RandomTranslation of the same ranges, `prefetch` and `model.fit`; with
`--cache` it keeps decoded pictures in memory, as a careful user would. The pictures of the version's train split are
written to class folders as PNG first. Both take turns in one process, after one unmeasured round each; wall time and
processor time are given.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from curate.benchmark.network import Network, TrainingSet
from curate.benchmark.recipe import NetworkRecipe, Seeds
from curate.benchmark.recipes import RECIPES
from curate.benchmark.warping import draw
from curate.images import encode_png
from curate.runs.keras_backend import find_device, load_keras, on_device
from curate.workspace import Workspace


def plain_loop(recipe: NetworkRecipe, folder: Path, classes: int, *, cache: bool) -> Callable[[], None]:
    """One epoch of what a Keras user would write."""
    keras = load_keras()
    layers, wanted = keras.layers, recipe.augmentation
    data = keras.utils.image_dataset_from_directory(
        str(folder), label_mode="categorical", color_mode="grayscale", image_size=(48, 48), batch_size=recipe.batch,
        seed=0, verbose=False,
    )  # fmt: skip
    turn, zoom, shift = wanted.rotation_deg / 360, wanted.log_zoom, wanted.shift_px / 48
    augment = [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(turn, fill_mode="nearest"),
        layers.RandomZoom(zoom, fill_mode="nearest"),
        layers.RandomTranslation(shift, shift, fill_mode="nearest"),
    ]
    model = keras.Sequential([keras.Input((48, 48, 1)), *augment, recipe.build(classes, Seeds(0))])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing)
    model.compile(optimizer=recipe.optimizer(), loss=loss, metrics=["accuracy"])
    batches = (data.cache() if cache else data).prefetch(4)
    return lambda: model.fit(batches, shuffle=False, verbose=0)


def own_loop(recipe: NetworkRecipe, pictures: np.ndarray, targets: np.ndarray) -> Callable[[], None]:
    """One epoch of this package's trainer."""
    keras = load_keras()
    network = Network(
        recipe, TrainingSet(pictures, targets, None), batch=recipe.batch, seed=0, device=find_device("cpu")
    )
    rng = np.random.default_rng(0)

    def epoch() -> None:
        draws = draw(recipe.augmentation, len(pictures), size_px=recipe.size_px, rng=rng)
        network.train_on(rng.permutation(len(pictures)), draws, keras.callbacks.Callback())

    return epoch


def write_folders(folder: Path, pictures: np.ndarray, labels: np.ndarray) -> None:
    """Class folders of PNGs."""
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        path = folder / str(label) / f"{number:06d}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encode_png(picture))


def main() -> None:
    """Print pictures per second, both ways, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("version")
    parser.add_argument("--pictures", type=int, default=12_800)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--recipe", default="compact")
    parser.add_argument("--cache", action="store_true")
    given = parser.parse_args()
    recipe = RECIPES[given.recipe]
    if not isinstance(recipe, NetworkRecipe):
        sys.exit(f"{given.recipe} is no network")
    pictures, labels = Workspace(given.workspace).version(given.version).pictures("train")
    chosen = np.random.default_rng(0).permutation(len(pictures))[: given.pictures]
    pictures, labels = pictures[chosen], labels[chosen]
    targets = np.eye(labels.max() + 1, dtype=np.float32)[labels]
    with tempfile.TemporaryDirectory() as place, on_device(find_device("cpu")):
        write_folders(Path(place), pictures, labels)
        loops = {
            "plain Keras": plain_loop(recipe, Path(place), targets.shape[1], cache=given.cache),
            "curate": own_loop(recipe, pictures, targets),
        }
        speeds: dict[str, list[tuple[float, float]]] = {name: [] for name in loops}
        for turn in range(given.rounds + 1):
            for name, epoch in loops.items():
                wall, spent = time.perf_counter(), time.process_time()
                epoch()
                wall, spent = time.perf_counter() - wall, time.process_time() - spent
                if turn:
                    speeds[name].append((len(pictures) / wall, len(pictures) / spent))
                    print(
                        f"{name:12} {len(pictures) / wall:8,.0f}/s {len(pictures) / spent:8,.0f} a core-second",
                        flush=True,
                    )
    medians = {name: np.median(seen, axis=0) for name, seen in speeds.items()}
    ratio = medians["curate"] / medians["plain Keras"]
    print(f"ratio of medians: {ratio[0]:.2f} by wall time, {ratio[1]:.2f} by processor time")


if __name__ == "__main__":
    main()
