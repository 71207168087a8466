"""How a training went, epoch by epoch, and what its recipe concludes from that: pure, so that it can go on any time."""

from collections.abc import Sequence
from dataclasses import dataclass

from curate.benchmark.recipe import NetworkRecipe
from curate.runs.history import Epoch

__all__ = ["StoppingState", "apply_stopping_rules"]


@dataclass(frozen=True, slots=True)
class StoppingState:
    """What a history means.

    Attributes:
        best_epoch: whose weights count: that of the lowest loss on the stopping set, else the last; 0 = none yet.
        rate_factor: of the plateaus so far.
        finished: nothing more to train.
    """

    best_epoch: int
    rate_factor: float
    finished: bool


def apply_stopping_rules(recipe: NetworkRecipe, history: Sequence[Epoch]) -> StoppingState:
    """Apply the recipe's stopping and plateau rules to a history.

    Source: the behaviour of `EarlyStopping(restore_best_weights=True)` and `ReduceLROnPlateau` in Keras 3, which wait
    for a loss below the best, and for one below the best by more than `min_delta`.
    """
    losses = [epoch.val_loss for epoch in history if epoch.val_loss is not None]
    best_epoch = len(history)
    stopped = False
    if recipe.stopping is not None and losses:
        best_epoch = 1 + min(range(len(losses)), key=losses.__getitem__)
        stopped = len(losses) - best_epoch >= recipe.stopping.patience
    return StoppingState(best_epoch, _rate_factor(recipe, losses), stopped or len(history) >= recipe.epochs)


def _rate_factor(recipe: NetworkRecipe, losses: Sequence[float]) -> float:
    factor, best, waited = 1.0, float("inf"), 0
    if recipe.plateau is None:
        return factor
    for loss in losses:
        waited += 1
        if loss < best - recipe.plateau.min_delta:
            best, waited = loss, 0
        elif waited >= recipe.plateau.patience:
            factor, waited = factor * recipe.plateau.factor, 0
    return factor
