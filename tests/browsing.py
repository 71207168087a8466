"""A real server of the reviewer and a real browser in front of it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BOARD = "() => [...document.querySelectorAll('*')].map(e => e.shadowRoot && e.shadowRoot.querySelector('.board'))"
"""All boards on the page, some entries null; boards lie in shadow roots."""

_PATIENCE_MS = 30_000


def chromium() -> str | None:
    """Where Chromium is; None = it is not installed."""
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`curate review` in a process of its own, on one port for all its lives."""

    def __init__(self, workspace: Path, *options: str, before: str = "") -> None:
        """Start it; `before` is Python to run in that process first."""
        self.port = free_port()
        program = f"{before}\nfrom curate.cli import main\nmain()"
        where = ("--workspace", str(workspace), "--port", str(self.port))
        self._command = [sys.executable, "-c", program, "review", *where, *options]
        self.start()

    def start(self) -> None:
        """Start it, or start it again; returns when it answers."""
        self.process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/"
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        self.token = self.printed_address().partition("?token=")[2]
        give_up = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
            except OSError:
                if time.monotonic() > give_up or self.process.poll() is not None:
                    self.kill()
                    raise
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        """SIGKILL: no chance to say goodbye."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def interrupt(self) -> tuple[int, str]:
        """Ctrl-C; the exit code, and all that it printed."""
        self.process.send_signal(signal.SIGINT)
        printed, _ = self.process.communicate(timeout=30)
        return self.process.returncode, self.first_line + printed

    def printed_address(self) -> str:
        """The address that it printed."""
        found = re.search(r"http://\S+", self.first_line)
        return found.group() if found else ""

    def memory_mb(self) -> float:
        """What it holds in memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def processor_s(self) -> float:
        """How long it has kept a processor busy so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def address(self, reviewer: str, page: str = "") -> str:
        """Where a reviewer goes."""
        return f"http://127.0.0.1:{self.port}/{page}?reviewer={reviewer}&token={self.token}"


@contextmanager
def serving(workspace: Path, *options: str, **more: Any) -> Iterator[Server]:
    """A server that is gone afterwards."""
    server = Server(workspace, *options, **more)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def browsing() -> Iterator["Browser"]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    quiet = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=[*quiet, "--disable-sync"])
        try:
            yield browser
        finally:
            browser.close()


def wait_for_board(page: "Page", state: str = "ready", *, beside: str = "") -> dict[str, str]:
    """Wait until a board is in a state and shows another picture than `beside`; what it says about itself."""
    condition = "b => b && b.dataset.state === want[0] && (!want[1] || b.dataset.sample !== want[1])"
    script = f"want => {{ const found = ({BOARD})().find({condition}); return found ? {{...found.dataset}} : null }}"
    found: dict[str, str] = page.wait_for_function(script, arg=[state, beside], timeout=_PATIENCE_MS).json_value()
    return found


def press(page: "Page", key: str) -> str:
    """Press a key in the queue and wait for the next picture; the sample_id that was on screen."""
    sample = wait_for_board(page)["sample"]
    page.keyboard.press(key)
    wait_for_next(page, sample)
    return sample


def wait_for_next(page: "Page", sample: str) -> None:
    """Wait until the queue shows another picture, or none any more."""
    condition = "b => b && b.dataset.sample !== was && ['ready', 'empty'].includes(b.dataset.state)"
    script = f"was => ({BOARD})().some({condition})"
    page.wait_for_function(script, arg=sample, timeout=_PATIENCE_MS)


def latencies(page: "Page") -> list[float]:
    """From each keydown to the next picture painted, in milliseconds."""
    script = "performance.getEntriesByName('next picture').map(each => each.duration)"
    return [float(each) for each in page.evaluate(script)]


def load() -> str:
    """How busy the machine is."""
    return "load {:.1f} {:.1f} {:.1f} on {} cores".format(*os.getloadavg(), os.cpu_count())
