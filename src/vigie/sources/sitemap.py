"""Sitemaps: which addresses of a site they name, and which of those a query is about.

For the sources that read any site by its sitemap. A sitemap may be an index of others, and may come
as a gzip file, which is unpacked up to the size of a page. The format is
sitemaps.org's.
"""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html import unescape
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import msgspec

from vigie.errors import ConfigError, Empty, PageChanged, SourceError
from vigie.model.capture import BODY_LIMIT_BYTES, Capture, Query, Request, merge_notes
from vigie.model.web_address import canonical_url
from vigie.sources.blanking import REVISION, Blanking
from vigie.sources.values import without_scrub
from vigie.sources.webpage import given_address, linked

DEPTH: Final = "depth"
"""Name in the note: how many sitemaps lie above this one."""
PAGE: Final = "page"
"""Name in the note of a page that a sitemap named; its value says whether `match` chose it."""
BOUNDED: Final = "since_hours"
"""Name in the note: not everything was asked for, so absence says nothing."""
DEEPEST: Final = 2
MOST_SITEMAPS: Final = 200

_PATH: Final = "/%:@!$&'()*+,;=~"
_QUERY: Final = _PATH + "?[]"
_GZIP: Final = b"\x1f\x8b"
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<\?[^>]{0,500}>\s*+|<!--[^>]{0,500}-->\s*+){0,9}"
    rb"<(?:\w{1,20}:)?(urlset|sitemapindex)\b"
)
_END = re.compile(r"</(?:\w{1,20}:)?(?:url|sitemap)\s*>")
_PART = re.compile(r"<(?:\w{1,20}:)?(loc|lastmod)\s*>\s*(?:<!\[CDATA\[)?([^<]{1,4000})(?=<|\Z)")


class Entry(msgspec.Struct, frozen=True):
    """One address of a sitemap."""

    url: str
    changed: str | None


class Sitemap(msgspec.Struct, frozen=True):
    """What a sitemap names."""

    index: bool
    """Whether it names other sitemaps rather than pages."""
    entries: tuple[Entry, ...]
    cut: bool = False
    """Whether it names more than could be read: it breaks off, is too long, or has broken parts."""


@lru_cache(maxsize=2)  # items, follow and scrub ask for the same page one after another
def sitemap_of(body: bytes) -> Sitemap | None:
    """Return the sitemap in *body*, packed or not; None when it holds none."""
    plain, cut = unpacked(body)
    root = _ROOT.match(plain)
    if root is None:
        return None
    found = []
    *entries, rest = _END.split(plain.decode("utf-8", "replace"))
    cut = cut or "<loc" in rest or "</" not in rest
    for entry in entries:
        told: dict[str, str] = {}
        for name, value in _PART.findall(entry):
            # The first counts: a picture of the page has a place of its own after it.
            told.setdefault(name, unescape(value.replace("]]>", "").strip()))
        if told.get("loc"):
            found.append(Entry(told["loc"], told.get("lastmod") or None))
        else:
            cut = True
    return Sitemap(root[1] == b"sitemapindex", tuple(found), cut)


def unpacked(body: bytes) -> tuple[bytes, bool]:
    """Return *body* without its gzip packing, up to the size of a page, and whether there is more.

    Empty when it is broken.
    """
    if not body.startswith(_GZIP):
        return body, False
    packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = packed.decompress(body, BODY_LIMIT_BYTES)
    except zlib.error:
        return b"", False
    more = packed.unconsumed_tail or not packed.eof or packed.unused_data.strip(b"\0")
    return plain, bool(more)


def scrubbed(page: Capture, blanking: Blanking) -> Capture:
    """Return *page* blanked. A sitemap names no people; a packed file that is none goes whole,
    since nobody could blank what is in it."""
    if not page.body.startswith(_GZIP):
        return blanking.xml(page) if sitemap_of(page.body) is not None else blanking.html(page)
    known = sitemap_of(page.body) is not None
    before = int(page.note.get("scrubbed", "0"))
    note = {"scrubbed": str(before + (not known)), REVISION: blanking.revision}
    body = page.body if known else b""
    return msgspec.structs.replace(page, body=body, note=merge_notes(page.note, note))


def first_request(source: str, query: Query) -> Request:
    """Return the request for the address in option ``url``: a sitemap or a page.

    Raises:
        ConfigError: there is no such option, its address cannot be asked for, another option is
            unknown, or the query narrows by words or a place.
    """
    if query.words or query.place:
        raise ConfigError(
            f"{source}: query {query.name!r} asks for words or a place, which a sitemap cannot be "
            f"narrowed by: leave them out, use option match, or filter what is found"
        )
    for option in query.options:
        if option not in ("url", "match"):
            raise ConfigError(f"{source}: unknown option {option!r}. Known: match, url")
    if not query.options.get("url"):
        raise ConfigError(f"{source}: query {query.name!r} needs option url: a sitemap or a page")
    note = {DEPTH: "0"}
    if match := query.options.get("match"):
        note["match"] = match
    if query.since_hours is not None:
        note[BOUNDED] = str(query.since_hours)
    return Request(url=given_address(source, query.options["url"]), note=note)


