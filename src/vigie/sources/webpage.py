"""Web pages for the readers of all sources: their text, their parts, and addresses people give.

An address that a person gives may lead anywhere: it is https, carries no name and password, and
is ASCII. Where a name leads is judged by the collector.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from vigie.errors import ConfigError
from vigie.model.capture import Capture

_CHARSET: Final = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,200}(?:charset|encoding)=[\"']?([\w\-]{3,20})", re.I
)
_TOLD: Final = re.compile(r"charset=[\"']?([\w\-]{3,20})", re.I)
_ENCODINGS: Final = frozenset({
    "utf-8", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252", "windows-1256",
})  # fmt: skip


def text_of(page: Capture) -> str:
    """Return the page's text: in the encoding that its header or its markup tells, else UTF-8."""
    told = _TOLD.search(page.header("Content-Type") or "")
    meta = _CHARSET.search(page.body[:2048])
    name = told[1] if told else meta[1].decode("ascii", "replace") if meta else "utf-8"
    return page.body.decode(name.lower() if name.lower() in _ENCODINGS else "utf-8", "replace")


@lru_cache(maxsize=2)  # items and follow ask for the same page one after another
def tree_of(text: str) -> LexborHTMLParser:
    """Return the tree of an HTML page, not to be changed."""
    return LexborHTMLParser(text)


def plain(node: LexborNode | None) -> str | None:
    """Return the text of a part of a page on one line; None when there is none."""
    return None if node is None else " ".join(node.text(separator=" ").split()) or None


def markup(node: LexborNode | None) -> str | None:
    """Return the HTML of a part of a page; None when it holds no text."""
    return node.html if node is not None and plain(node) else None


def first_of(node: LexborHTMLParser | LexborNode, *selectors: str) -> LexborNode | None:
    """Return the part that the first fitting of *selectors* finds."""
    return next((found for one in selectors if (found := node.css_first(one)) is not None), None)


def is_web_address(url: str) -> bool:
    """Return whether *url* may be asked for: https, ASCII, a host, no name and password in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain_text = url.isascii() and url.isprintable() and " " not in url
    return bool(parts.scheme == "https" and host and plain_text and "@" not in parts.netloc)


def given_address(source: str, url: str) -> str:
    """Return the address *url* that a person gave, without its fragment.

    Raises:
        ConfigError: it is nothing that may be asked for.
    """
    url = url.strip().partition("#")[0]
    if not is_web_address(url):
        shown = url if "@" not in url else "an address with a name in it"
        raise ConfigError(
            f"{source}: {shown!r} cannot be asked for: give an https address in ASCII, without "
            f"name and password"
        )
    return url


def linked(page: Capture, href: str | None) -> str | None:
    """Return the address that *href* on *page* leads to, when it is one of the same host."""
    if not href or not page.url.startswith("https://"):
        return None
    try:
        url = urljoin(page.url, href.strip()).partition("#")[0]
        same = urlsplit(url).netloc == urlsplit(page.url).netloc
    except ValueError:
        return None
    return url if same and is_web_address(url) else None
