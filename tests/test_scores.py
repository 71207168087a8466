"""A score as a value: what is read is what was written, and nothing of a later curate is lost."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from released import fer2013_workspace, freeze
from small_versions import perfect_score

from curate.manifest import Version
from curate.scores import Environment, Score, read_scores, write_score


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return freeze(fer2013_workspace(tmp_path_factory.mktemp("scores")))


def test_a_score_is_read_as_it_was_written_with_keys_of_a_later_curate(version: Version) -> None:
    plain = perfect_score(version).to_json()
    plain["scored"]["gold"]["brier"] = 0.25
    plain["environment"] |= {"backend": None, "driver": "570"}
    path = write_score(version.folder.parent, Score.from_json({**plain, "predictions": {"gold": "0"}, "carbon_g": 2}))
    (score,) = read_scores(version.folder.parent, version.name)
    assert score.to_json() == json.loads(path.read_text(encoding="utf-8"))
    assert (score.name, score.main_part, score.is_sealed) == ("tiny--leak-free--seed0", "gold", True)
    assert (score.more, score.scored["gold"].more) == ({"carbon_g": 2}, {"brier": 0.25})
    assert score.environment == Environment(device="none", backend=None, more={"driver": "570"})
    path.unlink()


def test_a_source_with_a_path_in_its_name_names_one_file(version: Version, tmp_path: Path) -> None:
    score = replace(perfect_score(version), source="../a b/ü")
    (tmp_path / version.name).mkdir()
    assert write_score(tmp_path, score).name == "tiny--leak-free--.._a_b_--seed0.json"


def test_optional_values_that_cannot_be_meant_are_kept_and_not_believed(version: Version) -> None:
    score = Score.from_json({**perfect_score(version).to_json(), "epochs": "many", "predictions": [1]})
    assert (score.epochs, score.predictions, score.more) == (None, None, {"epochs": "many", "predictions": [1]})
    environment = Environment.from_json({"device": "cpu", "cores": "two", "versions": {"numpy": 2}})
    assert environment == Environment(device="cpu", more={"cores": "two", "versions": {"numpy": 2}})
