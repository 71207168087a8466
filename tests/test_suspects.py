"""Finding suspects in workspaces of generated faces."""

import json
import re
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from layouts import write_tree
from test_cli import run
from threadpoolctl import threadpool_limits

from curate.catalog import suspects as stored
from curate.catalog.duplicates import Grouped, Pair, covered_digest, replace_duplicates
from curate.cli.reviewing import Rank, one_of_each_photograph
from curate.emotions import BASIC_EMOTIONS
from curate.errors import ConfigError, NothingToScore
from curate.executors import local_threads
from curate.faces import draw_face, make_face
from curate.images import encode_png
from curate.ingest import ingest_source
from curate.progress import silent
from curate.suspects import RANKS, find_suspects, score_dataset
from curate.suspects.dataset import LabelDataset, load_dataset
from curate.suspects.model import OutOfFold, describe_pictures, divide, predict_labels
from curate.suspects.out_of_fold import Learner, read_squares_for
from curate.version import freeze_version
from curate.workspace import Workspace

EMOTIONS = ("happy", "sad", "surprise")
WRONG_EVERY = 12


def picture(person: int, emotion: str) -> bytes:
    return encode_png(draw_face(make_face(5, person), emotion, seed=person))


def shown_and_given(people: int) -> list[tuple[int, str, str]]:
    """Person, emotion shown, label given: every twelfth label is wrong."""
    pairs = [(person, emotion) for person in range(people) for emotion in EMOTIONS]
    return [
        (person, shown, EMOTIONS[(EMOTIONS.index(shown) + 1) % 3] if number % WRONG_EVERY == 5 else shown)
        for number, (person, shown) in enumerate(pairs)
    ]


def write_faces(folder: Path, people: int, *, backwards: bool = False) -> Path:
    faces = shown_and_given(people)
    faces = faces[::-1] if backwards else faces
    return write_tree(
        folder, {f"{given}/{person}-{shown}.png": picture(person, shown) for person, shown, given in faces}
    )


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """240 faces, 20 of them with a wrong label, judged; read only."""
    folder = tmp_path_factory.mktemp("judged")
    workspace = Workspace.create(folder / "workspace")
    ingest_source(workspace, write_faces(folder / "faces", 80))
    find_suspects(workspace)
    return workspace


def shown_by(workspace: Workspace) -> pd.Series:
    """sample_id -> emotion that was drawn."""
    rows = workspace.occurrences()
    return pd.Series(rows["key"].str.extract(r"-(\w+)\.png")[0].to_numpy(), rows["sample_id"])


class TestFound:
    def test_planted_wrong_labels_come_first(self, judged: Workspace) -> None:
        table = judged.suspects()
        wrong = shown_by(judged)[table["sample_id"]].to_numpy() != table["given_label"].to_numpy()
        assert wrong.sum() == 20
        assert wrong[:40].sum() >= 18

    def test_the_true_label_is_suggested(self, judged: Workspace) -> None:
        table = judged.suspects()
        shown = shown_by(judged)[table["sample_id"]].to_numpy()
        wrong = shown != table["given_label"].to_numpy()
        assert (table["suggested_label"].to_numpy() == shown)[wrong].mean() > 0.8
        assert set(table.loc[wrong, "second_suggestion"]) <= set(EMOTIONS)

    def test_every_label_has_a_quality_between_0_and_1_and_the_worst_come_first(self, judged: Workspace) -> None:
        table = judged.suspects()
        assert len(table) == 240
        assert table["quality"].between(0, 1).all()
        assert table["quality"].is_monotonic_increasing
        assert sorted(table["fold"].unique()) == [0, 1, 2, 3, 4]

    def test_columns_are_as_documented(self, judged: Workspace) -> None:
        fixed = ["sample_id", "given_label", "suggested_label", "second_suggestion", "quality", "reason", "fold"]
        probs = [f"prob_{name}" for name in (*BASIC_EMOTIONS, "contempt", "unknown", "not_a_face")]
        table = judged.suspects()
        assert list(table.columns) == fixed + probs
        np.testing.assert_allclose(table[probs].sum(axis=1), 1, atol=1e-3)
        assert (table["prob_contempt"] == 0).all()

    def test_the_reason_is_a_sentence(self, judged: Workspace) -> None:
        worst = judged.suspects().iloc[0]
        start = f"looks like {worst['suggested_label']} ({worst[f'prob_{worst.suggested_label}']:.2f}), labelled "
        assert str(worst["reason"]).startswith(start + str(worst["given_label"]))


