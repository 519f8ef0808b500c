"""One stand-in site on a port of loopback: HTTP/1.1, a thread a connection, faults on demand.

Pictures are served by every stand-in: ``/pictures/<n>.svg`` and, as Avito.ma names them,
``/classifieds/images/<n>``.
"""

import contextlib
import re
import socket
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from vigie.demo.contents import Contents
from vigie.demo.fault import Fault
from vigie.demo.pictures import draw_picture
from vigie.demo.sending import send_page, send_wrongly
from vigie.demo.site import CHALLENGE, NOT_FOUND, Ask, Page, Site
from vigie.demo.wrong_pages import LOGIN, without_words

_PICTURE: Final = re.compile(r"/(?:pictures/(\d+)\.svg|classifieds/images/(\d+))")
SENDING: Final = frozenset({
    "slow", "trickle", "stall", "close", "cut_short", "bad_chunks", "garbage", "coded", "bomb",
    "endless_body", "huge", "redirect_bomb",
})  # fmt: skip
LESS: Final = frozenset({"empty", "short", "late"})


@dataclass(frozen=True)
class Asked:
    """One request that a stand-in received: what tests look at."""

    at: datetime
    method: str
    path: str
    query: str
    headers: dict[str, str] = field(repr=False)


class SiteServer:
    """A stand-in site that is being served."""

    def __init__(self, site: Site, contents: Contents) -> None:
        self.site = site
        self.asked: list[Asked] = []
        """Every request so far, in order; pictures are left out."""
        self._lock = threading.Lock()
        self._now, self._before = contents, contents
        self._fault: Fault | None = None
        self._pages = 0
        self._stopping = threading.Event()
        self._http = _Server(("127.0.0.1", 0), self)
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    @property
    def origin(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    def show(self, contents: Contents) -> None:
        """Show *contents* from now on; what was shown is yesterday's."""
        with self._lock:
            self._before, self._now = self._now, contents

    def fail(self, fault: Fault | None) -> None:
        """Show *fault* from now on; None: be well again."""
        with self._lock:
            self._fault, self._pages = fault, 0

    def close(self) -> None:
        """Stop listening and cut every connection: from now on, connections are refused."""
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._http.cut()

    def handle(self, ask: Ask, connection: socket.socket) -> bool:
        """Answer *ask*; return whether the connection may be kept."""
        if picture := _PICTURE.fullmatch(ask.path):
            return send_page(connection, _drawn(int(picture[1] or picture[2])), ask)
        with self._lock:
            query = "&".join(f"{key}={value}" for key, value in ask.query.items())
            self.asked.append(
                Asked(datetime.now(UTC), ask.method, ask.path, query, dict(ask.headers))
            )
            fault = self._current(ask)
        page = self._page(ask, fault)
        if fault is not None and fault.kind in SENDING:
            return send_wrongly(connection, page, ask, fault, self._stopping)
        return send_page(connection, page, ask)

    def _current(self, ask: Ask) -> Fault | None:
        fault = self._fault
        robots = ask.path == "/robots.txt"
        if fault is None or robots != fault.kind.startswith("robots"):
            return None
        self._pages += 1
        number = self._pages - fault.after
        if number <= 0 or (fault.times is not None and number > fault.times):
            return None
        return fault

    def _page(self, ask: Ask, fault: Fault | None) -> Page:  # noqa: PLR0911, PLR0912 - a line a fault
        contents = self._now
        if fault is not None and fault.kind == "yesterday":
            contents = self._before
        elif fault is not None and fault.kind in LESS:
            contents = _less(fault.kind, contents)
        match fault.kind if fault else None:
            case "robots" if fault:
                return Page(200, fault.text.encode(), "text/plain")
            case "status" | "robots_status" if fault:
                wait = () if fault.retry_after is None else (("Retry-After", fault.retry_after),)
                return Page(fault.status, b"<h1>Error</h1>", headers=wait)
            case "challenge":
                return CHALLENGE
            case "soft_challenge":
                return CHALLENGE._replace(status=200)
            case "login":
                return LOGIN
            case "redirect" if fault:
                return Page(302, headers=(("Location", fault.location),))
            case "redirect_loop":
                turn = "b" if "turn=a" in dict(ask.query).get("loop", "") else "a"
                return Page(302, headers=(("Location", f"/?loop=turn={turn}"),))
            case "endless":
                ask = self.site.first_page(ask)
            case "ignores_filter":
                ask = without_words(ask)
        if ask.path == "/robots.txt":
            return Page(200, self.site.robots.encode(), "text/plain; charset=utf-8")
        page = self.site.answer(ask, contents)
        if fault is not None and fault.kind == "layout_changed":
            return page._replace(body=page.body.replace(self.site.anchor, b"renamed"))
        if fault is not None and fault.kind == "charset":
            return page._replace(type=f"{page.type.partition(';')[0]}; charset=utf-16")
        return page


@lru_cache(maxsize=8)  # kept, since sites keep what they render of one contents
def _less(kind: str, contents: Contents) -> Contents:
    match kind:
        case "empty":
            return contents.empty()
        case "short":
            return contents.short()
    return contents.late()


def _drawn(number: int) -> Page:
    try:
        body = draw_picture(number)
    except ValueError:
        return NOT_FOUND
    cached = (("Cache-Control", "public, max-age=86400"),)
    return Page(200, body, "image/svg+xml", cached)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], owner: SiteServer) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]  # TCP only
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]  # TCP only
        self._open.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves early is none of our business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        parts = urlsplit(self.path)
        ask = Ask(
            self.command,
            unquote(parts.path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
        )
        kept = self.server.owner.handle(ask, self.connection)
        self.close_connection = not kept or self.headers.get("Connection") == "close"

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing: `SiteServer.asked` tells."""
