"""Which recipe a score was made with: a digest of its settings and revision, and the digests of older releases."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache, partial
from itertools import product
from typing import Any, get_args

from curate.benchmark.recipe import ClassicalRecipe, Imbalance, Recipe, TrainingStage, Weights
from curate.benchmark.recipes.compact import COMPACT, COMPACT_QUICK
from curate.benchmark.recipes.hog_ridge import HOG_RIDGE
from curate.benchmark.recipes.rice import RICE_C
from curate.scores import Score

__all__ = ["current_digest", "recipe_digest", "revision_of", "same_recipe"]

_NAMES = ("name", "summary", "quick", "revision")
_OLD_CHARACTERS = 16
_OLD = {
    "rice-c": (
        "5164a306f4ea99b3 499b011136359b6f b70e1d2356c33a06 18e1dd83988b5fde dbd61a96e5b0e048 d6d10596c92ed19c "
        "05df022fe77f5b98 17de8d76de362c6e c48d2566260044f3 eb0ca911fa7b7322 b3d1251090fbeeff a2372eab166c5793"
    ),
    "compact": (
        "8302145622494e70 84d352a67086335c 38949e76a2d30e5d fc0c8e9bddce6732 cba5db48c64c2a47 0ab662708e65bdec "
        "132d85a5be257a95 46be51d74facf6ac 255b18d19a6d079f 15309a3de03a64c3 682aaa6409a5d33b 4a27e6dc3dbb6fd9"
    ),
    "compact-quick": (
        "f7fe3daa58a30857 6e79938d9ec52065 2d9ec918a870d6c7 dc88da2bb8c3847f 71d2889ce40a9983 90a2c4d1c6ff5884 "
        "c60c42fbc8be5470 efa847509b3233b5 058c6717b3dfab61 5287c09500a274fd db6ee99215b5dc47 8e599386222245a6"
    ),
    "hog-ridge": (
        "8f605751a79b0c6b 064f9e36928974e5 a20553d6422ba56b 8779dcee67d9c32d 824e8581f25fea9a 831c43b1c97a6562"
    ),
}
"""Starts of the digests that releases up to e983d59 made of a recipe's settings and the source of its file, by recipe,
in the order of `_with_options`. All of them are what revision 1 is, so that nobody has to train again."""


def recipe_digest(recipe: Recipe) -> str:
    """64 hex that change with the revision of a recipe and with every setting that is not as by default.

    Names do not count, nor does code: whoever changes what is built or fitted raises the revision.
    """
    settings = {}
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        if field.name not in _NAMES and value != field.default and (not callable(value) or isinstance(value, partial)):
            settings[field.name] = _plain(value)
    text = json.dumps([type(recipe).__name__, recipe.revision, settings], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def current_digest(digest: str) -> str:
    """What `recipe_digest` says today of the recipe of a stored digest; itself, if that is not known."""
    return _renewed().get(digest[:_OLD_CHARACTERS], digest)


def same_recipe(score: Score) -> tuple[str, str]:
    """Equal for scores that were made with the same recipe, settings and revision."""
    return score.recipe, current_digest(score.recipe_digest)


def revision_of(score: Score) -> int | None:
    """The recipe's revision; None = of an older release, and another state of the recipe than any revision."""
    if score.recipe_revision is None and score.recipe_digest[:_OLD_CHARACTERS] in _renewed():
        return 1
    return score.recipe_revision


def _plain(value: Any) -> Any:
    """What a setting says, without addresses of functions."""
    if isinstance(value, partial):
        return [repr(value.args), sorted((name, repr(given)) for name, given in value.keywords.items())]
    if isinstance(value, Weights):
        return value.sha256
    if isinstance(value, tuple) and value and isinstance(value[0], TrainingStage):
        return [[stage.epochs, *stage.frozen] for stage in value]
    return repr(value)


@cache
def _renewed() -> dict[str, str]:
    """Start of an old digest -> digest of today."""
    return {
        old: recipe_digest(replace(recipe, revision=1))
        for plain in (RICE_C, COMPACT, COMPACT_QUICK, HOG_RIDGE)
        for old, recipe in zip(_OLD[plain.name].split(), _with_options(plain), strict=True)
    }


def _with_options(plain: Recipe) -> Iterator[Recipe]:
    """A recipe with every choice of options that there was."""
    for imbalance, soft_labels, same_steps in product(get_args(Imbalance), (False, True), (False, True)):
        recipe = replace(plain, imbalance=imbalance, soft_labels=soft_labels)
        if not isinstance(recipe, ClassicalRecipe):
            yield replace(recipe, same_steps=same_steps)
        elif not same_steps:
            yield recipe
