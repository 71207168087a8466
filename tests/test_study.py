"""The study of FER-2013, in small: generated faces in the published layouts, from raw files to a page."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from layouts import VOTE_HEADER, face, pixel_text, png, table_text, votes_for, write_zip

from curate.emotions import BASIC_EMOTIONS
from curate.workspace import Workspace

STUDY = Path(__file__).parents[1] / "benchmarks" / "fer2013_study.py"
PICTURES = 240
USAGES = ["Training"] * 180 + ["PublicTest"] * 30 + ["PrivateTest"] * 30
FER_ORDER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


COPIES = 16
"""Test pictures that show what a training picture shows, pixel by pixel."""


def shown(number: int) -> int:
    """Which face a row shows."""
    return number - 182 if number >= 190 and number % 3 == 0 else number


@pytest.fixture
def sources(tmp_path: Path) -> list[str]:
    """fer2013.csv, its votes, and CK+48; one label in ten is wrong, and test pictures have copies in Training."""
    table, votes = [], []
    for number in range(PICTURES):
        usage, drawn = USAGES[number], BASIC_EMOTIONS[shown(number) % 7]
        given = BASIC_EMOTIONS[(shown(number) + 3) % 7] if number % 10 == 2 else drawn
        table.append([FER_ORDER.index(given), pixel_text(face(shown(number), drawn)), usage])
        if usage != "PrivateTest":
            votes.append([usage, f"fer{number:07d}.png", *votes_for(drawn)])
    (tmp_path / "fer2013.csv").write_bytes(table_text(["emotion", "pixels", "Usage"], table))
    (tmp_path / "fer2013new.csv").write_bytes(table_text(VOTE_HEADER, votes))
    frames = {f"happy/S{n:03d}_001_0000000{n % 9}.png": png(900 + n, "happy") for n in range(1, 9)}
    write_zip(tmp_path / "ck48.zip", {**frames, "anger/S020_001_00000001.png": png(950, "angry")})
    return [str(tmp_path / name) for name in ("fer2013.csv", "fer2013new.csv", "ck48.zip")]


def study(tmp_path: Path, sources: list[str], *options: str) -> str:
    """What the command prints."""
    places = [*sources, str(tmp_path / "study"), "--page", str(tmp_path / "docs" / "fer2013.md")]
    networks = ("compact", "compact-quick", "compact-quick+same-steps")
    shorter = ["--seeds", "1", *(word for name in networks for word in ("--without", name))]
    done = subprocess.run(
        [sys.executable, str(STUDY), *places, *shorter, *options], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_study_goes_from_raw_files_to_a_page_and_repeats_itself(tmp_path: Path, sources: list[str]) -> None:
    patches = tmp_path / "patches"
    first = study(tmp_path, sources, "--patches", str(patches))
    page = (tmp_path / "docs" / "fer2013.md").read_bytes()
    assert {path.name for path in (tmp_path / "docs" / "figures").iterdir()} == {
        "leaks.png",
        "copies.png",
        "budget.png",
    }
    assert {path.name for path in patches.iterdir()} == {"fer-v2.patch", "fer-v3.patch"}
    assert study(tmp_path, sources) == first
    assert (tmp_path / "docs" / "fer2013.md").read_bytes() == page

    workspace = Workspace(tmp_path / "study" / "workspace")
    versions = {version.name: version for version in workspace.versions()}
    line = ("fer-v1", "fer-v2", "fer-b5", "fer-v3", "fer-b20", "fer-plus", "fer-v3-x4")
    assert set(versions) == {"fer-published", *line}
    assert len({versions[name].header["gold"]["digest"] for name in line}) == 1
    places = workspace.occurrences().groupby("sample_id")["kept_out"].all()
    private = set(places.index[places])
    assert private
    assert set(versions["fer-v1"].rows()["split"]) == {"train", "val", "test"}
    assert private.isdisjoint(versions["fer-plus"].rows()["sample_id"])
    told = json.loads((tmp_path / "study" / "results.json").read_text())
    leak = next(each for each in told["leaks"] if each["split"] == "val+test")
    assert (leak["pictures"], leak["exact"]) == (60, COPIES)
    looked = {each["name"]: each["looked_at"] for each in told["steps"]}
    rows = versions["fer-v2"].rows().query("split != 'test'")
    voted = rows["votes_happy"].notna().sum()
    assert looked["fer-b5"] + looked["fer-v3"] + looked["fer-b20"] == round(0.2 * voted)

    drawn = workspace.occurrences().query("source == 'fer2013'").drop_duplicates("sample_id").set_index("sample_id")
    number = drawn["key"].str.removeprefix("row:").astype(int)
    truth = {name: BASIC_EMOTIONS[shown(each) % 7] for name, each in number.items()}
    final = versions["fer-plus"].rows().set_index("sample_id")["label"]
    assert all(final[name] == truth[name] for name in final.index if name in truth)
    before = versions["fer-v1"].rows().set_index("sample_id")["label"]
    assert any(before[name] != truth[name] for name in before.index if name in truth)