def next_requests(page: Capture, most: int) -> Iterator[Request]:
    """Yield the sitemaps or pages that a sitemap names, those last changed first.

    Args:
        most: So many pages of one sitemap at most. What is left out, for this or any other reason,
            is noted: such a scan closes nothing.
    """
    found = sitemap_of(page.body)
    depth = _depth(page)
    if found is None or depth is None:
        return
    note = without_scrub(page.note)
    urls, partly = _chosen(page, found)
    if found.index:
        left = {BOUNDED: note.get(BOUNDED, "")} if partly or len(urls) > MOST_SITEMAPS else {}
        for url in urls[:MOST_SITEMAPS]:
            yield Request(url=url, note=note | left | {DEPTH: str(depth + 1)})
        return
    left = {BOUNDED: note.get(BOUNDED, "")} if partly or len(urls) > most else {}
    kept = {name: value for name, value in note.items() if name != DEPTH}
    for url in urls[:most]:
        # Should the page be gone, its note says which listing that closes.
        told = {
            PAGE: "matched" if note.get("match") else "named",
            "native_id": canonical_url(url) or url,  # a token of the visit names no other page
        }
        yield Request(url=url, note=kept | left | told)


def condemned(source: str, page: Capture) -> SourceError | None:
    """Return the error of a page that is a sitemap, since it holds no listing; None for another.

    It is empty; when it names pages and none of them can be asked for, it has changed.
    """
    found = sitemap_of(page.body)
    if found is None:
        return None
    if _depth(page) is not None:
        urls, partly = _chosen(page, found)
        if partly and not urls:
            return PageChanged(source, page.url, "an address on its own host, in a whole sitemap")
    return Empty(source, page.url)


def _depth(page: Capture) -> int | None:
    """Return how many sitemaps lie above *page*; None when it is to lead nowhere."""
    depth = page.note.get(DEPTH, "")
    if not (depth.isascii() and depth.isdecimal()) or len(depth) > 2 or PAGE in page.note:
        return None
    return int(depth)


def _chosen(page: Capture, found: Sitemap) -> tuple[list[str], bool]:
    """Return the addresses to ask for, newest first, and whether any was left out that the query
    is about: on another host, nothing that can be asked for, or too deep."""
    match = "" if found.index else page.note.get("match", "")
    since = page.note.get(BOUNDED, "")
    oldest = None
    if since.isascii() and since.isdecimal() and len(since) < 7:
        oldest = page.at - timedelta(hours=int(since))
    if found.index and (_depth(page) or 0) >= DEEPEST:
        return [], bool(found.entries) or found.cut
    urls: dict[str, None] = {}
    partly = found.cut
    # Stable: those without a date keep their order, after the others.
    for entry in sorted(found.entries, key=lambda entry: entry.changed or "", reverse=True):
        url = _askable(page, entry.url)
        if match not in entry.url and match not in (url or ""):
            continue
        if _older(entry.changed, oldest):
            continue
        if url is None:
            partly = True
        elif url != page.url:
            urls[url] = None
    return list(urls), partly


def _askable(page: Capture, told: str) -> str | None:
    """Return the address *told* as it can be asked for: https, in ASCII, on the page's own host.

    None when it cannot: it is another host's, or no web address.
    """
    own = urlsplit(page.url)
    try:
        parts = urlsplit(urljoin(page.url, told.strip()))
        same = _host(parts) == _host(own)
    except ValueError:
        return None
    if not same or parts.scheme not in ("http", "https"):
        return None
    path, query = quote(parts.path, safe=_PATH), quote(parts.query, safe=_QUERY)
    url = urlunsplit(("https", own.netloc, path, query, ""))
    return linked(page, url)


def _host(parts: SplitResult) -> tuple[str, int]:
    """Return a host in ASCII and its port; http's own counts as https's.

    Raises:
        ValueError: there is none.
    """
    name = parts.hostname or ""
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    port = parts.port
    return name, 443 if port is None or (port == 80 and parts.scheme == "http") else port


def _older(changed: str | None, oldest: datetime | None) -> bool:
    """Whether a date is told and lies before *oldest*; a day counts to its end."""
    if changed is None or oldest is None:
        return False
    try:
        at = datetime.fromisoformat(changed)
    except ValueError:
        return False
    if len(changed) <= 10:
        at += timedelta(days=1)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) < oldest
