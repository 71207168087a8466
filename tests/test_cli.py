import json
import re
import subprocess
from pathlib import Path

import pytest
from layouts import face, png, write_tree
from typer.testing import CliRunner, Result

from curate import cli
from curate.catalog.decisions import append_decisions
from curate.cli.checks import print_duplicates
from curate.decisions import Decision
from curate.duplicates import DuplicateReport, GroupedOccurrences
from curate.errors import CurateError
from curate.images import encode_jpeg
from curate.ingest import FORMATS
from curate.workspace import Workspace

AT = "2026-01-01T12:00:00+00:00"


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit | CurateError):
        raise result.exception
    return result


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_tree(
        tmp_path / "faces", {"train/happy/1.png": png(1), "test/sad/1.png": png(1), "test/hapy/2.png": b"x"}
    )


def test_init_makes_a_workspace_that_ingest_fills(tmp_path: Path, faces: Path) -> None:
    assert run("init", tmp_path / "w").exit_code == 0
    result = run("ingest", faces, "--workspace", tmp_path / "w")
    assert result.exit_code == 0
    assert "faces: image-folder (3 pictures in class folders such as happy/)" in result.stdout
    counts = "2 occurrences of 1 pictures; 1 occur more than once, 1 with labels that contradict each other"
    assert counts in result.stdout


def test_init_of_what_is_no_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "afile").write_text("x")
    for place in ("afile", "afile/below"):
        found = run("init", tmp_path / place).exception
        assert isinstance(found, CurateError)
        assert "cannot be made" in str(found)


def test_what_is_not_to_be_committed_is_ignored_from_the_start(tmp_path: Path) -> None:
    run("init", tmp_path / "w")
    assert (tmp_path / "w" / ".gitignore").read_text() == ".curate/\nout/\n*-report.html\n"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / ".gitignore").write_text("mine\n")
    run("init", tmp_path / "mine")
    assert (tmp_path / "mine" / ".gitignore").read_text() == "mine\n"


def test_pages_and_tables_named_without_a_folder_lie_where_git_ignores_them(
    workspace: Workspace, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace.folder / ".gitignore").unlink()  # as in a workspace of an older curate
    run("ingest", faces, "--workspace", workspace.folder)
    monkeypatch.chdir(workspace.folder)
    said = run("duplicates", "--gallery", "copies.html", "--pairs", "./pairs.csv").stderr
    assert f"written: {workspace.folder / 'out' / 'copies.html'}\n" in said
    assert f"written: {workspace.folder / 'pairs.csv'}\n" in said
    assert sorted(path.name for path in (workspace.folder / "out").iterdir()) == [".gitignore", "copies.html"]
    assert (workspace.folder / "out" / ".gitignore").read_text() == "*\n"
    subprocess.run(["git", "init", "-q"], check=True)
    shown = subprocess.run(["git", "status", "--porcelain", "-uall"], capture_output=True, text=True, check=True).stdout
    assert "out/" not in shown
    assert "pairs.csv" in shown


def test_an_official_test_without_labels_is_said(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"train/happy/{n}.png": png(n) for n in range(6)} | {f"test/smirk/{n}.png": png(n) for n in range(6, 9)}
    run("ingest", write_tree(tmp_path / "faces", files), "--workspace", workspace.folder)
    said = run("freeze", "v1", "--workspace", workspace.folder).stdout
    assert "3 of the 3 pictures of official tests have no label and are left out" in said


def test_ingest_without_arguments_takes_all_sources_of_the_configuration(workspace: Workspace, faces: Path) -> None:
    run("ingest", faces, "--workspace", workspace.folder)
    assert "faces: nothing new" in run("ingest", "--workspace", workspace.folder).stdout


