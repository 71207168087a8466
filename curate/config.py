"""curate.toml: the user's side of a workspace. Read and checked here; edited without losing a comment."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit

from curate.emotions import BASIC_EMOTIONS, LABELS
from curate.errors import ConfigError
from curate.images import DEFAULT_MAX_MEGAPIXELS
from curate.names import check_known, nearest
from curate.sample import OFFICIAL_SPLITS, OUT
from curate.storage import replace_file

__all__ = [
    "CONFIG_NAME",
    "Config",
    "Policy",
    "SourceEntry",
    "UnknownSource",
    "put_source",
    "read_config",
    "remove_source",
    "unknown_sources",
    "write_new",
]

CONFIG_NAME = "curate.toml"
_IGNORED, _NOT_COMMITTED = ".gitignore", ".curate/\nout/\n*-report.html\n"
_INT64 = 2**63
"""TOML promises no larger whole numbers, and Python does not print those of more than 4,300 digits."""

_LONGEST = 80
"""Letters of a value that an error message shows."""

MAX_MEGAPIXELS_CEILING = 178.0
"""Pillow refuses larger pictures by itself (two times `Image.MAX_IMAGE_PIXELS`)."""

_TEMPLATE = f"""\
# A curate workspace. Paths are relative to this file. `[policy]`, `[labels]` and `[splits]` take effect at once.

seed = 0

[limits]
max_megapixels = {DEFAULT_MAX_MEGAPIXELS:g}  # larger pictures are reported and left out

[policy]
given = "unanimous"  # how given labels become one: "unanimous", "majority", or a list of sources, most trusted first
votes = "none"       # "majority" or "probability": annotators' votes overrule given labels
groups = "majority"  # labels of duplicates are resolved together; "none" = each picture for itself
panel = "newest"     # which panel of votes counts where there are several
classes = [{", ".join(f'"{label}"' for label in BASIC_EMOTIONS)}]

[labels]  # what a dataset's own label names mean, such as  "grin" = "happy";  for one source only: [labels.NAME]

[splits]  # what a source's split names mean, such as  [splits.fer2013]  PublicTest = "test"  PrivateTest = "out"
"""


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One `[[sources]]` of curate.toml; `path` and `labels` as written there."""

    name: str
    path: str
    format: str | None = None
    labels: str | None = None
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """How labels are resolved and which of them a version holds; see `labels.resolve_labels`.

    Attributes:
        given: `unanimous`, `majority`, or names of sources, most trusted first.
        votes: `none`, `majority` or `probability`.
        groups: `majority` = the labels of a duplicate group are resolved together; `none` = they are not.
        panel: the panel of votes that counts; `newest` = the last in alphabetical order on each occurrence.
        classes: labels that versions hold.
    """

    given: str | tuple[str, ...] = "unanimous"
    votes: str = "none"
    groups: str = "majority"
    panel: str = "newest"
    classes: tuple[str, ...] = BASIC_EMOTIONS


@dataclass(frozen=True, slots=True)
class Config:
    """All of curate.toml, with defaults filled in.

    Attributes:
        labels: label name as delivered -> canonical label, for all sources.
        source_labels: the same for one source, by its name; looked up first.
        splits: source name -> split name as delivered -> `train`, `val`, `test`, `none`, or `out` (in no version).
    """

    seed: int = 0
    max_megapixels: float = DEFAULT_MAX_MEGAPIXELS
    policy: Policy = field(default_factory=Policy)
    labels: Mapping[str, str] = field(default_factory=dict)
    source_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    splits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sources: tuple[SourceEntry, ...] = ()

    def label_map(self, source: str) -> dict[str, str]:
        """The user's label map as it applies to one source."""
        return {**self.labels, **self.source_labels.get(source, {})}


class UnknownSource(NamedTuple):
    """A name in curate.toml that no source has; `nearest` is the source that is spelt most like it."""

    where: str
    name: str
    nearest: str | None