LARGE = Learner("large", lambda *_, **__: len, size_px=64, mode="RGB")


class TestRepeatable:
    def test_neither_order_nor_workers_matter(self, judged: Workspace, tmp_path: Path) -> None:
        other = Workspace.create(tmp_path / "workspace")
        ingest_source(other, write_faces(tmp_path / "faces", 80, backwards=True))
        with local_threads(1) as executor:
            find_suspects(other, executor=executor)
        pd.testing.assert_frame_equal(other.suspects(), judged.suspects())

    def test_processes_compute_the_same_bits_as_threads(self, judged: Workspace) -> None:
        arrays = []
        with (
            threadpool_limits(1, user_api="blas"),
            local_threads(2) as threads,
            ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes,
        ):
            for executor in (threads, processes):
                dataset = load_dataset(judged, executor=executor, progress=silent)
                described = describe_pictures(dataset, seed=3, executor=executor)
                predicted = predict_labels(dataset, described, seed=3, executor=executor)
                wide = read_squares_for(LARGE, judged, dataset, executor=executor)
                arrays.append([dataset.pictures, *described, predicted.probs, wide])
        for one, other in zip(*arrays, strict=True):
            assert np.array_equal(one, other)

    def test_a_run_in_processes_stores_the_same(self, workspace: Workspace, tmp_path: Path) -> None:
        ingest_source(workspace, write_faces(tmp_path / "faces", 20))
        find_suspects(workspace)
        before = workspace.suspects()
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
            find_suspects(workspace, executor=processes)
        pd.testing.assert_frame_equal(workspace.suspects(), before)

    def test_a_run_replaces_the_last_one(self, workspace: Workspace, tmp_path: Path) -> None:
        ingest_source(workspace, write_faces(tmp_path / "faces", 20))
        find_suspects(workspace)
        first = workspace.suspects()
        find_suspects(workspace, rank="yield")
        assert set(workspace.suspects()["sample_id"]) == set(first["sample_id"])
        with workspace.catalog() as catalog:
            report = stored.last_suspect_run(catalog)
        assert report is not None
        assert (report["rank"], report["samples"]) == ("yield", len(first))

    def test_an_interrupted_run_leaves_the_last_one_as_it_was(self, workspace: Workspace, tmp_path: Path) -> None:
        ingest_source(workspace, write_faces(tmp_path / "faces", 20))
        find_suspects(workspace)
        first = workspace.suspects()
        with workspace.catalog() as catalog, catalog.transaction() as connection:
            connection.execute(
                "INSERT INTO suspects SELECT run + 1, sample, given, suggested, second, 0, reason, fold, probs"
                " FROM suspects LIMIT 7"
            )
        pd.testing.assert_frame_equal(workspace.suspects(), first)
        find_suspects(workspace)
        pd.testing.assert_frame_equal(workspace.suspects(), first)


def declare_copies(workspace: Workspace, groups: list[list[str]]) -> None:
    """Store a search that found these groups of keys to be copies."""
    rows = workspace.occurrences()
    ids = dict(zip(rows["key"], rows["sample_id"], strict=True))
    members = [sorted(ids[key] for key in group) for group in groups]
    pairs = [Pair(a, b, "copy", "declared", 0, 1.0, "duplicate") for first in members for a, b in pairwise(first)]
    grouped = [Grouped(group[0], each, each == group[0], 1) for group in members for each in group]
    known = workspace.samples()["sample_id"].tolist()
    report = {"samples": len(known), "thorough": False, "covered": covered_digest(known)}
    with workspace.catalog() as catalog:
        replace_duplicates(catalog, pairs, grouped, thorough=False, report=report)


