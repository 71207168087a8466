"""Suspects by a model that is passed in, such as a recipe of the benchmark."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from layouts import write_tree
from small_versions import random_pictures, stopping_tiny, tiny
from test_cli import run
from test_suspects import numbers, write_faces

from curate.benchmark import find_recipe, recipe_as_function
from curate.benchmark.recipe import ClassicalRecipe, Classifier
from curate.errors import ConfigError, UnknownRecipe
from curate.executors import local_threads
from curate.images import encode_png
from curate.ingest import ingest_source
from curate.manifest.pictures import centred_square
from curate.progress import Progress, silent
from curate.suspects import Learner, find_suspects
from curate.suspects.dataset import LabelDataset, load_dataset
from curate.suspects.model import divide
from curate.suspects.out_of_fold import learn_out_of_fold, read_squares_for
from curate.workspace import Workspace


class Recorder:
    """A model that notes the corners of the pictures that it was fitted on, and of those that it classified."""

    def __init__(self) -> None:
        self.fitted: list[np.ndarray] = []
        self.asked: list[list[np.ndarray]] = []

    def __call__(
        self, pictures: np.ndarray, targets: np.ndarray, lineage: np.ndarray, *, seed: int, progress: Progress
    ) -> Callable[[np.ndarray], np.ndarray]:
        del lineage, seed, progress
        self.fitted.append(pictures[:, 0, 0])
        asked: list[np.ndarray] = []
        self.asked.append(asked)

        def classify(shown: np.ndarray) -> np.ndarray:
            asked.append(shown[:, 0, 0])
            return np.full((len(shown), targets.shape[1]), 1 / targets.shape[1])

        return classify


def numbered(count: int) -> LabelDataset:
    """Samples whose pictures hold their row; each three neighbours are one lineage group, every seventh one is gold."""
    plain = numbers(np.arange(count) // 3 % 2)
    pictures = np.arange(count, dtype=np.uint8)[:, None, None].repeat(2, axis=1).repeat(2, axis=2)
    lineage = np.arange(count) // 3
    return LabelDataset(
        **{name: getattr(plain, name) for name in ("classes", "left_out", "sample_ids", "label", "group", "copies")},
        pictures=pictures,
        lineage=lineage,
        ballots=plain.ballots,
        votes=plain.votes,
        gold=lineage % 7 == 0,
    )


def noting(steps: list) -> Progress:
    """A progress that notes tasks and steps."""

    @contextmanager
    def open_task(task: str, total: int | None, *, unit: str) -> Iterator[Callable[[int], None]]:
        steps.append((task, total, unit))
        yield steps.append

    return open_task


class TestFolds:
    @pytest.fixture
    def asked(self) -> tuple[LabelDataset, Recorder]:
        dataset, recorder = numbered(90), Recorder()
        fold, _ = divide(dataset, seed=0)
        learn_out_of_fold(
            dataset, Learner("recorder", recorder), fold, pictures=dataset.pictures, seed=0, progress=silent
        )
        return dataset, recorder

    def test_every_sample_is_asked_about_once_with_its_mirror_image(self, asked: tuple[LabelDataset, Recorder]) -> None:
        dataset, recorder = asked
        straight, mirrored = (np.sort(np.concatenate(each)) for each in zip(*recorder.asked, strict=True))
        assert straight.tolist() == mirrored.tolist() == list(range(len(dataset)))

    def test_no_model_saw_anything_of_a_sample_s_lineage_group(self, asked: tuple[LabelDataset, Recorder]) -> None:
        dataset, recorder = asked
        for fitted, (shown, _) in zip(recorder.fitted, recorder.asked, strict=True):
            assert not np.isin(dataset.lineage[shown], dataset.lineage[fitted]).any()

    def test_nothing_is_fitted_on_the_gold_test(self, asked: tuple[LabelDataset, Recorder]) -> None:
        dataset, recorder = asked
        assert len(recorder.fitted) == 5
        assert not dataset.gold[np.concatenate(recorder.fitted)].any()
        assert dataset.gold[np.concatenate([shown for shown, _ in recorder.asked])].sum() == dataset.gold.sum()

    def test_progress_counts_all_fits_together(self) -> None:
        dataset, steps = numbered(90), []
        fold, _ = divide(dataset, seed=0)
        learner = Learner("recorder", Recorder())
        learn_out_of_fold(dataset, learner, fold, pictures=dataset.pictures, seed=0, progress=noting(steps))
        total = sum(4 * (~dataset.gold[fold == index]).sum() for index in range(5))
        assert steps[0] == ("learning labels by recorder", total, "pictures")
        assert sum(steps[1:]) == total


def fit_brightness(
    pictures: np.ndarray, targets: np.ndarray, lineage: np.ndarray, *, seed: int, progress: Progress
) -> Callable[[np.ndarray], np.ndarray]:
    """A poor model, which looks at the mean brightness alone."""
    del lineage, seed, progress
    centres = [pictures[targets[:, number] == 1].mean() for number in range(targets.shape[1])]

    def classify(shown: np.ndarray) -> np.ndarray:
        near = np.exp(-np.abs(shown.mean(axis=(1, 2))[:, None] - centres) / 30)
        return near / near.sum(axis=1, keepdims=True)

    return classify


BRIGHTNESS = Learner("brightness", fit_brightness)


@pytest.fixture
def faces(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Sixty faces."""
    ingest_source(workspace, write_faces(tmp_path / "faces", 20))
    return workspace


