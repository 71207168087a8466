"""Augmentation recipes from TOML files, such as this one; what steps there are stands in `curate.derive.steps`.

```toml
name = "jitter"        # the derived version is called VERSION-jitter
copies = 2             # pictures made of each; default 1
keep_original = true   # also the picture as it is; default true
seed = 0               # default 0

[[steps]]
kind = "rotate"
degrees = 10
p = 0.5
```
"""

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from curate.derive import ORIGINAL, STEPS, X4, Option
from curate.errors import ConfigError
from curate.names import check_known, look_up

__all__ = ["read_recipe"]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
_MOST_COPIES = 100
_DEFAULTS: Mapping[str, Any] = {"copies": 1, "keep_original": True, "seed": 0}


def read_recipe(path: Path) -> dict[str, Any]:
    """Read and check a recipe.

    Returns:
        What a derived version's header holds: name, transforms (`identity`, then NAME-1, NAME-2 ...), seed, and steps
        with every option filled in.

    Raises:
        ConfigError: the file cannot be read, or says something that cannot be meant.
    """
    table = _read(path)
    _check_names(table, ("name", "steps", *_DEFAULTS), str(path))
    name = _name(table.get("name"), path)
    copies, kept, seed = ({**_DEFAULTS, **table}[each] for each in _DEFAULTS)
    if type(copies) is not int or not 1 <= copies <= _MOST_COPIES:
        raise ConfigError(f"{path}: copies = {copies!r} must be a whole number from 1 to {_MOST_COPIES}")
    if type(kept) is not bool:
        raise ConfigError(f"{path}: keep_original = {kept!r} must be true or false")
    if type(seed) is not int:
        raise ConfigError(f"{path}: seed = {seed!r} must be a whole number")
    made = [f"{name}-{number}" for number in range(1, copies + 1)]
    transforms = [ORIGINAL, *made] if kept else made
    return {"name": name, "transforms": transforms, "seed": seed, "steps": _steps(table.get("steps"), path)}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"the recipe {path} cannot be read ({error.strerror}); check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None


def _name(value: object, path: Path) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or value == X4["name"]:
        raise ConfigError(
            f"{path}: name = {value!r}; give a name of up to 20 letters a-z, digits and hyphens, other than "
            f"{X4['name']}"
        )
    return value


def _steps(entries: object, path: Path) -> list[dict[str, Any]]:
    if not isinstance(entries, list) or not entries or not all(isinstance(each, dict) for each in entries):
        raise ConfigError(f"{path}: write at least one step as [[steps]] with a kind: {', '.join(STEPS)}")
    return [_step(each, f"{path}, step {number}") for number, each in enumerate(entries, start=1)]


def _step(entry: Mapping[str, Any], where: str) -> dict[str, Any]:
    kind = str(entry.get("kind"))
    options = look_up(kind, STEPS, what=f"{where}: no kind", error=ConfigError).options
    _check_names(entry, ("kind", *options), f"{where} ({kind})")
    return {"kind": kind, **{name: _value(entry, name, option, where) for name, option in options.items()}}


def _value(entry: Mapping[str, Any], name: str, option: Option, where: str) -> float | list[float]:
    value = entry.get(name, option.default)
    numbers = value if option.pair else [value]
    if (
        not isinstance(numbers, list)
        or len(numbers) != 1 + option.pair
        or not all(_is_number(each) and option.low <= each <= option.high for each in numbers)
        or numbers != sorted(numbers)
    ):
        raise ConfigError(f"{where} ({entry['kind']}): {name} = {value!r} must be {_wanted(option)}")
    return [float(each) for each in numbers] if option.pair else float(numbers[0])


def _wanted(option: Option) -> str:
    limits = f"{option.low:g} to {option.high:g}"
    return f"[low, high], both in {limits}" if option.pair else f"a number in {limits}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_names(table: Mapping[str, object], known: Iterable[str], where: str) -> None:
    names = tuple(known)
    for name in table:
        check_known(name, names, what=f"{where} has an unknown name", error=ConfigError)
