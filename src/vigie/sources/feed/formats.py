"""What RSS, Atom and JSON Feed hold, in one shape.

XML is read by Python's own parser. A feed that declares entities of its own is none we read: it
could grow without bound. Control characters, which XML forbids and feeds carry, are taken out
first.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Any, Final

import msgspec

from vigie.errors import Empty
from vigie.model.capture import Capture
from vigie.sources.answers import changed, condemn, decoded
from vigie.sources.values import part, parts, text, texts

ATOM: Final = "http://www.w3.org/2005/Atom"
CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"
OWN: Final = frozenset({"", ATOM, "http://purl.org/rss/1.0/"})
"""Namespaces of the formats themselves."""
FACTS: Final = {
    "company": "company", "location": "place_raw", "job_type": "contract_raw",
    "salary": "pay_raw", "category": "occupation_raw",
}  # fmt: skip
"""What job boards add to entries, by the name of the element, whatever its namespace."""

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARED = re.compile(r"<!(?:ENTITY|DOCTYPE\s[^>]*\[)", re.I)
_PROLOGUE = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding=[\"']([\w\-]{3,20})")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, every part as the feed shows it."""

    native_id: str | None = None
    url: str | None = None
    title: str | None = None
    content: str | None = None
    summary: str | None = None
    published: str | None = None
    updated: str | None = None
    lang: str | None = None
    facts: dict[str, str] = {}
    """More fields of the model, from what job boards add."""
    posting: dict[str, Any] | None = None
    """JSON Feed's ``_jobposting``: JSON-LD."""
    broken: str | None = None
    """What stood in an entry's place."""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a feed."""

    entries: tuple[Entry, ...]
    following: str | None = None
    """Address of its next page."""


def entries_of(source: str, page: Capture) -> tuple[Entry, ...]:
    """Return the entries of *page*.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    condemn(source, page)
    feed = feed_of(page.body)
    if feed is None:
        raise changed(source, page, "feed (RSS, Atom or JSON Feed)")
    if not feed.entries:
        raise Empty(source, page.url)
    return feed.entries