class TestCopies:
    @pytest.fixture
    def copied(self, workspace: Workspace, tmp_path: Path) -> Workspace:
        """Sixty faces; three sad ones of person 0 to 2 are called copies, and one of them is labelled happy."""
        ingest_source(workspace, write_faces(tmp_path / "faces", 20))
        extra = {
            "happy/c-sad.png": picture(90, "sad"),
            "sad/a-sad.png": picture(91, "sad"),
            "sad/b-sad.png": picture(92, "sad"),
        }
        ingest_source(workspace, write_tree(tmp_path / "more", extra))
        declare_copies(workspace, [list(extra)])
        return workspace

    def test_copies_are_judged_by_one_model_that_saw_none_of_them(self, copied: Workspace) -> None:
        find_suspects(copied)
        table = copied.suspects().merge(copied.samples()[["sample_id", "lineage_id"]])
        assert (table.groupby("lineage_id")["fold"].nunique() == 1).all()
        assert table.groupby("lineage_id").size().max() == 3

    def test_what_most_copies_say_is_a_reason(self, copied: Workspace) -> None:
        find_suspects(copied)
        rows = copied.occurrences()
        outvoted = rows.loc[rows["key"] == "happy/c-sad.png", "sample_id"].item()
        found = copied.suspects().set_index("sample_id").loc[outvoted]
        assert (found["given_label"], found["suggested_label"]) == ("happy", "sad")
        assert found["reason"].endswith("; 2 of 3 labels of it and its copies say sad")

    def test_the_label_as_given_is_judged_although_copies_overrule_it(self, copied: Workspace) -> None:
        find_suspects(copied)
        labels = copied.samples().set_index("sample_id")["label"]
        table = copied.suspects().set_index("sample_id")
        assert (labels[table.index] != table["given_label"]).sum() == 1


def test_nothing_is_fitted_on_the_gold_test_of_any_line(workspace: Workspace, tmp_path: Path) -> None:
    ingest_source(workspace, write_faces(tmp_path / "faces", 40))
    gold = set()
    for seed, name in enumerate(("v1", "w1")):
        path = workspace.folder / "curate.toml"
        path.write_text(re.sub(r"seed = \d+", f"seed = {seed}", path.read_text("utf-8")), "utf-8")
        rows = freeze_version(
            workspace, name, created=datetime(2026, 1, 1, tzinfo=UTC), parent=None, ratios=(50, 0, 50)
        ).rows()
        gold |= set(rows["sample_id"][rows["gold"]])
    with local_threads() as executor:
        both = load_dataset(workspace, executor=executor, progress=silent)
        one = load_dataset(workspace, lines={"w1"}, executor=executor, progress=silent)
    assert {name for name, held in zip(both.sample_ids, both.gold, strict=True) if held} == gold
    assert one.gold.sum() == workspace.version("w1").header["gold"]["rows"] < both.gold.sum()


def numbers(label: np.ndarray, *, votes: np.ndarray | None = None) -> LabelDataset:
    """A dataset of unrelated samples without pictures."""
    count = len(label)
    nothing = np.zeros((count, 2), np.int64)
    return LabelDataset(
        classes=("happy", "sad"),
        left_out={},
        sample_ids=[f"{number:064x}" for number in range(count)],
        pictures=np.zeros((count, 1, 1), np.uint8),
        label=label,
        lineage=np.arange(count),
        group=np.arange(count),
        copies=np.ones(count, np.int64),
        ballots=nothing,
        votes=nothing if votes is None else votes,
        gold=np.zeros(count, bool),
    )


def test_lineage_groups_are_dealt_out_evenly_class_by_class() -> None:
    label = np.arange(70) % 2
    fold, half = divide(numbers(label), seed=0)
    assert np.bincount(fold * 2 + label).tolist() == [7] * 10
    assert half.sum() == 35


