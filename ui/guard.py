"""Who gets an answer at all: only pages of this very server, outside frames, in browsers that know the token."""

import hashlib
import hmac
import re
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["guarded"]

_HEADERS = (
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # the address holds the token
)
_ASK_FOR_IT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>curate review</title></head>
<body><h1>A token is needed</h1>
<p>Open the address that <code>curate review</code> printed; it ends in ?token= and a long number.</p></body></html>
"""


def guarded(app: "ASGIApp", token: str, *, name: str, hosts: Collection[str] = ()) -> "ASGIApp":
    """An app that answers only those who may see it.

    Whoever opens the address with the token gets a cookie, by which the browser fetches all that belongs to the page.
    Cookies are sent to other ports of a machine, too; so it holds no token, and does not stand for one: pages still
    want the token in their address before they show anything.

    Args:
        app: what is guarded.
        token: what browsers must know.
        name: of the cookie; servers on one machine share all cookies and must not overwrite each other's.
        hosts: names by which this server may be asked; empty = any. Other names are those of strangers, who pointed
            them at this machine.
    """
    pass_word = hashlib.sha256(f"cookie {token}".encode()).hexdigest()
    cookie = f"{name}={pass_word}; Path=/; HttpOnly; SameSite=Strict".encode()

    async def guard(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
        elif not _is_same_origin(scope) or (hosts and _asked_host(scope) not in hosts):
            await _refuse(scope, receive, send, "only pages of this server may ask")
        elif _opens_with(scope, token):
            await app(scope, receive, _adding(send, (*_HEADERS, (b"set-cookie", cookie))))
        elif _has_cookie(scope, name, pass_word):
            await app(scope, receive, _adding(send, _HEADERS))
        else:
            await _refuse(scope, receive, send, _ASK_FOR_IT)

    return guard


def _is_same_origin(scope: "Scope") -> bool:
    """Does the page that asks, where the browser names one, come from the scheme, host and port that it asks?"""
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    hosts, origins = _header(scope, b"host"), _header(scope, b"origin")
    return len(hosts) == 1 and origins in ([], [f"{scheme}://{hosts[0]}"])


def _asked_host(scope: "Scope") -> str:
    """Without the port, in lower case."""
    return re.sub(r":[0-9]*$", "", _header(scope, b"host")[0]).lower()


def _opens_with(scope: "Scope", token: str) -> bool:
    given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])
    return hmac.compare_digest(given[0].encode(), token.encode())


def _has_cookie(scope: "Scope", name: str, pass_word: str) -> bool:
    for line in _header(scope, b"cookie"):
        try:
            found = SimpleCookie(line).get(name)
        except CookieError:
            continue
        if found is not None and hmac.compare_digest(found.value.encode(), pass_word.encode()):
            return True
    return False


def _header(scope: "Scope", name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _adding(send: "Send", headers: tuple[tuple[bytes, bytes], ...]) -> "Send":
    async def send_with_headers(message: "Message") -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return send_with_headers


async def _refuse(scope: "Scope", receive: "Receive", send: "Send", text: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    body = text.encode()
    kind = b"text/html; charset=utf-8" if text.startswith("<") else b"text/plain; charset=utf-8"
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 403, "headers": [*headers, *_HEADERS]})
    await send({"type": "http.response.body", "body": body})
