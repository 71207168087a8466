"""What strangers named reaches a terminal as text: nothing in it is obeyed, nothing in it is hidden."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from layouts import png, write_tree
from small_versions import perfect_score

from curate import cli
from curate.scores import write_score
from curate.terminal import complain, print_json, print_table, remark, say, visible
from curate.version import freeze_version
from curate.workspace import Workspace

HOSTILE = "\x1b[2J\x1b]0;owned\x07\r\x7f\x9b31m\u202egnp\u200b\ufeff"
VISIBLE = r"\x1b[2J\x1b]0;owned\x07\r\x7f\x9b31m\u202egnp\u200b\ufeff"
SEEN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
"""Number signs and the like: format characters that are drawn."""
AT = datetime(2026, 1, 1, tzinfo=UTC)


def obeyed(text: str) -> set[str]:
    """Characters of a text that a terminal obeys or does not show, but for line ends."""
    return {each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}


def test_every_character_that_a_terminal_obeys_or_hides_is_made_visible() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    kinds = {each for each in every if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert {each for each in kinds if visible(each) == each} == set(SEEN)
    assert visible("Grüße, 顔 😀 ❤\ufe0f\n\tش") == "Grüße, 顔 😀 ❤\ufe0f\\n\\tش"
    assert visible(HOSTILE) == VISIBLE


def test_all_that_prints_makes_them_visible(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    remark(HOSTILE)
    complain(f"{HOSTILE}\nnext")
    print_table(HOSTILE, [HOSTILE], [(HOSTILE,)])
    printed = capsys.readouterr()
    assert obeyed(printed.out + printed.err) == set()
    assert printed.err == f"{VISIBLE}\ncurate: {VISIBLE}\\nnext\n"
    assert printed.out.count(VISIBLE) == 4


def test_a_table_without_rows_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("Verified pairs", ["kind", "pairs"], [])
    assert capsys.readouterr().out == "Verified pairs: none\n"


def test_json_holds_them_as_escapes_and_reads_as_the_same_texts(capsys: pytest.CaptureFixture[str]) -> None:
    value = {HOSTILE: [HOSTILE, "\n", "\udc80", "\U000e0041", "Grüße 😀"]}
    print_json(value)
    printed = capsys.readouterr().out
    assert obeyed(printed) == set()
    assert "Grüße 😀" in printed
    assert json.loads(printed) == value


def test_a_progress_bar_shows_a_hostile_name_as_text() -> None:
    program = (
        "import sys; from curate.terminal import bars\nwith bars(sys.argv[1], 2, unit='pictures') as step: step(2)"
    )
    reader, writer = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    subprocess.run([sys.executable, "-c", program, HOSTILE], stderr=writer, env=environment, check=True)
    os.close(writer)
    shown = b""
    try:
        while part := os.read(reader, 65536):
            shown += part
    except OSError:  # the other end is closed
        pass
    os.close(reader)
    text = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", shown.decode())  # of the bar itself
    assert "[2J" in text
    assert obeyed(text) - {"\r"} == set()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses such names")
def test_commands_print_hostile_files_folders_labels_and_scores_as_text(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = {
        f"happy/{HOSTILE}.png": png(1),
        "happy/b.png": png(2),
        f"sad/{HOSTILE}.png": png(1),
        f"{HOSTILE}/c.png": png(3),
        f"sad/broken{HOSTILE}.png": b"no picture",
        **{f"happy/{number}.png": png(number) for number in range(4, 24)},
    }
    source = write_tree(tmp_path / f"faces{HOSTILE}", tree)
    (source / "happy" / os.fsdecode(b"latin\xe9.png")).write_bytes(png(30))

    def printed(*arguments: object) -> str:
        monkeypatch.setattr("sys.argv", ["curate", *map(str, arguments), "--workspace", str(workspace.folder)])
        with contextlib.suppress(SystemExit):
            cli.main()
        shown = capsys.readouterr()
        return shown.out + shown.err

    ingested = printed("ingest", source)
    names = workspace.occurrences().query("key.str.contains('owned')")["sample_id"].unique()
    shown = [printed("show", each) for each in names]
    version = freeze_version(workspace, "v1", created=AT)
    write_score(workspace.manifests, perfect_score(version))
    score = perfect_score(version, recipe=HOSTILE, protocol=HOSTILE)
    (version.folder / "scores" / "hostile.json").write_text(json.dumps(score.to_json()), encoding="utf-8")
    leaders = printed("leaderboard")
    others = [
        printed(*command)
        for command in (
            ["status"], ["audit"], ["verify"], ["diff", HOSTILE, "v1"], ["status", "--json"], ["audit", "--json"],
            ["leaderboard", "--json"], ["show", names[0], "--json"], ["report", "v1", "--output", f"{HOSTILE}/x.html"],
            ["show", HOSTILE], ["ingest", tmp_path / HOSTILE], ["forget", HOSTILE], ["freeze", HOSTILE],
            ["freeze", "v2", "--ratios", HOSTILE], ["benchmark", "v1", "--recipe", HOSTILE], ["init", HOSTILE + "/x"],
            ["export", "v1", tmp_path / HOSTILE, "--to", "csv"], ["compare", "v1", HOSTILE], ["recipes"], ["formats"],
        )
    ]  # fmt: skip
    assert [each for each in (ingested, *shown, leaders, *others) if obeyed(each)] == []
    assert VISIBLE in ingested
    assert len(shown) == 2
    assert all(VISIBLE[:8] in each for each in shown)
    assert "hostile.json" in leaders
