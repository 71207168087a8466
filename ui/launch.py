"""Starting the reviewer's server, and stopping it."""

import ipaddress
import os
import secrets
import signal
import socket
import threading
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

from curate.errors import ReviewerUnavailable
from curate.storage import move

__all__ = ["check_startable", "is_this_machine", "keep_token", "printed_address", "serve"]

_TOKEN_DIGITS = 32
_GRACE_S, _PATIENCE_S = 1, 2.0
"""How long connections may take to close, and how long all of it may take, before the process ends anyway: what was
decided is on the disk already."""


_THEME = {
    "light": ("#2f6f5e", "#fbfbfa", "#eeeeeb", "#23262b", "#d9d9d4"),
    "dark": ("#7cc4ae", "#17191c", "#25292e", "#e4e6e9", "#3a3f45"),
}
"""The colours of the sheets that `curate duplicates --gallery` writes; which of the two, the browser decides."""

_THEME_OPTIONS = ("primaryColor", "backgroundColor", "secondaryBackgroundColor", "textColor", "borderColor")


def is_this_machine(host: str) -> bool:
    """Can only programs on this machine reach a server on this address?"""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def keep_token(path: Path) -> str:
    """The token of a workspace: 128 bits that nobody guesses, in a file that only its owner reads.

    It stays the same, so that a page that is open goes on when its server was killed and started again, and so that
    several servers on one workspace let in the same people. Who deletes the file gets a new one.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(0o600)
        draft.write_text(secrets.token_hex(_TOKEN_DIGITS // 2), encoding="ascii")
        move(draft, path)
    token = path.read_text(encoding="ascii", errors="replace").strip()
    if len(token) == _TOKEN_DIGITS and not set(token) - set("0123456789abcdef"):
        return token
    path.unlink()
    return keep_token(path)


def check_startable(host: str, port: int) -> None:
    """Look whether a server could be started.

    Raises:
        ReviewerUnavailable: Streamlit is not installed, or the address is taken or not of this machine.
    """
    if find_spec("streamlit") is None:
        raise ReviewerUnavailable(
            "the reviewer needs Streamlit, which is not installed; install it with: pip install 'curate-fer[ui]'"
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":  # there it would let two servers listen on one port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ReviewerUnavailable(
            f"the reviewer cannot listen on {host}, port {port} ({error.strerror}); name another with --port or --host"
        ) from error


def printed_address(host: str, port: int, token: str) -> str:
    """What to open in a browser; an address that stands for all of a machine's is replaced by the machine's name."""
    everywhere = host in ("0.0.0.0", "::")  # noqa: S104
    name = socket.gethostname() if everywhere else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/?token={token}"


def serve(workspace: str, *, host: str, port: int, votes: int, token: str) -> None:
    """Serve until a signal says to stop; says nothing on standard output, which may be closed by then.

    Args:
        workspace: its folder.
        host: address to listen on.
        port: likewise.
        votes: reviewers per picture.
        token: what browsers must know.
    """
    import streamlit as st
    from streamlit.web import bootstrap

    from curate._ui.guard import guarded
    from curate._ui.settings import Settings, to_environment

    to_environment(Settings(workspace, votes, token))
    with as_file(files("curate._ui") / "app.py") as app:
        bootstrap.load_config_options(_options(host, port))
        guard = guarded(st.App(app), token, name=f"curate_review_{port}", hosts=_own_names(host))
        _run(guard, host, port)


def _run(app: Any, host: str, port: int) -> None:
    """Answer until SIGINT or SIGTERM arrives, then close connections and end."""
    import uvicorn
    from streamlit.runtime.runtime_util import get_max_message_size_bytes

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            super().handle_exit(sig, frame)
            last_resort = threading.Timer(_PATIENCE_S, os._exit, (0,))
            last_resort.daemon = True
            last_resort.start()

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_max_size=get_max_message_size_bytes(),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = Server(config)
    for each in (signal.SIGINT, signal.SIGTERM):  # also before it is up, and for uvicorn to raise again when it ended
        signal.signal(each, server.handle_exit)
    server.run()


def _own_names(host: str) -> list[str]:
    """By which a server for this machine alone may be asked; none where others may reach it, by whatever name."""
    return [host, f"[{host}]", "localhost", "127.0.0.1", "[::1]", "::1"] if is_this_machine(host) else []


def _options(host: str, port: int) -> dict[str, object]:
    options: dict[str, object] = {
        "server_address": host,
        "server_port": port,
        "server_headless": True,
        "server_fileWatcherType": "none",
        "server_runOnSave": False,
        "server_allowedHosts": _own_names(host),
        "server_enableAgentApi": False,
        "server_enableStaticServing": False,
        "server_maxUploadSize": 1,
        "browser_gatherUsageStats": False,
        "runner_postScriptGC": False,  # a full collection after every key press, which the next picture would wait for
        "client_toolbarMode": "minimal",
        "client_showErrorDetails": "none",
        "logger_hideWelcomeMessage": True,
        "logger_level": "error",
    }
    for name, colours in _THEME.items():
        options |= {f"theme_{name}_{what}": colour for what, colour in zip(_THEME_OPTIONS, colours, strict=True)}
    return options