def test_a_broken_source_is_one_line_and_the_others_go_on(workspace: Workspace, faces: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 not really")
    result = run("ingest", tmp_path / "x.zip", tmp_path / "nowhere", faces, "--workspace", workspace.folder)
    assert (result.exit_code, len(result.stderr.splitlines()), len(workspace.samples())) == (3, 2, 1)


def test_json_is_one_object(workspace: Workspace, faces: Path) -> None:
    result = json.loads(run("ingest", faces, "--workspace", workspace.folder, "--json").stdout)
    assert set(result) == {"reports", "errors", "summary"}
    assert result["reports"][0]["problems"] == {"broken-picture": 1}
    status = json.loads(run("status", "--workspace", workspace.folder, "--json").stdout)
    assert (status["sources"][0]["occurrences"], status["lock_holder"]) == (2, None)


def test_options_of_one_source_need_exactly_one(workspace: Workspace) -> None:
    assert run("ingest", "a", "b", "--name", "x", "--workspace", workspace.folder).exit_code == 2


def test_settings_of_a_source_that_is_not_there_are_told(workspace: Workspace, faces: Path) -> None:
    run("ingest", faces, "--workspace", workspace.folder)
    text = (workspace.folder / "curate.toml").read_text().replace('given = "unanimous"', 'given = ["faces", "ck48"]')
    (workspace.folder / "curate.toml").write_text(
        text + '\n[labels.faces]\nhapy = "happy"\n[splits.face]\na = "none"\n'
    )
    said = run("status", "--workspace", workspace.folder).stdout
    assert "[splits.face] speaks of `face`, but no source has that name; did you mean `faces`?" in said
    assert "given in [policy] speaks of `ck48`, but no source has that name\n" in said
    assert said.count("speaks of") == 2


def test_status_lists_sources(workspace: Workspace, faces: Path) -> None:
    run("ingest", faces, "--workspace", workspace.folder)
    result = run("status", "--workspace", workspace.folder)
    assert "image-folder" in result.stdout
    assert "nobody is writing to it" in result.stdout


def test_duplicates_are_found_and_written_to_a_table(workspace: Workspace, tmp_path: Path) -> None:
    files = {"train/happy/1.png": png(1), "test/sad/1.jpg": encode_jpeg(face(1), 85), "train/sad/2.png": png(2)}
    run("ingest", write_tree(tmp_path / "x", files), "--workspace", workspace.folder)
    found = json.loads(run("duplicates", "--json", "--workspace", workspace.folder).stdout)
    assert (found["report"]["groups"], found["conflicting"], found["leaks"][0]["near"]) == (1, 1, 1)
    result = run("duplicates", "--thorough", "--pairs", tmp_path / "pairs.csv",
                 "--gallery", tmp_path / "copies.html", "--workspace", workspace.folder)  # fmt: skip
    assert (tmp_path / "copies.html").read_text().count("data:image/png") == 2
    assert "2 of them in 1 groups of copies, the largest of 2; 1 groups with labels that contradict" in result.stdout
    assert (tmp_path / "pairs.csv").read_text().splitlines()[0] == (
        "sample_a,sample_b,kind,method,distance_bits,similarity,verdict,reason"
    )


@pytest.mark.parametrize(("reused", "when"), [(False, "now"), (True, "earlier")])
def test_the_summary_of_duplicates_says_what_candidates_rest_on(
    capsys: pytest.CaptureFixture[str], *, reused: bool, when: str
) -> None:
    report = DuplicateReport(
        thorough=False, samples=120_010, left_out=3, left_out_for={"blank": 2, "low-information": 1},
        fitted_on=110_000, fit_reused=reused,
    )  # fmt: skip
    print_duplicates(report, GroupedOccurrences(0, ()))
    told = " ".join(capsys.readouterr().out.split())
    assert f"an embedding that was fitted {when}, on 110,000 pictures" in told
    assert "3 pictures are too empty to compare (2 blank, 1 low-information)" in told


def test_audit_exits_with_1_when_something_needs_attention(workspace: Workspace, faces: Path) -> None:
    run("ingest", faces, "--workspace", workspace.folder)
    result = run("audit", "--workspace", workspace.folder)
    assert (result.exit_code, "Needs attention" in result.stdout) == (1, True)
    assert json.loads(run("audit", "faces", "--json", "--workspace", workspace.folder).stdout)["needs_attention"]


def test_audit_of_clean_data_exits_with_0(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"train/{label}/{number}.png": png(number) for number, label in enumerate(("happy", "sad", "fear"))}
    run("ingest", write_tree(tmp_path / "x", files), "--workspace", workspace.folder)
    run("duplicates", "--workspace", workspace.folder)
    result = run("audit", "--workspace", workspace.folder)
    assert (result.exit_code, "nothing needs attention" in result.stdout) == (0, True)


def test_show_tells_where_a_sample_was_found(workspace: Workspace, faces: Path) -> None:
    run("ingest", faces, "--workspace", workspace.folder)
    sample_id = workspace.samples()["sample_id"][0]
    shown = json.loads(run("show", sample_id[:12], "--workspace", workspace.folder, "--json").stdout)
    assert [(each["key"], each["given_label"]) for each in shown["occurrences"]] == [
        ("test/sad/1.png", "sad"),
        ("train/happy/1.png", "happy"),
    ]
    printed = run("show", sample_id, "--workspace", workspace.folder).stdout
    assert sample_id in printed.replace("\n", "")
    assert re.findall(r"\d\.\d{5,}", printed) == []  # measures with as many digits as people can read


def test_show_tells_what_became_of_a_sample(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"train/{label}/{n}.png": png(n) for n, label in enumerate(("happy", "sad") * 4)}
    copy = {"train/happy/copy.jpg": encode_jpeg(face(0), 85)}
    run("ingest", write_tree(tmp_path / "x", files | copy), "--workspace", workspace.folder)
    run("duplicates", "--workspace", workspace.folder)
    pair = workspace.pairs().iloc[0]
    lines = [
        Decision(action="a1", kind="relabel", sample_id=pair["sample_a"], label="fear", reviewer="ann", at=AT),
        Decision(action="a2", kind="confirm", sample_id=pair["sample_a"], label="happy", reviewer="ann", at=AT),
        Decision(action="a3", kind="undo", reviewer="ann", at=AT, undoes="a2"),
        Decision(action="a4", kind="confirm", sample_id=pair["sample_b"], label="happy", reviewer="ann", at=AT),
    ]
    with workspace.catalog() as catalog:
        append_decisions(catalog, lines)
    run("freeze", "v1", "--keep-copies", "--workspace", workspace.folder)
    shown = json.loads(run("show", pair["sample_a"], "--workspace", workspace.folder, "--json").stdout)
    assert [(each["kind"], each["taken_back"]) for each in shown["decisions"]] == [
        ("relabel", False),
        ("confirm", True),
    ]
    assert [each["sample_b"] for each in shown["pairs"]] == [pair["sample_b"]]
    assert [(each["version"], each["label"], each["label_by"]) for each in shown["versions"]] == [("v1", "fear", "ann")]
    printed = run("show", pair["sample_a"], "--workspace", workspace.folder).stdout
    assert all(title in printed for title in ("Occurrences", "Pairs", "Decisions, oldest first", "In versions"))
    assert "nan" not in printed
    assert "Votes" not in printed


def test_forget_retires_a_source(workspace: Workspace, faces: Path) -> None:
    run("ingest", faces, "--workspace", workspace.folder)
    assert "2 occurrences retired" in run("forget", "faces", "--workspace", workspace.folder).stdout


def test_formats_are_listed() -> None:
    listed = json.loads(run("formats", "--json").stdout)["formats"]
    assert listed == {name: form.summary.replace("`", "") for name, form in FORMATS.items()}


def test_an_error_is_one_line_and_exit_code_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["curate", "status", "--workspace", str(tmp_path)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 3
    assert capsys.readouterr().err == (
        f"curate: no curate.toml in {tmp_path} or above; make a workspace with `curate init`\n"
    )


def test_markup_in_names_is_shown_as_text(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "x", {"[red]grin/1.png": png(1)})
    assert "`[red]grin`" in run("ingest", folder, "--workspace", workspace.folder).stdout
    assert "[red]grin/1.png" in run(
        "show", workspace.samples()["sample_id"][0], "--workspace", workspace.folder
    ).stdout  # fmt: skip


def test_every_command_has_an_example() -> None:
    groups = (cli.app, *(group.typer_instance for group in cli.app.registered_groups))
    assert [
        command.callback.__name__
        for group in groups
        for command in group.registered_commands
        if "Example:" not in (command.callback.__doc__ or "")
    ] == []