class TestPictures:
    def test_a_recipe_gets_pictures_of_its_own_size_and_mode(self, workspace: Workspace, tmp_path: Path) -> None:
        shown = {label: colourful(seed) for seed, label in enumerate(("happy", "sad"))}
        files = {
            f"{label}/{n}.png": encode_png(picture) for label, many in shown.items() for n, picture in enumerate(many)
        }
        ingest_source(workspace, write_tree(tmp_path / "colour", files))
        expected = {
            centred_square(picture, size_px=64, mode="RGB").tobytes() for many in shown.values() for picture in many
        }
        given: list[np.ndarray] = []

        def fit(pictures: np.ndarray, targets: np.ndarray, weights: np.ndarray, seed: int) -> Classifier:
            del weights, seed
            given.append(pictures)
            return {"classes": np.array(targets.shape[1])}

        def classify(learned: dict[str, np.ndarray], others: np.ndarray) -> np.ndarray:
            given.append(others[:, :, ::-1] if len(given) % 3 == 2 else others)
            classes = int(learned["classes"])
            return np.full((len(others), classes), 1 / classes, np.float32)

        recipe = ClassicalRecipe(
            name="wide", summary="for tests", fit=fit, classify=classify, size_px=64, mode="RGB", quick="wide"
        )
        with recipe_as_function(recipe, folder=tmp_path / "runs") as learn:
            find_suspects(workspace, learner=Learner("wide", learn, size_px=64, mode="RGB"), alone=True)
        assert {pictures.shape[1:] for pictures in given} == {(64, 64, 3)}
        assert {picture.tobytes() for pictures in given for picture in pictures} == expected

    def test_gray_ones_of_48_pixels_are_those_of_the_dataset(self, faces: Workspace) -> None:
        with local_threads() as executor:
            dataset = load_dataset(faces, executor=executor, progress=silent)
            assert read_squares_for(BRIGHTNESS, faces, dataset, executor=executor) is dataset.pictures


