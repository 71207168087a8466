"""An ingest that is killed, by a real SIGKILL at any moment, and run again leaves what an undisturbed one leaves."""

import sys
from pathlib import Path

import pytest
from layouts import VOTE_HEADER, face, pixel_text, table_text, votes_for

from curate.demo import Planted
from curate.emotions import BASIC_EMOTIONS
from curate.workspace import Workspace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from catalog_content import catalog_content, catalog_faults
from kill_ingest import Kill, Undisturbed, ingest_undisturbed, kill_ingest, plan_kills, run_to_end

BATCH_PICTURES = 32
KILLS = 12


def write_fer2013(folder: Path, rows: int) -> str:
    """A table like fer2013.csv and its votes, as `PATH::LABELS`."""
    fer2013 = [[number % 7, pixel_text(face(number, BASIC_EMOTIONS[number % 7])), "Training"] for number in range(rows)]
    order = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    votes = [["Training", f"fer{number:07d}.png", *votes_for(order[number % 7])] for number in range(rows)]
    (folder / "fer2013.csv").write_bytes(table_text(["emotion", "pixels", "Usage"], fer2013))
    (folder / "fer2013new.csv").write_bytes(table_text(VOTE_HEADER, votes))
    return f"{folder / 'fer2013.csv'}::{folder / 'fer2013new.csv'}"


@pytest.fixture(scope="module")
def sources(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    table = write_fer2013(tmp_path_factory.mktemp("table"), rows=150)
    return [str(planted.faces), str(planted.sequences), table]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspaces")


@pytest.fixture(scope="module")
def undisturbed(folder: Path, sources: list[str]) -> Undisturbed:
    return ingest_undisturbed(folder, sources, batch_pictures=BATCH_PICTURES)


def test_the_undisturbed_ingest_has_something_of_everything(undisturbed: Undisturbed) -> None:
    assert [name for name, rows in undisturbed.content.items() if not rows] == []


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_ingest_that_is_run_again_equals_an_undisturbed_one(
    number: int, folder: Path, sources: list[str], undisturbed: Undisturbed
) -> None:
    kill = plan_kills(KILLS, undisturbed, seed=11)[number]
    workspace = Workspace.create(folder / f"killed-{number}").folder
    alive = kill_ingest(workspace, sources, kill, batch_pictures=BATCH_PICTURES)
    run_to_end(workspace, sources, batch_pictures=BATCH_PICTURES)
    assert alive or kill.at_statement is None  # by the clock, a kill may come too late
    assert catalog_faults(workspace) == []
    assert catalog_content(workspace) == undisturbed.content


def test_a_workspace_killed_again_and_again_ends_like_an_undisturbed_one(
    folder: Path, sources: list[str], undisturbed: Undisturbed
) -> None:
    workspace = Workspace.create(folder / "killed-again-and-again").folder
    for kill in plan_kills(8, undisturbed, seed=12):
        kill_ingest(workspace, sources, kill, batch_pictures=BATCH_PICTURES)
    run_to_end(workspace, sources, batch_pictures=BATCH_PICTURES)
    assert catalog_faults(workspace) == []
    assert catalog_content(workspace) == undisturbed.content


def test_what_a_killed_ingest_left_can_be_read_and_says_that_it_is_incomplete(
    folder: Path, sources: list[str], undisturbed: Undisturbed
) -> None:
    workspace = Workspace.create(folder / "killed-and-left")
    kill = Kill(at_statement=undisturbed.statements // 4)
    assert kill_ingest(workspace.folder, sources, kill, batch_pictures=BATCH_PICTURES)
    (source,) = workspace.sources().to_dict("records")
    assert source["state"] == "incomplete"
    assert 0 < source["occurrences"] < len(undisturbed.content["occurrences"])
    assert len(workspace.samples()) == source["samples"]
