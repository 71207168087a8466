from dataclasses import replace

import numpy as np
import pytest
from small_versions import random_pictures, tiny

from curate.benchmark import RECIPES, ClassicalRecipe, NetworkRecipe, find_recipe
from curate.benchmark.early_stopping import apply_stopping_rules
from curate.benchmark.recipe import Plateau, Seeds, Stopping
from curate.errors import UnknownRecipe
from curate.runs.history import Epoch
from curate.runs.keras_backend import find_device, on_device

NETWORKS = [recipe for recipe in RECIPES.values() if isinstance(recipe, NetworkRecipe)]


def parameters(name: str) -> tuple[int, int]:
    recipe = RECIPES[name]
    assert isinstance(recipe, NetworkRecipe)
    with on_device(find_device("cpu")):
        network = recipe.build(7, Seeds(0))
    return tuple(
        sum(int(np.prod(each.shape)) for each in weights)
        for weights in (network.trainable_weights, network.non_trainable_weights)
    )  # type: ignore[return-value]


def test_rice_c_has_the_published_parameters() -> None:
    assert parameters("rice-c") == (4_474_759, 3_968)


def test_the_compact_networks_are_small() -> None:
    assert parameters("compact") == (656_311, 1_392)
    assert parameters("compact-quick") == (294_839, 944)


def test_rice_c_is_trained_as_published() -> None:
    recipe = RECIPES["rice-c"]
    assert isinstance(recipe, NetworkRecipe)
    assert (recipe.epochs, recipe.batch, recipe.rate(0.0), recipe.rate(0.9)) == (48, 128, 1e-3, 1e-3)
    assert (recipe.stopping, recipe.plateau) == (Stopping(3), Plateau(0.2, 3, 1e-4))
    optimizer = recipe.optimizer()
    assert (type(optimizer).__name__, float(optimizer.learning_rate)) == ("Adam", pytest.approx(1e-3))


def test_every_recipe_stands_under_its_own_name_and_has_a_quick_form_that_exists() -> None:
    assert {name: recipe.name for name, recipe in RECIPES.items()} == {name: name for name in RECIPES}
    assert {recipe.quick for recipe in RECIPES.values()} - {None} <= set(RECIPES)


def test_options_are_appended_to_a_name() -> None:
    found = find_recipe("compact+votes+weights", quick=True)
    assert found == replace(
        RECIPES["compact-quick"], name="compact-quick+votes+weights", soft_labels=True, imbalance="weights"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("compct", "no recipe `compct`; did you mean `compact`? known: rice-c, compact, compact-quick, hog-ridge"),
        (
            "compact+weight",
            "no recipe option `weight`; did you mean `weights`? known: weights, balanced, votes, same-steps",
        ),
    ],
)
def test_an_unknown_name_lists_the_known_ones(name: str, message: str) -> None:
    with pytest.raises(UnknownRecipe) as caught:
        find_recipe(name)
    assert str(caught.value) == message


def test_only_what_has_steps_can_have_the_same_steps() -> None:
    assert find_recipe("compact+same-steps") == replace(RECIPES["compact"], name="compact+same-steps", same_steps=True)
    with pytest.raises(UnknownRecipe, match="hog-ridge is fitted in one go, not in steps"):
        find_recipe("hog-ridge+same-steps")


def test_a_recipe_without_a_quick_form_says_so() -> None:
    with pytest.raises(UnknownRecipe, match="rice-c has no quick form"):
        find_recipe("rice-c", quick=True)


@pytest.mark.parametrize("recipe", NETWORKS, ids=lambda recipe: recipe.name)
def test_the_same_seeds_build_the_same_weights(recipe: NetworkRecipe) -> None:
    with on_device(find_device("cpu")):
        one, again, other = (recipe.build(7, Seeds(seed)) for seed in (1, 1, 2))
    kernels = [
        [weight.numpy() for weight in network.weights if weight.name == "kernel"] for network in (one, again, other)
    ]
    assert all(np.array_equal(a, b) for a, b in zip(kernels[0], kernels[1], strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(kernels[0], kernels[2], strict=True))


def test_hog_ridge_learns_and_is_the_same_every_time() -> None:
    recipe = RECIPES["hog-ridge"]
    assert isinstance(recipe, ClassicalRecipe)
    (pictures, labels), (others, truth) = random_pictures(120, seed=1), random_pictures(60, seed=2)
    targets, weights = np.eye(3, dtype=np.float32)[labels], np.ones(120, np.float32)
    said = [recipe.classify(recipe.fit(pictures, targets, weights, 5), others) for _ in range(2)]
    assert np.array_equal(said[0], said[1])
    assert np.allclose(said[0].sum(axis=1), 1, atol=1e-5)
    assert (said[0].argmax(axis=1) == truth).mean() > 0.9


def history(*losses: float) -> list[Epoch]:
    return [Epoch(number, 1.0, 0.5, loss, 0.5, 1e-3, 1.0) for number, loss in enumerate(losses, 1)]


def test_training_stops_when_patience_is_over_and_the_best_epoch_counts() -> None:
    recipe = tiny(stopping=Stopping(2), epochs=9)
    seen = [apply_stopping_rules(recipe, history(*losses)) for losses in ((3,), (3, 2, 2), (3, 2, 2, 2.5))]
    assert [(each.best_epoch, each.finished) for each in seen] == [(1, False), (2, False), (2, True)]


def test_a_plateau_lowers_the_rate_and_waits_again() -> None:
    recipe = tiny(plateau=Plateau(0.2, 2, 0.1), epochs=9)
    losses = (3.0, 2.0, 1.95, 1.95, 1.95, 1.95, 1.0)
    factors = [apply_stopping_rules(recipe, history(*losses[:count])).rate_factor for count in range(1, 8)]
    assert factors == [1, 1, 1, 0.2, 0.2, pytest.approx(0.04), pytest.approx(0.04)]


def test_without_a_stopping_set_the_last_epoch_counts() -> None:
    last = [Epoch(number, 1.0, 0.5, None, None, 1e-3, 1.0) for number in range(1, 4)]
    assert (apply_stopping_rules(tiny(), last).best_epoch, apply_stopping_rules(tiny(), last).finished) == (3, True)
