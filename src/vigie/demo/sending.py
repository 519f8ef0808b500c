"""Sending a page over a socket: as it should be, and in every way it should not."""

import gzip
import socket
import threading
import zlib
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from vigie.demo.fault import Fault
from vigie.demo.site import Ask, Page

_LONGEST_SECONDS: Final = 60.0
"""A fault that waits gives up after this, so that no thread stays for ever."""


def send_page(connection: socket.socket, page: Page, ask: Ask) -> bool:
    """Send *page* in one piece; return True: the connection may be kept."""
    body = b"" if ask.method == "HEAD" else page.body
    connection.sendall(_head(page, len(page.body)) + body)
    return True


def send_wrongly(  # noqa: PLR0912 - one branch a fault
    connection: socket.socket, page: Page, ask: Ask, fault: Fault, stopping: threading.Event
) -> bool:
    """Send *page* as *fault* says; return whether the connection may be kept."""
    match fault.kind:
        case "slow":
            stopping.wait(min(fault.seconds, _LONGEST_SECONDS))
            return send_page(connection, page, ask)
        case "coded":
            coded = packed(page.body, fault.coding)
            connection.sendall(_head(page, len(coded), fault.coding) + coded)
            return True
        case "bomb" | "redirect_bomb":
            body = bomb(fault.size, fault.coding)
            if fault.kind == "redirect_bomb":
                page = Page(302, headers=(("Location", fault.location),))
            connection.sendall(_head(page, len(body), fault.coding) + body)
            return True
        case "trickle":
            connection.sendall(_head(page, len(page.body)))
            for place in range(len(page.body)):
                if stopping.wait(fault.seconds):
                    break
                connection.sendall(page.body[place : place + 1])
        case "stall":
            connection.sendall(_head(page, len(page.body)))
            stopping.wait(min(fault.seconds, _LONGEST_SECONDS))
        case "cut_short":
            connection.sendall(_head(page, len(page.body)) + page.body[: len(page.body) // 2])
        case "bad_chunks":
            connection.sendall(_head(page, None) + b"zz\r\nnot a chunk\r\n")
        case "garbage":
            connection.sendall(b"\x00\x01\x02 this is no HTTP\r\n\r\n")
        case "huge":
            connection.sendall(_head(page, 5 * 1024**3) + b"x" * 65536)
            stopping.wait(min(fault.seconds, _LONGEST_SECONDS))
        case "endless_body":
            connection.sendall(_head(page, None))
            chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
            while not stopping.is_set():
                connection.sendall(chunk)
    return False


def packed(body: bytes, coding: str) -> bytes:
    """Return *body* compressed by an HTTP content coding."""
    match coding:
        case "gzip":
            return gzip.compress(body, 6, mtime=0)
        case "deflate":
            return zlib.compress(body)
        case "br":
            import brotli  # type: ignore[import-untyped]  # it ships no types

            return bytes(brotli.compress(body, quality=5))
        case "zstd":
            from backports import zstd

            return bytes(zstd.compress(body))
    raise ValueError(f"no coding is called {coding}")


@lru_cache(maxsize=8)
def bomb(size: int, coding: str) -> bytes:
    """Return a small body that unpacks to *size* bytes."""
    if coding != "gzip":
        return packed(bytes(size), coding)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(1 << 20)
    parts = [packer.compress(piece) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


def _head(page: Page, length: int | None, coding: str = "") -> bytes:
    """Return status line and headers; *length* None: in chunks."""
    lines = [f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}"]
    if page.body or page.status != HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Type: {page.type}")
    lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
    if coding:
        lines.append(f"Content-Encoding: {coding}")
    # As sites do: a cookie that nobody is to keep.
    lines += ["Server: stand-in", "Set-Cookie: session=not-to-be-kept; Path=/"]
    lines += [f"{name}: {value}" for name, value in page.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
