"""Weights that somebody else trained: the file that a user brings, checked before anything is trained."""

import hashlib
import os
from pathlib import Path

from curate.benchmark.recipe import Recipe, Weights
from curate.errors import TrainingUnavailable

__all__ = ["describe_weights", "find_weights", "weights_of"]


def weights_of(recipe: Recipe) -> Weights | None:
    """What a recipe begins with; None = random weights, or nothing that has any."""
    return getattr(recipe, "weights", None)


def find_weights(weights: Weights, folder: Path | None = None) -> Path:
    """The file of pretrained weights, as its author published it. Nothing is downloaded: licences are the user's.

    Args:
        weights: which.
        folder: where files of weights are; None = `CURATE_WEIGHTS`, or `~/.cache/curate/weights`.

    Raises:
        TrainingUnavailable: it is not there, or is another file; the message says where from and under which licence.
    """
    default = Path.home() / ".cache" / "curate" / "weights"
    path = (folder or Path(os.environ.get("CURATE_WEIGHTS") or default)) / weights.name
    if not path.is_file():
        raise TrainingUnavailable(
            f"this recipe begins with the weights {weights.name} (licence: {weights.licence}), which are not here; "
            f"download them from {weights.url} to {path}"
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != weights.sha256:
        raise TrainingUnavailable(
            f"{path} is another file than the recipe's weights (sha256 {digest[:12]}, not {weights.sha256[:12]}); "
            f"download them from {weights.url} again"
        )
    return path


def describe_weights(weights: Weights | None) -> dict[str, dict[str, str]]:
    """What a score says of them; nothing without weights."""
    if weights is None:
        return {}
    return {
        "weights": {
            "name": weights.name, "url": weights.url, "sha256": weights.sha256, "licence": weights.licence,
        }
    }  # fmt: skip