@lru_cache(maxsize=2)  # items and follow ask for the same page one after another
def feed_of(body: bytes) -> Channel | None:
    """Return the feed in *body*; None when it holds none."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        return _json_feed(decoded(body))
    root = _root(body) if start == b"<" else None
    if root is None:
        return None
    space, name = _named(root)
    if name == "feed" and space == ATOM:
        return _atom(root)
    if name in ("rss", "RDF"):
        return _rss(root)
    return None


def _root(body: bytes) -> ET.Element | None:
    told = _ENCODING.search(body[:300])
    try:
        shown = body.decode(told[1].decode("ascii") if told else "utf-8", "replace")
    except LookupError:
        shown = body.decode("utf-8", "replace")
    if _DECLARED.search(shown):
        return None
    shown = _PROLOGUE.sub("", _FORBIDDEN.sub("", shown.removeprefix("\ufeff")))
    try:
        return ET.fromstring(shown)  # noqa: S314 - entities are refused above
    except (ET.ParseError, ValueError, RecursionError):
        return None


def _rss(root: ET.Element) -> Channel:
    channel = next((one for one in root if _named(one)[1] == "channel"), root)
    entries = [one for one in root.iter() if _named(one)[1] == "item" and _named(one)[0] in OWN]
    lang = next((_text(one) for one in channel if _named(one) == ("", "language")), None)
    return Channel(
        entries=tuple(_rss_entry(entry, lang) for entry in entries), following=_next(channel)
    )


def _rss_entry(entry: ET.Element, lang: str | None) -> Entry:
    own = _parts(entry, OWN - {ATOM})
    content = _parts(entry, {CONTENT}).get("encoded")
    dublin = _parts(entry, {DUBLIN_CORE})
    guid = next((one for one in entry if _named(one)[1] == "guid"), None)
    permanent = guid is not None and guid.get("isPermaLink") != "false"
    identity, link = own.get("guid"), own.get("link")
    if link is None and permanent and (identity or "").startswith(("https://", "http://")):
        link = identity
    return Entry(
        native_id=identity or link,
        url=link,
        title=own.get("title"),
        content=content,
        summary=own.get("description"),
        published=own.get("pubDate") or dublin.get("date"),
        lang=dublin.get("language") or lang,
        facts=_facts(entry),
    )


def _atom(root: ET.Element) -> Channel:
    lang = root.get("{http://www.w3.org/XML/1998/namespace}lang")
    entries = [one for one in root if _named(one) == (ATOM, "entry")]
    return Channel(
        entries=tuple(_atom_entry(entry, lang) for entry in entries), following=_next(root)
    )


def _atom_entry(entry: ET.Element, lang: str | None) -> Entry:
    own = _parts(entry, {ATOM})
    links = (one for one in entry if _named(one) == (ATOM, "link"))
    pages = (one.get("href") for one in links if one.get("rel", "alternate") == "alternate")
    link = next(pages, None)
    return Entry(
        native_id=own.get("id") or link,
        url=link,
        title=own.get("title"),
        content=own.get("content"),
        summary=own.get("summary"),
        published=own.get("published") or own.get("updated"),
        updated=own.get("updated"),
        lang=entry.get("{http://www.w3.org/XML/1998/namespace}lang") or lang,
        facts=_facts(entry),
    )


def _json_feed(answer: Any) -> Channel | None:
    entries = part(answer).get("items")
    if not isinstance(entries, list):
        return None
    lang = text(answer, "language")
    return Channel(
        entries=tuple(_json_entry(entry, lang) for entry in entries),
        following=text(answer, "next_url"),
    )


def _json_entry(entry: Any, lang: str | None) -> Entry:
    if not isinstance(entry, dict):
        return Entry(broken=type(entry).__name__)
    url = text(entry, "url") or text(entry, "external_url")
    tags = texts(entry, "tags")
    return Entry(
        native_id=text(entry, "id") or url,
        url=url,
        title=text(entry, "title"),
        content=text(entry, "content_html") or text(entry, "content_text"),
        summary=text(entry, "summary"),
        published=text(entry, "date_published"),
        updated=text(entry, "date_modified"),
        lang=text(entry, "language") or lang,
        facts={"occupation_raw": "; ".join(tags)} if tags else {},
        posting=next(iter(parts(entry, "_jobposting")), part(entry, "_jobposting")) or None,
    )


def _facts(entry: ET.Element) -> dict[str, str]:
    """Return what a job board adds to an entry; several categories are told together."""
    found: dict[str, list[str]] = {}
    for one in entry:
        space, name = _named(one)
        field = FACTS.get(name)
        value = _text(one) or (one.get("label") or one.get("term") if space == ATOM else None)
        if field and value:
            found.setdefault(field, []).append(value)
    return {field: "; ".join(dict.fromkeys(values)) for field, values in found.items()}


def _next(channel: ET.Element) -> str | None:
    """Return the next page that a feed links (RFC 5005)."""
    links = (one for one in channel if _named(one) == (ATOM, "link"))
    return next((one.get("href") for one in links if one.get("rel") == "next"), None)


def _parts(entry: ET.Element, spaces: frozenset[str] | set[str]) -> dict[str, str]:
    """Return the texts of an entry's parts in *spaces* by name; the first of several."""
    found: dict[str, str] = {}
    for one in entry:
        space, name = _named(one)
        if space in spaces and name not in found and (value := _text(one)):
            found[name] = value
    return found


def _text(node: ET.Element) -> str | None:
    """Return what a part says; XHTML in it as markup."""
    said = "".join(_markup(node)) if len(node) else node.text or ""
    return said.strip() or None


def _markup(node: ET.Element) -> Iterator[str]:
    """Yield what is inside *node* as HTML, without namespaces and attributes, however deep."""
    yield escape(node.text or "", quote=False)
    stack = [iter(node)]
    opened: list[tuple[str, str]] = []
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            if opened:
                name, tail = opened.pop()
                yield f"</{name}>{escape(tail, quote=False)}"
            continue
        name = _named(child)[1]
        yield f"<{name}>{escape(child.text or '', quote=False)}"
        opened.append((name, child.tail or ""))
        stack.append(iter(child))


def _named(node: ET.Element) -> tuple[str, str]:
    """Return namespace and name of *node*; both empty for a comment."""
    if not isinstance(node.tag, str):
        return "", ""
    space, _, name = node.tag.rpartition("}")
    return space.removeprefix("{"), name
