"""Versions, decisions and pictures are listed, filtered and found."""

import json
import time
from pathlib import Path

import pytest
from layouts import face, png, write_tree
from released import fer2013_workspace, freeze
from test_cli import run

import curate
from curate.catalog.decisions import append_decisions
from curate.decisions import Decision
from curate.errors import FilterError, SampleNotFound
from curate.images import encode_bmp
from curate.workspace import Workspace
from curate.workspace.selection import read_filter, select_samples


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with votes and a version of it, and a folder that shares one picture with the table; four decisions."""
    made = fer2013_workspace(tmp_path_factory.mktemp("listed"))
    version = freeze(made)
    files = {"train/happy/1.png": png(101), "test/sad/1.png": png(102), "test/sad/three.png": png(3, "happy")}
    run("ingest", write_tree(made.folder.parent / "faces", files), "--workspace", made.folder)
    one, two = version.rows()["sample_id"][:2]
    lines = [
        Decision(
            action="a1",
            kind="relabel",
            sample_id=one,
            label="fear",
            reviewer="ann",
            at="2026-01-01T12:00:00+00:00",
            given="sad",
        ),
        Decision(
            action="a2", kind="confirm", sample_id=two, label="happy", reviewer="ann", at="2026-01-02T12:00:00+00:00"
        ),
        Decision(action="a3", kind="undo", reviewer="ann", at="2026-01-02T12:01:00+00:00", undoes="a2"),
        Decision(
            action="b1", kind="exclude", sample_id=two, reviewer="bob", at="2026-01-03T12:00:00+00:00", note="a cat"
        ),
    ]
    with made.catalog() as catalog:
        for line in lines:
            append_decisions(catalog, [line])
    return made.folder


def listed(folder: Path, *arguments: object) -> list[str]:
    found = json.loads(run("log", *arguments, "--json", "--workspace", folder).stdout)
    return [f"{each['reviewer']} {each['kind']}{' taken back' * each['taken_back']}" for each in found["decisions"]]


def test_the_version_is_said() -> None:
    assert run("--version").stdout == f"curate {curate.__version__}\n"
    assert curate.__version__.split(".")[0].isdigit()


def test_versions_are_listed(folder: Path) -> None:
    (one,) = json.loads(run("versions", "--json", "--workspace", folder).stdout)["versions"]
    header = Workspace(folder).version("v1").header
    assert one == {
        "name": "v1",
        "parent": None,
        "line": "v1",
        "pictures": 70,
        "gold": 14,
        "created": "2026-01-02T12:00",
        "digest": header["digest"],
        "scores": 0,
    }
    assert header["digest"][:12] in run("versions", "--workspace", folder).stdout


def test_no_version_yet_is_a_sentence(workspace: Workspace) -> None:
    assert run("versions", "--workspace", workspace.folder).stdout == "no version yet; `curate freeze v1` makes one\n"
    assert run("log", "--workspace", workspace.folder).stdout == "no decisions; `curate review` makes some\n"


def test_decisions_are_filtered(folder: Path) -> None:
    assert listed(folder) == ["ann relabel", "ann confirm taken back", "bob exclude"]
    assert listed(folder, "--reviewer", "ann") == ["ann relabel", "ann confirm taken back"]
    assert listed(folder, "--since", "2026-01-02T12:00:00+00:00") == ["ann confirm taken back", "bob exclude"]
    assert listed(folder, "--last", 1) == ["bob exclude"]
    sample = Workspace(folder).decisions()["sample_id"][3]
    assert listed(folder, "--sample", sample[:20]) == ["ann confirm taken back", "bob exclude"]
    assert run("log", "--since", "yesterday", "--workspace", folder).exit_code == 2


def test_the_printed_log_says_how_much_it_leaves_out(folder: Path) -> None:
    shown = run("log", "--last", 2, "--workspace", folder).stdout
    assert "2 of 3 decisions; --last 3 shows all" in shown
    assert "a cat" in shown


def test_given_labels_that_an_older_release_did_not_write_are_no_numbers(folder: Path) -> None:
    printed = run("log", "--workspace", folder).stdout, run("log", "--json", "--workspace", folder).stdout
    assert [text for text in printed if "nan" in text.lower()] == []
    assert None in [each["given"] for each in json.loads(printed[1])["decisions"]]


def test_a_sample_is_found_by_row_key_file_name_and_pixels(folder: Path, tmp_path: Path) -> None:
    workspace = Workspace(folder)
    places = workspace.occurrences().set_index(["source", "key"])["sample_id"]
    shared = places["faces", "test/sad/three.png"]
    (tmp_path / "on-disk.bmp").write_bytes(encode_bmp(face(102)))
    found = {
        "row:3": places["fer2013", "row:3"],
        "fer2013/row:5": places["fer2013", "row:5"],
        "test/sad/1.png": places["faces", "test/sad/1.png"],
        "sad/1.png": places["faces", "test/sad/1.png"],
        "three.png": shared,
        shared[:10]: shared,
        str(tmp_path / "on-disk.bmp"): places["faces", "test/sad/1.png"],
    }
    assert {name: workspace.find_sample(name) for name in found} == found
    assert places["fer2013", "row:3"] == shared


def test_several_samples_of_one_name_are_named(folder: Path) -> None:
    workspace = Workspace(folder)
    places = workspace.occurrences().set_index("key")["sample_id"]
    with pytest.raises(SampleNotFound) as caught:
        workspace.find_sample("1.png")
    assert str(caught.value) == (
        f"several samples are called `1.png`: faces/test/sad/1.png ({places['test/sad/1.png'][:12]}), "
        f"faces/train/happy/1.png ({places['train/happy/1.png'][:12]}); say which by more of it, or by an id"
    )
    everybody = sorted(workspace.samples()["sample_id"])
    digit = next(d for d in "0123456789abcdef" if sum(name.startswith(d) for name in everybody) > 1)
    with pytest.raises(SampleNotFound, match=f"several samples begin with `{digit}`: {digit}"):
        workspace.find_sample(digit)


def test_a_picture_that_nobody_knows_is_said(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.png").write_bytes(png(999))
    with pytest.raises(SampleNotFound, match="no sample has exactly the pixels of"):
        Workspace(folder).find_sample(str(tmp_path / "other.png"))


def test_a_picture_is_written_where_there_is_no_desktop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    sample = Workspace(folder).find_sample("row:3")
    path = folder / "out" / f"{sample[:12]}.png"
    assert f"written: {path}\n" in run("show", "row:3", "--open", "--workspace", folder).stderr
    assert Workspace(folder).find_sample(str(path)) == sample


def wait_for(path: Path) -> str:
    while not path.exists() or not path.read_text(encoding="utf-8"):
        time.sleep(0.01)
    return path.read_text(encoding="utf-8")


def test_a_picture_is_opened_where_there_is_a_desktop(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    opener.chmod(0o755)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    result = run("view", "source=faces", "--open", "--workspace", folder)
    assert f"{folder}/out/view.html is open in the browser" in result.stdout
    assert wait_for(tmp_path / "opened") == f"{folder}/out/view.html\n"


def chosen(folder: Path, *filters: str, version: str | None = None) -> set[str]:
    workspace = Workspace(folder)
    keys = workspace.occurrences().drop_duplicates("sample_id").set_index("sample_id")["key"]
    return set(keys[select_samples(workspace, read_filter(filters), version=version)["sample_id"]])


def test_samples_are_chosen_by_their_own_and_their_places_fields(folder: Path) -> None:
    assert chosen(folder, "source=faces") == {"train/happy/1.png", "test/sad/1.png", "test/sad/three.png"}
    assert chosen(folder, "source=faces", "split=train") == {"train/happy/1.png", "test/sad/three.png"}
    assert chosen(folder, "source=faces source!=fer2013") == {"train/happy/1.png", "test/sad/1.png"}
    assert chosen(folder, "source=faces", "label=none") == {"test/sad/three.png"}
    assert chosen(folder, "source=faces", "label=happy,sad") == {"train/happy/1.png", "test/sad/1.png"}
    assert chosen(folder, "flags=none", "flags=blurry") == set()
    assert len(chosen(folder, version="v1")) == 70
    assert len(chosen(folder, "split=test", version="v1")) == 14


def test_what_a_filter_cannot_mean_is_said() -> None:
    for text, message in (
        ("lable=fear", "`lable=fear`: there is no field `lable`; did you mean `label`?"),
        ("fear", "`fear` is no filter; write FIELD=VALUE, such as label=fear; fields: label, origin"),
        ("split=valid", "`split=valid`: split cannot be `valid`; known: train, val, test, none"),
    ):
        with pytest.raises(FilterError) as caught:
            read_filter([text])
        assert str(caught.value).startswith(message)


def test_a_page_of_pictures_is_paged(folder: Path) -> None:
    command = ("view", "source=fer2013", "--per-page", 30, "--page", 3, "--json", "--workspace", folder)
    found = json.loads(run(*command).stdout)
    assert (found["found"], len(found["sample_ids"]), found["page"], found["pages"]) == (70, 10, 3, 3)
    page = Path(found["path"]).read_text(encoding="utf-8")
    assert (page.count("data:image/png"), "61 to 70 of 70 pictures, page 3 of 3" in page) == (10, True)
    assert run("view", "--page", 9, "--workspace", folder).exception
    nobody = run("view", "label=fear", "source=faces", "--output", folder / "none.html", "--workspace", folder)
    assert nobody.stdout == "no picture meets this filter\n"
    assert not (folder / "none.html").exists()
