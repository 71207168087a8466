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
        stage: of the next epoch, from 1; the last one when all is trained.
        rate_factor: of the plateaus of that stage so far.
        finished: nothing more to train.
    """

    best_epoch: int
    stage: int
    rate_factor: float
    finished: bool


def apply_stopping_rules(recipe: NetworkRecipe, history: Sequence[Epoch]) -> StoppingState:
    """Apply the recipe's stages, stopping and plateau rules to a history; each stage is judged by its own epochs.

    Source: the behaviour of `EarlyStopping(restore_best_weights=True)` and `ReduceLROnPlateau` in Keras 3, which wait
    for a loss below the best, and for one below the best by more than `min_delta`.
    """
    stage = history[-1].stage if history else 1
    losses = [epoch.val_loss for epoch in history if epoch.val_loss is not None]
    current = [epoch for epoch in history if epoch.stage == stage]
    current_losses = [epoch.val_loss for epoch in current if epoch.val_loss is not None]
    best_epoch, over = len(history), len(current) >= recipe.plan[stage - 1].epochs
    if recipe.stopping is not None and losses:
        best_epoch = 1 + losses.index(min(losses))
        waited = len(current_losses) - 1 - current_losses.index(min(current_losses)) if current_losses else 0
        over = over or waited >= recipe.stopping.patience
    if over and stage < len(recipe.plan):
        return StoppingState(best_epoch, stage + 1, 1.0, finished=False)
    return StoppingState(best_epoch, stage, _rate_factor(recipe, current_losses), finished=over)


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