def unknown_sources(config: Config) -> tuple[UnknownSource, ...]:
    """Settings that speak of a source that is not there, and so do nothing."""
    names = [entry.name for entry in config.sources]
    trusted = () if isinstance(config.policy.given, str) else config.policy.given
    meant = [
        *((f"[labels.{name}]", name) for name in config.source_labels),
        *((f"[splits.{name}]", name) for name in config.splits),
        *(("given in [policy]", name) for name in trusted),
    ]
    return tuple(UnknownSource(where, name, nearest(name, names)) for where, name in meant if name not in names)


def write_new(folder: Path) -> None:
    """Write the default curate.toml into `folder`, and a .gitignore if there is none: manifests are to be committed."""
    replace_file(folder / CONFIG_NAME, _TEMPLATE)
    if not (folder / _IGNORED).exists():
        replace_file(folder / _IGNORED, _NOT_COMMITTED)


def read_config(folder: Path) -> Config:
    """Read and check a workspace's curate.toml.

    Raises:
        ConfigError: not TOML, an unknown name, or a value that cannot be meant.
    """
    path = folder / CONFIG_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # besides TOML and UTF-8: whole numbers of thousands of digits
        raise ConfigError(f"{path} is not valid TOML: {_one_line(str(error))}; correct it there") from None
    except RecursionError:
        raise ConfigError(f"{path} nests lists or tables too deeply; write them flat") from None
    known = ("seed", "limits", "policy", "labels", "splits", "sources")
    _check_names(table, known, "curate.toml")
    labels = _table(table, "labels")
    return Config(
        seed=_seed(table.get("seed", 0)),
        max_megapixels=_max_megapixels(_table(table, "limits")),
        policy=_policy(_table(table, "policy")),
        labels=_checked_values({k: v for k, v in labels.items() if not isinstance(v, dict)}, LABELS, "[labels]"),
        source_labels={
            name: _checked_values(values, LABELS, f"[labels.{name}]")
            for name, values in labels.items()
            if isinstance(values, dict)
        },
        splits={
            name: _checked_values(
                _table(_table(table, "splits"), name), (*OFFICIAL_SPLITS, "none", OUT), f"[splits.{name}]"
            )
            for name in _table(table, "splits")
        },
        sources=_sources(table.get("sources", [])),
    )


