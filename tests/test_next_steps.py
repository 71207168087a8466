"""Every command ends with the next sensible one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from layouts import face, png, write_tree
from test_cli import run

from curate.catalog.decisions import append_decisions
from curate.decisions import Decision
from curate.images import encode_jpeg
from curate.next_steps import LoopState, next_step, next_steps, read_loop_state, stages
from curate.workspace import Workspace

SEARCHED = LoopState(sources=1, samples=9, search="done")
RELEASED = replace(SEARCHED, versions=("v1",))
JUDGED = replace(RELEASED, judged=9)
CHILD = replace(JUDGED, versions=("v1", "v2"), parent="v1", decisions=5)

STATES = [
    (LoopState(), "", "ingest PATH"),
    (LoopState(versions=("v1",)), "", "ingest PATH"),
    (LoopState(sources=1, samples=9), "", "duplicates"),
    (replace(RELEASED, search="outdated"), "", "duplicates"),
    (SEARCHED, "", "freeze v1"),
    (SEARCHED, "audit", "freeze v1"),
    (RELEASED, "", "suspects"),
    (replace(RELEASED, changed=True), "", "freeze v2"),
    (JUDGED, "", "review"),
    (JUDGED, "review", "review"),
    (replace(JUDGED, decisions=5, new_decisions=5), "", "freeze v2"),
    (replace(JUDGED, decisions=5, new_decisions=5), "review", "freeze v2"),
    (replace(JUDGED, versions=("v1", "mine"), decisions=5, new_decisions=5), "", "freeze mine-2"),
    (replace(JUDGED, versions=("fer-v10", "fer-v9"), decisions=5, new_decisions=5), "", "freeze fer-v11"),
    (replace(JUDGED, decisions=5), "", "benchmark v1"),
    (CHILD, "", "benchmark v1"),
    (replace(CHILD, scored=frozenset({"v1"})), "", "benchmark v2"),
    (replace(CHILD, scored=frozenset({"v1", "v2"})), "", "compare v1 v2"),
    (replace(CHILD, scored=frozenset({"v1", "v2"})), "compare", "report v2"),
    (replace(CHILD, scored=frozenset({"v1", "v2"}), reported=True), "compare", "review"),
    (replace(CHILD, scored=frozenset({"v1", "v2"}), reported=True), "report", "compare v1 v2"),
]


@pytest.mark.parametrize(("state", "after", "command"), STATES)
def test_every_state_has_a_next_step(state: LoopState, after: str, command: str) -> None:
    assert next_step(state, after=after).command == command


def test_the_hint_after_an_audit_does_not_point_to_the_audit() -> None:
    state = LoopState(sources=1, samples=9, search="done")
    says = "releases this state, so that there is something to compare with"
    assert next_step(state, after="duplicates").does == f"{says}; `curate audit` says what is wrong"
    assert next_step(state, after="audit").does == says


def test_the_next_step_lies_in_a_stage_of_the_loop() -> None:
    for state, _, _ in STATES:
        assert {step.stage for step in next_steps(state)} <= {stage.name for stage in stages(state)}


def test_the_loop_says_what_there_is_of_each_stage() -> None:
    state = replace(CHILD, new_decisions=2, changed=True, scored=frozenset({"v1"}))
    assert [tuple(stage) for stage in stages(state)] == [
        ("ingest", "1 source, 9 pictures"),
        ("duplicates", "all pictures searched"),
        ("version", "v1, v2; sources or settings changed since"),
        ("review", "9 labels judged, 5 decisions, 2 since v2"),
        ("benchmark", "scores of v1"),
        ("report", ""),
    ]


@pytest.fixture
def filled(workspace: Workspace, tmp_path: Path) -> Workspace:
    files = {f"train/{label}/{n}.png": png(n) for n, label in enumerate(("happy", "sad") * 5)}
    files["train/happy/copy.jpg"] = encode_jpeg(face(0), 85)
    run("ingest", write_tree(tmp_path / "faces", files), "--workspace", workspace.folder)
    return workspace


def hint(*arguments: object) -> str:
    return run(*arguments).stderr.splitlines()[-1]


def test_commands_end_with_what_comes_next(filled: Workspace, tmp_path: Path) -> None:
    here = ("--workspace", filled.folder)
    where = f" --workspace {filled.folder}"
    assert hint("ingest", *here) == f"next: `curate duplicates{where}` finds copies of one photograph"
    assert hint("duplicates", *here).startswith(f"next: `curate freeze v1{where}` releases this state")
    assert hint("freeze", "v1", *here) == f"next: `curate suspects{where}` says which labels are probably wrong"
    sample_id = filled.find_sample("copy.jpg")
    with filled.catalog() as catalog:
        append_decisions(
            catalog,
            [
                Decision(
                    action="a",
                    kind="relabel",
                    sample_id=sample_id,
                    label="sad",
                    reviewer="ann",
                    at="2999-01-01T00:00+00:00",
                )
            ],
        )
    released = f"next: `curate freeze v2{where}` releases 1 decision made since v1"
    assert hint("show", "copy.jpg", *here).startswith(released)
    run("ingest", write_tree(tmp_path / "more", {"train/fear/1.png": png(31)}), *here)
    assert hint("verify", *here) == f"next: `curate duplicates{where}` compares what came or went since"


def test_the_next_step_can_be_typed_where_one_is(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(filled.folder)
    assert hint("log") == "next: `curate duplicates` finds copies of one photograph"
    assert hint("init", "another").startswith("next: `curate ingest PATH --workspace ")
    assert hint("formats") == "next: `curate ingest PATH` recognises the layout by itself"


def test_json_and_errors_have_no_next_step(filled: Workspace) -> None:
    assert run("duplicates", "--json", "--workspace", filled.folder).stderr == ""
    assert run("show", "nobody", "--workspace", filled.folder).stderr == ""


def test_a_check_that_found_something_has_one_and_keeps_its_exit_code(workspace: Workspace, tmp_path: Path) -> None:
    files = {"train/happy/1.png": png(1), "test/sad/1.png": png(1)}
    run("ingest", write_tree(tmp_path / "faces", files), "--workspace", workspace.folder)
    result = run("audit", "--workspace", workspace.folder)
    assert (result.exit_code, result.stderr.startswith("next: `curate duplicates")) == (1, True)


def test_looking_for_the_next_step_makes_no_catalog(workspace: Workspace) -> None:
    assert read_loop_state(workspace) == LoopState()
    assert not (workspace.state / "catalog.sqlite").exists()


def test_edited_settings_are_released_next(filled: Workspace) -> None:
    for command in (("duplicates",), ("freeze", "v1")):
        run(*command, "--workspace", filled.folder)
    assert not read_loop_state(filled).changed
    path = filled.folder / "curate.toml"
    path.write_text(path.read_text().replace('given = "unanimous"', 'given = ["faces"]'))
    assert read_loop_state(filled).changed
    run("freeze", "v2", "--workspace", filled.folder)
    assert not read_loop_state(filled).changed


def test_status_says_where_in_the_loop_one_is(filled: Workspace) -> None:
    printed = run("status", "--workspace", filled.folder).stdout
    assert "Where in the loop this is" in printed
    assert printed.splitlines()[-1].startswith("next: `curate duplicates")
    found = json.loads(run("status", "--json", "--workspace", filled.folder).stdout)
    assert found["loop"][0] == {"name": "ingest", "holds": "1 source, 11 pictures"}
    assert found["next"][0]["command"] == "duplicates"