def colourful(seed: int) -> list[np.ndarray]:
    """Ten pictures of 80 x 96 pixels, in colour."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (80, 96, 3), np.uint8) for _ in range(10)]


class TestFound:
    def test_a_model_is_multiplied_in_or_judges_alone(self, faces: Workspace) -> None:
        tables = {}
        for name, how in {
            "classical": {},
            "classical x brightness": {"learner": BRIGHTNESS},
            "brightness": {"learner": BRIGHTNESS, "alone": True},
        }.items():
            assert find_suspects(faces, **how).model == name
            tables[name] = faces.suspects().set_index("sample_id").sort_index()
        certainty = {name: table.filter(like="prob_").max(axis=1).mean() for name, table in tables.items()}
        assert certainty["brightness"] < certainty["classical"]
        assert not tables["classical"].equals(tables["classical x brightness"])
        assert (tables["classical"]["fold"] == tables["brightness"]["fold"]).all()

    def test_alone_without_a_model_is_refused(self, faces: Workspace) -> None:
        with pytest.raises(ConfigError, match="name the recipe"):
            find_suspects(faces, alone=True)

    def test_a_run_that_is_cut_off_leaves_the_last_one_as_it_was(self, faces: Workspace) -> None:
        find_suspects(faces)
        before = faces.suspects()
        fits = iter(range(3))

        def stop_in_the_third(*data: np.ndarray, seed: int, progress: Progress) -> Callable[[np.ndarray], np.ndarray]:
            if next(fits) == 2:
                raise KeyboardInterrupt
            return fit_brightness(*data, seed=seed, progress=progress)

        with pytest.raises(KeyboardInterrupt):
            find_suspects(faces, learner=Learner("stopped", stop_in_the_third))
        pd.testing.assert_frame_equal(faces.suspects(), before)


class TestRecipeAsFunction:
    def test_a_training_that_was_cut_off_goes_on(self, tmp_path: Path) -> None:
        pictures, labels = random_pictures(70, seed=0)
        data = pictures, np.eye(3, dtype=np.float32)[labels], np.arange(70)
        trained, probs = [], []

        def train() -> None:
            with recipe_as_function(tiny(epochs=3), folder=tmp_path / "runs", device="cpu") as fit:
                probs.append(fit(*data, seed=1, progress=noting(trained))(pictures))
                if len(probs) == 1:
                    raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train()
        assert any((tmp_path / "runs").iterdir())
        first = [each for each in trained if isinstance(each, int)]
        trained.clear()
        train()
        np.testing.assert_allclose(*probs, atol=1e-5)
        assert trained[1:] == [sum(first)]  # nothing was left to do
        assert not (tmp_path / "runs").exists()

    def test_whole_lineage_groups_are_held_out_to_stop_early(self, tmp_path: Path) -> None:
        pictures, labels = random_pictures(70, seed=0)
        with recipe_as_function(stopping_tiny(), folder=tmp_path / "runs", device="cpu") as fit:
            classify = fit(pictures, np.eye(3, dtype=np.float32)[labels], np.arange(70) // 2, seed=1)
        assert classify(pictures).shape == (70, 3)

    def test_a_recipe_that_trains_on_votes_is_refused(self, tmp_path: Path) -> None:
        with (
            pytest.raises(UnknownRecipe, match=r"leave out `\+votes`"),
            recipe_as_function(find_recipe("hog-ridge+votes"), folder=tmp_path),
        ):
            pass


class TestCommand:
    def test_a_recipe_judges(self, faces: Workspace) -> None:
        result = run("suspects", "--recipe", "hog-ridge", "--workspace", faces.folder)
        assert result.exit_code == 0
        assert "the model (classical x hog-ridge), which had seen none of them" in " ".join(result.stdout.split())
        assert not (faces.state / "runs" / "suspects").exists()
        assert (
            "(hog-ridge)"
            in run("suspects", "--recipe", "hog-ridge", "--recipe-alone", "--workspace", faces.folder).stdout
        )

    def test_alone_without_a_recipe_is_wrong_usage(self, faces: Workspace) -> None:
        assert run("suspects", "--recipe-alone", "--workspace", faces.folder).exit_code == 2

    def test_an_unknown_recipe_names_the_known_ones(self, faces: Workspace) -> None:
        result = run("suspects", "--recipe", "compct", "--workspace", faces.folder)
        assert "did you mean `compact`?" in str(result.exception)
