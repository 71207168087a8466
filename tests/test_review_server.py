"""A real server of the reviewer: whom it answers, what it lets others do with its pages, and that it stops."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from browsing import Server, free_port, serving
from reviewing import fill

from curate.workspace import Workspace

pytest.importorskip("streamlit", reason="the reviewer needs Streamlit")

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
PATHS = ("/", "/grid", "/_stcore/metrics", "/_stcore/host-config", "/_stcore/health", "/media/x", "/static/js/index.js")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That of a workspace with a few pictures."""
    place = tmp_path_factory.mktemp("served")
    workspace = Workspace.create(place / "workspace")
    fill(workspace, 6, place)
    return workspace.folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serving(folder) as running:
        yield running


def ask(server: Server, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    connection.close()
    return answer


def cookie(server: Server) -> str:
    return str(ask(server, f"/?token={server.token}").headers["set-cookie"]).partition(";")[0]


def test_nothing_is_answered_without_the_token(server: Server) -> None:
    for wrong in ({}, {"Cookie": cookie(server)[:-1]}, {"Cookie": f"curate_review_{server.port}={server.token}"}):
        assert {path: ask(server, path, **wrong).status for path in PATHS} == dict.fromkeys(PATHS, 403)
        assert ask(server, "/_stcore/stream", **UPGRADE, **wrong).status == 403
    assert ask(server, f"/_stcore/metrics?token={'0' * 32}").status == 403


def test_who_opened_the_address_with_the_token_gets_all_that_belongs_to_the_page(server: Server) -> None:
    known = {"Cookie": cookie(server)}
    assert server.token not in known["Cookie"]
    assert [ask(server, path, **known).status for path in ("/grid", "/_stcore/health", "/_stcore/host-config")] == [
        200, 200, 200,
    ]  # fmt: skip


@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:{port}"])
def test_a_page_of_this_server_gets_a_websocket(server: Server, origin: str | None) -> None:
    named = {"Origin": origin.format(port=server.port)} if origin else {}
    assert ask(server, "/_stcore/stream", **UPGRADE, **named, Cookie=cookie(server)).status == 101


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:{other}", "http://localhost:{port}", "https://127.0.0.1:{port}", "http://evil.example", "null"],
)
def test_pages_of_other_servers_get_nothing(server: Server, origin: str) -> None:
    named = {"Origin": origin.format(port=server.port, other=server.port + 1), "Cookie": cookie(server)}
    assert ask(server, "/_stcore/stream", **UPGRADE, **named).status == 403
    assert ask(server, "/_stcore/metrics", **named).status == 403
    assert ask(server, f"/?token={server.token}", **named).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "127.0.0.1.evil.example", "localhost@evil.example", "10.0.0.1", ""]
)
def test_a_name_that_strangers_pointed_at_this_machine_gets_nothing(server: Server, host: str) -> None:
    asked = {"Host": host.format(port=server.port), "Cookie": cookie(server)}
    assert {path: ask(server, path, **asked).status for path in PATHS} == dict.fromkeys(PATHS, 403)
    assert ask(server, f"/?token={server.token}", **asked).status == 403
    assert ask(server, "/_stcore/stream", **UPGRADE, **asked).status == 403
    assert ask(server, "/", Cookie=cookie(server), Host=f"LOCALHOST:{server.port}").status == 200


def test_no_page_of_it_can_be_framed(server: Server) -> None:
    for path in ("/", f"/?token={server.token}", "/_stcore/health"):
        headers = ask(server, path).headers
        assert (headers["x-frame-options"], headers["content-security-policy"]) == ("DENY", "frame-ancestors 'none'")


def test_a_server_that_is_started_again_knows_the_same_token(folder: Path, server: Server) -> None:
    with serving(folder) as another:
        assert (another.token, another.port != server.port) == (server.token, True)
    kept = folder / ".curate" / "review_token"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text(encoding="ascii") == server.token


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("reader", ["gone", "waiting"])
def test_it_stops_at_a_signal_also_where_nobody_reads_what_it_prints(
    folder: Path, stop: signal.Signals, reader: str
) -> None:
    port = free_port()
    command = [sys.executable, "-c", "from curate.cli import main; main()", "review", "--port", str(port)]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, "--workspace", str(folder)], stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            if reader == "gone":
                process.stdout.close()
            with closing(open_websocket(port, address.partition("?token=")[2])):
                began = time.monotonic()
                process.send_signal(stop)
                assert process.wait(10) == 0
                assert time.monotonic() - began < 5
            assert process.stderr is not None
            assert [line for line in process.stderr if not line.startswith("next: ")] == []
        finally:
            process.kill()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def open_websocket(port: int, token: str) -> http.client.HTTPConnection:
    """A browser that stays connected."""
    give_up = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", f"/_stcore/stream?token={token}", headers=UPGRADE)
            assert connection.getresponse().status == 101
        except ConnectionRefusedError:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        else:
            return connection


def test_interrupting_a_pipeline_leaves_nothing_running(folder: Path, server: Server) -> None:
    assert server.token
    port = free_port()
    command = f"{sys.executable} -c 'from curate.cli import main; main()' review --port {port} --workspace {folder}"
    pipeline = ["sh", "-c", f"{command} | head -n 3"]
    with subprocess.Popen(pipeline, stdout=subprocess.PIPE, start_new_session=True) as shell:
        try:
            browser = open_websocket(port, (folder / ".curate" / "review_token").read_text(encoding="ascii"))
            os.killpg(shell.pid, signal.SIGINT)
            shell.wait(10)
            give_up = time.monotonic() + 5
            while listens(port):
                assert time.monotonic() < give_up
                time.sleep(0.05)
            browser.close()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
