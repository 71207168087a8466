"""Values that nobody can mean, in every setting of curate.toml."""

from pathlib import Path

import pytest
from test_config import config_of

from curate.errors import ConfigError

VALUES = [
    "0", "-1", "1e308", "nan", "inf", "true", "1979-05-27T07:32:00Z", "07:32:00", '""', '"x"', '"happy"', "[]", "[[]]",
    '"a\\nb"', "{}", "{a = {b = {c = 1}}}", '["happy", "happy"]', "[1, [2, [3]]]", "9" * 4_400, "0x" + "f" * 6_000,
    "-9223372036854775809", "[" * 900 + "]" * 900, "[" * 9_000 + "]" * 9_000, '"' + "x" * 9_000 + '"', '"\\u202e"',
    '"\\u001b[2J"', "'''a\nb'''",
]  # fmt: skip
NAMES = [
    "seed", "limits", "limits.max_megapixels", "policy", "policy.given", "policy.votes", "policy.groups",
    "policy.panel", "policy.classes", "labels", "labels.grin", "labels.a.grin", "splits", "splits.a",
    "splits.a.b", "sources",
    '"\\u001b[2J"', '"a\\nb"', 'labels."a\\nb"', 'splits."a\\nb"."c\\nd"', "x" * 5_000,
]  # fmt: skip
SHAPES = ("{}", "[{}]", "{{name = {}, path = 'x'}}", "[{{name = {}, path = 'x'}}]", "[{{path = {}}}]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"seed = {'9' * 5_000}", "not valid TOML"),
        (f"seed = 0x{'f' * 5_000}", "whole number of at most 18 digits"),
        (f"seed = {2**63}", "whole number of at most 18 digits"),
        (f"seed = {'[' * 5_000}{']' * 5_000}", "too deeply"),
        (f"limits = {{max_megapixels = 0x{'f' * 5_000}}}", "must lie in"),
        ("policy = {classes = [['happy']]}", "each once"),
        ("policy = {votes = [[]]}", "probability"),
        ("policy = {panel = [2016]}", "must name a panel"),
        ("labels = {grin = [['happy']]}", "must be one of angry"),
        ("labels = {a = {grin = {b = 1}}}", "must be one of angry"),
        ('"a\\nb" = 1', "unknown name `a b`"),
        ('splits = {"a\\nb" = 3}', "must be a table"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_short_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        config_of(tmp_path, text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_value_of_any_setting_ends_otherwise_than_in_a_config_or_one_line(tmp_path: Path, name: str) -> None:
    for value in (shape.format(value) for value in VALUES for shape in SHAPES):
        said = outcome(tmp_path, f"{name} = {value}")
        assert said.isprintable()
        assert len(said) < 20_000


def outcome(folder: Path, text: str) -> str:
    """What is read, or the one line that says what is wrong."""
    try:
        return repr(config_of(folder, text))
    except ConfigError as error:
        return str(error) if len(str(error)) < 600 else "\n"  # too long for a line
