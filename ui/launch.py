"""Starting the reviewer's server."""

import ipaddress
import secrets
import socket
from importlib.resources import as_file, files
from importlib.util import find_spec

from curate.errors import ReviewerUnavailable

__all__ = ["check_startable", "is_this_machine", "make_token", "printed_address", "serve"]


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


def make_token() -> str:
    """A token that nobody guesses: 128 bits."""
    return secrets.token_hex(16)


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
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")


def serve(workspace: str, *, host: str, port: int, votes: int, token: str) -> None:
    """Serve until interrupted.

    Args:
        workspace: its folder.
        host: address to listen on.
        port: likewise.
        votes: reviewers per picture.
        token: what browsers must know; empty = nothing.
    """
    from streamlit.web import bootstrap

    from curate._ui.settings import Settings, to_environment

    to_environment(Settings(workspace, votes, token))
    options: dict[str, object] = {
        "server_address": host,
        "server_port": port,
        "server_headless": True,
        "server_fileWatcherType": "none",
        "server_runOnSave": False,
        "server_allowedHosts": [host, "localhost", "127.0.0.1", "[::1]", "::1"] if is_this_machine(host) else [],
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
    with as_file(files("curate._ui") / "app.py") as app:
        bootstrap.load_config_options(options)
        bootstrap.run(str(app), is_hello=False, args=[], flag_options=options)
