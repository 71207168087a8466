"""hog-ridge: gradient features, kernel ridge regression on the labels, probabilities by a fitted temperature."""

import numpy as np

from curate.benchmark.recipe import Arrays, ClassicalRecipe
from curate.features import gradient_features, transform_features

__all__ = ["HOG_RIDGE"]

_LANDMARKS = 1_500
_GAMMA, _PENALTY = 1.0, 0.3
_TEMPERATURES = np.geomspace(0.05, 1.0, 25)
_FOLDS = 5
_CHUNK = 4_096


def _fit(pictures: np.ndarray, targets: np.ndarray, weights: np.ndarray, seed: int) -> Arrays:
    """Fit five times less a fifth, to find the temperature on rows left out, and once on all.

    Source: Nystroem approximation of the RBF kernel, Williams and Seeger 2001, Using the Nystroem method to speed up
    kernel machines.
    """
    rng = np.random.default_rng(seed)
    features = gradient_features(pictures)
    mean = features.mean(axis=0)
    scale = np.sqrt(max(float(np.square(features - mean).sum(axis=1).mean()), 1e-12))
    landmarks = features[rng.choice(len(features), min(_LANDMARKS, len(features)), replace=False)]
    wide = _both_ways(landmarks, mean, scale)
    kernel = _likeness((features - mean) / scale, wide)
    among = _likeness(wide[0], wide).astype(np.float64)
    fold = rng.integers(_FOLDS, size=len(pictures))
    sums = [_sums(kernel[fold == part], targets[fold == part], weights[fold == part]) for part in range(_FOLDS)]
    gram, moment = (np.sum([part[each] for part in sums], axis=0) for each in range(2))
    held_out = np.zeros_like(targets)
    for part in range(_FOLDS):
        held_out[fold == part] = kernel[fold == part] @ _solve(gram - sums[part][0], moment - sums[part][1], among)
    temperature = min(_TEMPERATURES, key=lambda each: _cross_entropy(held_out, targets, weights, float(each)))
    chosen = _solve(gram, moment, among) / np.float32(temperature)
    return {"mean": mean, "scale": np.array(scale), "landmarks": landmarks, "coefficients": chosen}


def _classify(learned: Arrays, pictures: np.ndarray) -> np.ndarray:
    mean, scale = learned["mean"], np.float64(learned["scale"])
    wide = _both_ways(learned["landmarks"], mean, scale)
    return _softmax(_likeness((gradient_features(pictures) - mean) / scale, wide) @ learned["coefficients"])


def _both_ways(landmarks: np.ndarray, mean: np.ndarray, scale: np.float64) -> list[np.ndarray]:
    """Scaled landmarks, as they are and mirrored."""
    return [(form - mean) / scale for form in (landmarks, transform_features(landmarks, "mirrored"))]


def _likeness(features: np.ndarray, landmarks: list[np.ndarray]) -> np.ndarray:
    """(N, M) float32 RBF kernel between rows and landmarks, mean of that with each form of the landmark."""
    kernel = np.empty((len(features), len(landmarks[0])), np.float32)
    for start in range(0, len(features), _CHUNK):
        rows = features[start : start + _CHUNK]
        parts = []
        for form in landmarks:
            squared = np.square(rows).sum(axis=1)[:, None] + np.square(form).sum(axis=1) - 2 * rows @ form.T
            parts.append(np.exp(-_GAMMA * np.maximum(squared, 0)))
        kernel[start : start + _CHUNK] = np.mean(parts, axis=0)
    return kernel


def _sums(kernel: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(M, M) weighted products of kernel rows and (M, K) products with the targets, less what a blind guess says."""
    weighted = kernel * weights[:, None]
    return weighted.T @ kernel, weighted.T @ (targets - 1 / targets.shape[1])


def _solve(gram: np.ndarray, moment: np.ndarray, among: np.ndarray) -> np.ndarray:
    """(M, K) float32 coefficients."""
    tiny = 1e-6 * len(among) * np.eye(len(among))
    return np.asarray(np.linalg.solve(gram + _PENALTY * among + tiny, moment), np.float32)


def _cross_entropy(scores: np.ndarray, targets: np.ndarray, weights: np.ndarray, temperature: float) -> float:
    chances = np.maximum(_softmax(scores / np.float32(temperature)), 1e-12)
    return float(-(weights * (targets * np.log(chances)).sum(axis=1)).sum())


def _softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


HOG_RIDGE = ClassicalRecipe(
    name="hog-ridge",
    summary="gradient features and kernel ridge regression; seconds, needs no Keras",
    fit=_fit,
    classify=_classify,
    quick="hog-ridge",
)
