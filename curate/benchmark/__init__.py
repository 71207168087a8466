"""Score versions: train one recipe on each, and say how certain the difference is.

recipe          what a recipe carries
recipe_digest   which recipe a score was made with
recipes         the recipes, one file per family
weights         weights that somebody else trained
experiment      what is trained on and what is scored
protocols       which rows that is
gold            the gold test with the newest labels of its line
warping         random geometry of training pictures
network         a network while it is trained
early_stopping  what a recipe concludes from how its training went
training        epoch by epoch, with state to go on from
metrics         what predictions are worth
figures         curves and confusion matrices
fitting         from rows to a classifier
fit_arrays      a recipe on plain arrays, to be passed on as a function
scoring         what it scores
score_check     whether stored scores are what their runs predicted
run             all of it, once per seed
intervals       means and differences, with their intervals
statistics      how two versions differ, and how certain that is
compare         two versions by their stored predictions
leaderboard     all scores
"""

from curate.benchmark.compare import Comparison, compare_versions
from curate.benchmark.fit_arrays import recipe_as_function
from curate.benchmark.leaderboard import LeaderboardRow, plot_leaderboard, rank_scores
from curate.benchmark.protocols import PROTOCOLS
from curate.benchmark.recipe import ClassicalRecipe, NetworkRecipe, Recipe
from curate.benchmark.recipes import RECIPES, find_recipe
from curate.benchmark.run import benchmark_version, load_model
from curate.benchmark.score_check import ScoreCheck, check_scores, damaged_scores

__all__ = [
    "PROTOCOLS",
    "RECIPES",
    "ClassicalRecipe",
    "Comparison",
    "LeaderboardRow",
    "NetworkRecipe",
    "Recipe",
    "ScoreCheck",
    "benchmark_version",
    "check_scores",
    "compare_versions",
    "damaged_scores",
    "find_recipe",
    "load_model",
    "plot_leaderboard",
    "rank_scores",
    "recipe_as_function",
]
