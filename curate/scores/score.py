"""The score of one run, and the environment that it was made in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from curate.scores.measures import PARTS, Measures

__all__ = ["FORMAT", "Environment", "Score", "score_name"]

FORMAT = 1
"""Raised when an older curate could no longer read what is written."""

_PLAIN = re.compile(r"[^A-Za-z0-9.+_-]+")
_DECIDING = ("numpy",)
"""What computes where no backend of Keras does."""


def score_name(recipe: str, protocol: str, source: str | None, seed: int) -> str:
    """Name of a run's files: the same run replaces its own."""
    parts = [recipe, protocol, *([_PLAIN.sub("_", source)] if source else []), f"seed{seed}"]
    return "--".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a run was made with; empty = not known.

    Attributes:
        device: its kind, cpu or gpu.
        backend: of Keras; None = the recipe trains no network.
        precision: Keras dtype policy.
        cores: of the processor that could be used; 0 = not known.
        machine, system, python: processor, operating system, version of Python.
        versions: of all that computes, by package.
        more: what a later curate wrote.
    """

    device: str
    backend: str | None = ""
    precision: str = ""
    cores: int = 0
    machine: str = ""
    system: str = ""
    python: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Environment":
        """From the environment of a score without a fault; what else cannot be meant is only kept."""
        known = {name: data[name] for name, fits in _ENVIRONMENT.items() if name in data and fits(data[name])}
        more = {name: value for name, value in data.items() if name not in known}
        return cls(**known, more=more)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they were read."""
        plain = {name: getattr(self, name) for name in _ENVIRONMENT}
        return {**{name: value for name, value in plain.items() if value or value is None}, **self.more}

    @property
    def computes(self) -> str:
        """What may move a score by itself, in words: device, precision, and major and minor version of what computes.

        Scores of environments with the same words differ by what was trained; patch releases are taken for equal.
        """
        packages = (self.backend,) if self.backend else _DECIDING
        versions = [f"{name} {_minor(self.versions[name])}" for name in packages if name in self.versions]
        return ", ".join([self.device, *filter(None, [self.precision]), *(versions or filter(None, [self.backend]))])


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_ENVIRONMENT: Mapping[str, Callable[[Any], bool]] = {
    "device": _is_text,
    "backend": lambda value: value is None or _is_text(value),
    "precision": _is_text,
    "cores": lambda value: isinstance(value, int),
    "machine": _is_text,
    "system": _is_text,
    "python": _is_text,
    "versions": lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
}


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one run scores: one version, recipe, protocol, source and seed.

    Attributes:
        version, version_digest, line: that was scored.
        gold: digest of the gold test's membership.
        recipe: its name, with options.
        recipe_digest: of its settings and revision; up to release e983d59, of its settings and source file.
        recipe_revision: None = of an older release, which had none.
        protocol, leaks: and whether it lets copies of scored pictures into training.
        source: the one source that it is restricted to; None = all.
        seed: of the run.
        classes: names, in the order of labels.
        trained_on: rows.
        stopping_set: what the recipe chose by, in words.
        gold_labels_of: the version whose labels of the gold test were used.
        training_content: digest of what was trained on.
        fingerprint: what was trained on what; that of the run's folder.
        created: when, in ISO 8601.
        epochs, best_epoch: trained, and whose weights count; None or 0 = the recipe has none.
        seconds, cpu_seconds, pictures_per_s: of training.
        environment: that it was made in.
        scored: part -> measures.
        predictions: part -> digest of what was predicted; None = of an older release, which kept none.
        format: of the file.
        sha256: of the file's content; None = not written yet, or by an older release.
        more: what a later curate wrote.
    """

    format: int = FORMAT
    version: str
    version_digest: str
    line: str
    gold: str
    recipe: str
    recipe_digest: str
    recipe_revision: int | None = None
    protocol: str
    leaks: bool
    source: str | None
    seed: int
    classes: tuple[str, ...]
    trained_on: int
    stopping_set: str | None = None
    gold_labels_of: str
    training_content: str | None = None
    fingerprint: str
    created: str | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    seconds: float
    cpu_seconds: float | None = None
    pictures_per_s: float
    environment: Environment
    scored: Mapping[str, Measures]
    predictions: Mapping[str, str] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    sha256: str | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Score":
        """From a score without a fault, see `find_fault`; optional fields that cannot be meant are only kept."""
        known = {
            name: data[name] for name in _KNOWN if name in data and isinstance(data[name], _OPTIONAL.get(name, object))
        }
        more = {name: value for name, value in data.items() if name not in known}
        known["classes"] = tuple(data["classes"])
        known["environment"] = Environment.from_json(data["environment"])
        known["scored"] = {part: Measures.from_json(measures) for part, measures in data["scored"].items()}
        return cls(**known, more=more)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they are written; what is not known is left out."""
        plain = {name: getattr(self, name) for name in _KNOWN}
        plain = {name: value for name, value in plain.items() if value is not None or name not in _OPTIONAL}
        plain["classes"] = list(self.classes)
        plain["environment"] = self.environment.to_json()
        plain["scored"] = {part: measures.to_json() for part, measures in self.scored.items()}
        return {**plain, **self.more}

    @property
    def name(self) -> str:
        """Of the run's files."""
        return score_name(self.recipe, self.protocol, self.source, self.seed)

    @property
    def main_part(self) -> str:
        """The part that counts: the gold test, else test, else val."""
        return next(part for part in PARTS if part in self.scored)

    @property
    def is_sealed(self) -> bool:
        """Whether it carries digests of itself and of what was predicted; scores of older releases do not."""
        return self.sha256 is not None and self.predictions is not None

    def predictions_digest(self, part: str) -> str | None:
        """Of what was predicted of a part; None = an older release kept none."""
        return (self.predictions or {}).get(part)


_KNOWN = tuple(each.name for each in fields(Score) if each.name != "more")
_OPTIONAL: Mapping[str, Any] = {
    "recipe_revision": int, "stopping_set": str, "training_content": str, "created": str, "epochs": int,
    "best_epoch": int, "cpu_seconds": int | float, "predictions": dict, "sha256": str,
}  # fmt: skip