class TestSmall:
    def test_few_pictures_are_judged_with_a_warning(self, workspace: Workspace, tmp_path: Path) -> None:
        ingest_source(workspace, write_faces(tmp_path / "faces", 10))
        report = find_suspects(workspace)
        assert report.samples == 30
        assert report.remarks[0].startswith("only 30 pictures have labels")
        assert np.isfinite(workspace.suspects()["quality"]).all()

    def test_a_rare_class_is_left_out_and_said_so(self, workspace: Workspace, tmp_path: Path) -> None:
        ingest_source(workspace, write_faces(tmp_path / "faces", 10))
        rare = {f"fear/{number}.png": picture(50 + number, "fear") for number in range(4)}
        ingest_source(workspace, write_tree(tmp_path / "rare", rare))
        report = find_suspects(workspace)
        assert report.left_out == {"fear": 4}
        assert "fear: 4 pictures were not judged, because they show fewer than five unrelated faces" in report.remarks
        table = workspace.suspects()
        assert "fear" not in {*table["given_label"], *table["suggested_label"]}

    @pytest.mark.parametrize("emotions", [[], ["happy"], ["happy", "sad"]])
    def test_nothing_to_judge_is_an_error_with_a_way_out(
        self, workspace: Workspace, tmp_path: Path, emotions: list[str]
    ) -> None:
        files = {f"{emotion}/{number}.png": picture(number, emotion) for emotion in emotions for number in range(4)}
        if files:
            ingest_source(workspace, write_tree(tmp_path / "faces", files))
        with pytest.raises(NothingToScore, match=rf"{4 * len(emotions)} labelled pictures, but .* ingest more"):
            find_suspects(workspace)

    def test_five_pictures_each_of_two_classes_are_enough(self, workspace: Workspace, tmp_path: Path) -> None:
        files = {f"{name}/{number}.png": picture(number, name) for name in ("happy", "sad") for number in range(5)}
        ingest_source(workspace, write_tree(tmp_path / "faces", files))
        find_suspects(workspace)
        table = workspace.suspects()
        assert (len(table), table["second_suggestion"].isna().all()) == (10, True)

    def test_blank_pictures_do_no_harm(self, workspace: Workspace, tmp_path: Path) -> None:
        files = {
            f"{name}/{level}.png": encode_png(np.full((48, 48), level + shift, np.uint8))
            for shift, name in enumerate(("happy", "sad"))
            for level in range(0, 60, 10)
        }
        ingest_source(workspace, write_tree(tmp_path / "faces", files))
        find_suspects(workspace)
        assert workspace.suspects()["quality"].between(0, 1).all()


class TestGold:
    def test_nothing_is_fitted_on_the_gold_test(self, workspace: Workspace, tmp_path: Path) -> None:
        ingest_source(workspace, write_faces(tmp_path / "faces", 20))
        version = freeze_version(workspace, "v1", created=datetime(2026, 1, 1, tzinfo=UTC))
        rows = version.rows()
        gold = set(rows.loc[rows["gold"], "sample_id"])
        assert len(gold) == 6
        assert find_suspects(workspace).gold == 6
        before = workspace.suspects().set_index("sample_id")
        relabel_all(workspace, gold)
        find_suspects(workspace)
        after = workspace.suspects().set_index("sample_id")
        others = [sample_id for sample_id in before.index if sample_id not in gold]
        assert set(after.index) == set(before.index)
        probs = [f"prob_{name}" for name in EMOTIONS]
        pd.testing.assert_frame_equal(before.loc[others, probs], after.loc[others, probs])

    def test_a_class_that_the_gold_test_holds_alone_is_left_out(self, workspace: Workspace, tmp_path: Path) -> None:
        files = {f"test/fear/{number}.png": picture(50 + number, "fear") for number in range(8)}
        files |= {f"train/{name}/{number}.png": picture(number, name) for name in EMOTIONS for number in range(8)}
        ingest_source(workspace, write_tree(tmp_path / "faces", files))
        freeze_version(workspace, "v1", created=datetime(2026, 1, 1, tzinfo=UTC), keep_official_splits=True)
        assert find_suspects(workspace).left_out == {"fear": 8}


def relabel_all(workspace: Workspace, sample_ids: set[str]) -> None:
    """Deliver the source again, with some faces under another label, without moving any fold."""
    rows = workspace.occurrences()
    folder = workspace.folder.parent / "faces"
    for key in rows.loc[rows["sample_id"].isin(sample_ids), "key"]:
        given, name = str(key).split("/")
        other = EMOTIONS[(EMOTIONS.index(given) + 1) % 3]
        (folder / given / name).rename(folder / other / name)
    ingest_source(workspace, folder)


