"""What surrounds every answer: security headers, and a check on who asks for a change."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def content_policy(*, demo: bool, drawn_data: bool = False) -> str:
    """Return the Content-Security-Policy: nothing but this server, no inline script or style.

    Args:
        demo: The stand-in sites' pictures, on loopback, may be shown.
        drawn_data: Images may come from `data:` addresses (the style sheet of /docs draws so).
    """
    images = "'self'"
    images += " http://127.0.0.1:* http://localhost:*" if demo else ""
    images += " data:" if drawn_data else ""
    return (
        f"default-src 'self'; img-src {images}; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'; frame-ancestors 'none'"
    )


class Guard:
    """ASGI middleware: headers on every answer; a change may be asked for by our pages only.

    Browsers say in `Sec-Fetch-Site` whether a request comes from the site itself; older ones name
    the page's `Origin`. A caller that sends neither is no browser and carries no cookies of its
    visitor. (The rule that Go's `http.CrossOriginProtection` states.)
    """

    def __init__(self, app: ASGIApp, *, demo: bool, index: bool) -> None:
        self._app = app
        self._headers = {
            "content-security-policy": content_policy(demo=demo),
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "x-frame-options": "DENY",
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        }
        if not index:
            self._headers["x-robots-tag"] = "noindex, nofollow"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] not in _SAFE and not _from_ourselves(Headers(scope=scope)):
            refusal = PlainTextResponse("This request comes from another site.\n", 403)
            await refusal(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)


def _from_ourselves(headers: Headers) -> bool:
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")