def put_source(folder: Path, entry: SourceEntry) -> None:
    """Write a `[[sources]]` entry, in place of one of the same name; all else stays as the user wrote it."""
    document = tomlkit.parse((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    entries: Any = document.get("sources")
    if entries is None:
        entries = tomlkit.aot()
        document.append("sources", entries)
        entries = document["sources"]
    table = next((table for table in entries if table.get("name") == entry.name), None)
    if table is None:
        table = tomlkit.table()
        entries.append(table)
        table = entries[-1]
    for name, value in asdict(entry).items():
        if value is not None and table.get(name) != value:
            table[name] = value
    spaced = re.sub(r"(?<!\n)\n\[\[sources\]\]", "\n\n[[sources]]", tomlkit.dumps(document))
    replace_file(folder / CONFIG_NAME, spaced)


def remove_source(folder: Path, name: str) -> None:
    """Remove a `[[sources]]` entry; nothing happens when there is none of that name."""
    document = tomlkit.parse((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    entries: Any = document.get("sources", [])
    for index in range(len(entries) - 1, -1, -1):
        if entries[index].get("name") == name:
            del entries[index]
    if not entries:
        document.pop("sources", None)
    replace_file(folder / CONFIG_NAME, tomlkit.dumps(document))


def _check_names(table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for name in table:
        check_known(_one_line(name), known, what=f"{where} has an unknown name", error=ConfigError)


def _table(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = table.get(name, {})
    if not isinstance(value, dict):
        raise ConfigError(f"`{_one_line(name)}` in curate.toml must be a table, not {_shown(value)}")
    return value


def _checked_values(table: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> dict[str, str]:
    for name, value in table.items():
        if not isinstance(value, str) or value not in allowed:
            raise ConfigError(
                f'{_one_line(where)} "{_one_line(name)}" = {_shown(value)} in curate.toml: the value must be one of '
                f"{', '.join(allowed)}"
            )
    return dict(table)


def _seed(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -_INT64 <= value < _INT64:
        raise ConfigError(f"seed = {_shown(value)} in curate.toml must be a whole number of at most 18 digits")
    return value


def _max_megapixels(limits: Mapping[str, Any]) -> float:
    _check_names(limits, ("max_megapixels",), "[limits] in curate.toml")
    value = limits.get("max_megapixels", DEFAULT_MAX_MEGAPIXELS)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value <= MAX_MEGAPIXELS_CEILING:  # nan is in no range
        shown = _shown(value)
        raise ConfigError(f"max_megapixels = {shown} in curate.toml must lie in 0 to {MAX_MEGAPIXELS_CEILING:g}")
    return float(value)


def _policy(table: Mapping[str, Any]) -> Policy:
    _check_names(table, ("given", "votes", "groups", "panel", "classes"), "[policy] in curate.toml")
    given = table.get("given", "unanimous")
    if isinstance(given, list) and all(isinstance(name, str) for name in given):
        given = tuple(given)
    elif given not in ("unanimous", "majority"):
        allowed = '"unanimous", "majority" or a list of source names'
        raise ConfigError(f"[policy] given = {_shown(given)}: must be {allowed}")
    votes = table.get("votes", "none")
    if votes not in ("none", "majority", "probability"):
        raise ConfigError(f'[policy] votes = {_shown(votes)}: must be "none", "majority" or "probability"')
    groups = table.get("groups", "majority")
    if groups not in ("none", "majority"):
        raise ConfigError(f'[policy] groups = {_shown(groups)}: must be "none" or "majority"')
    classes = table.get("classes", list(BASIC_EMOTIONS))
    if not _are_some_of(LABELS, classes):
        raise ConfigError(f"[policy] classes = {_shown(classes)}: must list some of {', '.join(LABELS)}, each once")
    panel = _panel(table.get("panel", "newest"))
    return Policy(given=given, votes=votes, groups=groups, panel=panel, classes=tuple(classes))


def _panel(value: object) -> str:
    """The name of a panel of votes, which often is a year, written with or without quotes."""
    is_year = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10_000
    if is_year or (isinstance(value, str) and len(value) <= _LONGEST):
        return str(value)
    raise ConfigError(f'[policy] panel = {_shown(value)}: must name a panel of votes, such as "2016"')


def _sources(entries: object) -> tuple[SourceEntry, ...]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError("sources in curate.toml must be written as [[sources]] tables")
    result = []
    for entry in entries:
        _check_names(entry, tuple(SourceEntry.__dataclass_fields__), "[[sources]] in curate.toml")
        if not all(isinstance(value, str) for value in entry.values()) or not {"name", "path"} <= set(entry):
            raise ConfigError("each [[sources]] in curate.toml needs a name and a path, and all its values in quotes")
        result.append(SourceEntry(**entry))
    names = [entry.name for entry in result]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two [[sources]] in curate.toml are named `{_one_line(name)}`; rename one")
    return tuple(result)


def _are_some_of(labels: tuple[str, ...], value: object) -> bool:
    """Whether it is a list of labels without repetition."""
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        return False
    return len(set(value)) == len(value) and set(value) <= set(labels)


def _shown(value: object) -> str:
    """A value for an error message: one line that is not too long."""
    try:
        return _one_line(repr(value))
    except (ValueError, RecursionError):  # a whole number of thousands of digits, or lists within lists
        return "a value that is too large to show"


def _one_line(text: str) -> str:
    """Text that somebody wrote, for an error message."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 3]}..."
