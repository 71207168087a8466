"""The recipes, one file per family.

compact    a small network made for two processor cores
rice       the network of two published studies
hog_ridge  gradients and a kernel ridge, without Keras
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from curate.benchmark.recipe import NetworkRecipe, Recipe
from curate.benchmark.recipes.compact import COMPACT, COMPACT_QUICK
from curate.benchmark.recipes.hog_ridge import HOG_RIDGE
from curate.benchmark.recipes.rice import RICE_C
from curate.errors import UnknownRecipe
from curate.names import look_up

__all__ = ["OPTIONS", "RECIPES", "find_recipe"]

RECIPES: Mapping[str, Recipe] = {
    "rice-c": RICE_C,
    "compact": COMPACT,
    "compact-quick": COMPACT_QUICK,
    "hog-ridge": HOG_RIDGE,
}

OPTIONS: Mapping[str, Callable[[Recipe], Recipe]] = {
    "weights": lambda recipe: replace(recipe, imbalance="weights"),
    "balanced": lambda recipe: replace(recipe, imbalance="balanced"),
    "votes": lambda recipe: replace(recipe, soft_labels=True),
    "same-steps": lambda recipe: _with_same_steps(recipe),
}
"""What can be added to a name: `compact+weights` weighs rare classes, `compact+balanced` draws all classes equally
often, `compact+votes` trains on the distribution of votes where there are any, `compact+same-steps` trains on an
augmented version for as many steps as on its parent."""


def find_recipe(name: str, *, quick: bool = False) -> Recipe:
    """A recipe by name, with options appended by `+`.

    Args:
        name: such as `compact` or `compact+weights+votes`.
        quick: its quick form.

    Raises:
        UnknownRecipe: no such recipe or option, or it has no quick form.
    """
    plain, *options = name.split("+")
    recipe = look_up(plain, RECIPES, what="no recipe", error=UnknownRecipe)
    if quick:
        if recipe.quick is None:
            raise UnknownRecipe(f"{plain} has no quick form; leave out --quick, or choose compact")
        recipe = RECIPES[recipe.quick]
    for option in options:
        recipe = look_up(option, OPTIONS, what="no recipe option", error=UnknownRecipe)(recipe)
    return replace(recipe, name="+".join([recipe.name, *sorted(set(options))]))


def _with_same_steps(recipe: Recipe) -> Recipe:
    if not isinstance(recipe, NetworkRecipe):
        raise UnknownRecipe(f"{recipe.name} is fitted in one go, not in steps; leave out +same-steps")
    return replace(recipe, same_steps=True)
