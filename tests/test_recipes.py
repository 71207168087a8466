"""Recipes from files: what they may say, and how mistakes are told."""

import re
from pathlib import Path

import pytest

from curate.augment import read_recipe
from curate.derive import STEPS
from curate.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
FLIP = '[[steps]]\nkind = "flip"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recipe.toml"


def test_a_recipe_is_read_with_every_default_filled_in(path: Path) -> None:
    path.write_text('name = "vinod"\n[[steps]]\nkind = "rotate"\ndegrees = 10\n' + FLIP, encoding="utf-8")
    assert read_recipe(path) == {
        "name": "vinod",
        "transforms": ["identity", "vinod-1"],
        "seed": 0,
        "steps": [{"kind": "rotate", "degrees": 10.0, "p": 1.0}, {"kind": "flip", "p": 0.5}],
    }


def test_copies_seed_and_originals_are_the_users_choice(path: Path) -> None:
    path.write_text('name = "a"\ncopies = 3\nkeep_original = false\nseed = 5\n' + FLIP, encoding="utf-8")
    found = read_recipe(path)
    assert (found["transforms"], found["seed"]) == (["a-1", "a-2", "a-3"], 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "is not valid TOML"),
        (FLIP, "name = None; give a name"),
        ('name = "x4"\n' + FLIP, "name = 'x4'; give a name of up to 20 .* other than x4"),
        ('name = "../up"\n' + FLIP, "give a name"),
        ('name = "a"', r"write at least one step as \[\[steps\]\] with a kind: flip, rotate"),
        ('name = "a"\nsteps = 3', "write at least one step"),
        ('name = "a"\ncopies = 0\n' + FLIP, "copies = 0 must be a whole number from 1 to 100"),
        ('name = "a"\ncopies = true\n' + FLIP, "copies = True must be a whole number"),
        ('name = "a"\nseed = "x"\n' + FLIP, "seed = 'x' must be a whole number"),
        ('name = "a"\nkeep_original = 1\n' + FLIP, "keep_original = 1 must be true or false"),
        ('name = "a"\ncopy = 2\n' + FLIP, "unknown name `copy`; did you mean `copies`"),
        ('name = "a"\n[[steps]]\nkind = "rotat"', "step 1: no kind `rotat`; did you mean `rotate`"),
        ('name = "a"\n[[steps]]\nkind = ["flip"]', r"step 1: no kind `\['flip'\]`"),
        ('name = "a"\n' + FLIP + '[[steps]]\nkind = "rotate"', r"step 2 \(rotate\): degrees = None must be a number"),
        ('name = "a"\n[[steps]]\nkind = "rotate"\ndegrees = 200', "degrees = 200 must be a number in 0 to 180"),
        ('name = "a"\n[[steps]]\nkind = "rotate"\ndegrees = nan', "degrees = nan must be a number in 0 to 180"),
        ('name = "a"\n[[steps]]\nkind = "flip"\np = true', "p = True must be a number in 0 to 1"),
        ('name = "a"\n[[steps]]\nkind = "zoom"\nfactor = 2', r"factor = 2 must be \[low, high\], both in 0.1 to 10"),
        ('name = "a"\n[[steps]]\nkind = "zoom"\nfactor = [2, 1]', r"factor = \[2, 1\] must be \[low, high\]"),
        ('name = "a"\n[[steps]]\nkind = "zoom"\nfactor = [1, "b"]', r"factor = \[1, 'b'\] must be"),
        ('name = "a"\n[[steps]]\nkind = "flip"\ndegree = 2', r"step 1 \(flip\) has an unknown name `degree`"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_way_out(text: str, message: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        read_recipe(path)
    assert str(path) in str(caught.value)


def test_a_recipe_that_is_not_there_is_told_by_its_path(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the recipe .*recipe.toml cannot be read \(No such file or directory\)"):
        read_recipe(path)


def test_the_recipe_of_the_readme_is_real_and_every_step_is_documented(path: Path) -> None:
    readme = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(name = .*?)```", readme, flags=re.DOTALL)
    path.write_text(example.group(1) if example else "", encoding="utf-8")
    assert read_recipe(path)["name"] == "jitter"
    assert {kind for kind in STEPS if f"`{kind}`" in readme} == set(STEPS)