class TestSources:
    def test_sources_that_disagree_are_a_reason(self, workspace: Workspace, tmp_path: Path) -> None:
        for number in range(3):
            ingest_source(workspace, write_faces(tmp_path / f"faces{number}", 10))
        moved = write_tree(tmp_path / "doubt", {"happy/0-sad.png": picture(0, "sad")})
        ingest_source(workspace, moved)
        config = (workspace.folder / "curate.toml").read_text(encoding="utf-8")
        config = config.replace('given = "unanimous"', 'given = ["doubt", "faces0"]')
        (workspace.folder / "curate.toml").write_text(config, encoding="utf-8")
        find_suspects(workspace)
        rows = workspace.occurrences()
        doubted = rows.loc[rows["source"] == "doubt", "sample_id"].item()
        found = workspace.suspects().set_index("sample_id").loc[doubted]
        assert (found["given_label"], found["suggested_label"]) == ("happy", "sad")
        assert found["reason"].endswith("; 3 of 4 sources say sad")


class TestVotes:
    def judge(self, *, use_votes: bool) -> np.ndarray:
        """Quality of four labels of which the model says the same; the first is outvoted, the second confirmed."""
        dataset = numbers(np.array([0, 0, 0, 1]), votes=np.array([[1, 9], [10, 0], [0, 0], [0, 0]]))
        half = np.arange(4) % 2 == 0
        predicted = OutOfFold(np.array([[0.6, 0.4]] * 3 + [[0.4, 0.6]]), np.arange(4), half)
        return score_dataset(dataset, predicted, rank="balanced", use_votes=use_votes)[1].quality

    def test_votes_are_no_evidence_unless_asked_for(self) -> None:
        assert len(set(self.judge(use_votes=False)[:3])) == 1

    def test_votes_lower_and_raise_the_quality_when_asked_for(self) -> None:
        outvoted, confirmed, unknown, _ = self.judge(use_votes=True)
        assert outvoted < unknown < confirmed


def test_an_unknown_rank_names_the_known_ones(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="unknown rank `best`; known: balanced, yield"):
        find_suspects(workspace, rank="best")


class TestCommand:
    def test_it_prints_the_worst_and_writes_all(self, workspace: Workspace, tmp_path: Path) -> None:
        ingest_source(workspace, write_faces(tmp_path / "faces", 20))
        result = run("suspects", "--rank", "yield", "--csv", tmp_path / "all.csv", "--workspace", workspace.folder)
        assert result.exit_code == 0
        assert "The 20 most suspect labels" in result.stdout
        assert "60 labels judged (yield)" in result.stdout
        written = pd.read_csv(tmp_path / "all.csv")
        assert written["sample_id"].tolist() == workspace.suspects()["sample_id"].tolist()

    def test_a_photograph_with_copies_is_printed_once(self, workspace: Workspace, tmp_path: Path) -> None:
        ingest_source(workspace, write_faces(tmp_path / "faces", 20))
        ids = workspace.samples()["sample_id"]
        pairs = pd.DataFrame({"group_id": ids[::2].repeat(2).to_numpy(), "sample_id": ids.to_numpy()})
        table = pd.DataFrame(
            {"sample_id": ids, "given_label": "happy", "quality": 0.5, "reason": "looks sad", "suggested_label": "sad"}
        )
        first = one_of_each_photograph(table, pairs)
        assert first["sample_id"].tolist() == ids[::2].tolist()

    def test_json_is_one_object(self, workspace: Workspace, tmp_path: Path) -> None:
        ingest_source(workspace, write_faces(tmp_path / "faces", 20))
        found = json.loads(run("suspects", "--json", "--workspace", workspace.folder).stdout)
        assert (found["report"]["rank"], found["report"]["samples"], len(found["first"])) == ("balanced", 60, 20)

    def test_it_offers_every_rank(self) -> None:
        assert {each.value for each in Rank} == set(RANKS)

    def test_an_unknown_rank_is_wrong_usage(self, workspace: Workspace) -> None:
        assert run("suspects", "--rank", "best", "--workspace", workspace.folder).exit_code == 2
