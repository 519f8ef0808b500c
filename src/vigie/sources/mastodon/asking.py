"""Which requests open a timeline and continue it.

What left a timeline may still be there: no request of a timeline closes anything, so each says
that it is bounded. (Paging by the ``Link`` header: seen in captured answers.)
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from vigie.errors import ConfigError
from vigie.model.capture import Capture, Query, Request
from vigie.sources.answers import decoded, is_older
from vigie.sources.values import text, without_scrub

PAGE: Final = 40
"""The most that a server gives in one page."""
_HOST: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_NEXT: Final = re.compile(r'<(https://[^<>\s]{1,2000})>;\s*rel="?next"?')
_TIMELINES: Final = "/api/v1/timelines/"
OPTIONS: Final = frozenset({"tags", "since_id"})


def first_requests(source: str, server: str, query: Query) -> Iterator[Request]:
    """Yield the first page of each timeline that *query* means.

    Raises:
        ConfigError: the server is no host's name, or an option is unknown.
    """
    if not _HOST.fullmatch(server):
        raise ConfigError(f"[sources.{source}] server = {server!r}: expected a name such as a.tld")
    if unknown := query.options.keys() - OPTIONS:
        known = ", ".join(sorted(OPTIONS))
        raise ConfigError(f"{source}: unknown option {min(unknown)!r}. Known: {known}")
    named = query.options.get("tags", "").split(",") if "tags" in query.options else [query.words]
    tags = list(dict.fromkeys(tag for one in named if (tag := tag_of(one))))
    asked = {"limit": str(PAGE)}
    if since := query.options.get("since_id"):
        asked["since_id"] = since
    note = {"bounded": "timeline"}
    if query.since_hours is not None:
        note["since_hours"] = str(query.since_hours)
    for path in [f"tag/{quote(tag)}" for tag in tags] or ["public"]:
        yield Request(url=f"https://{server}{_TIMELINES}{path}?{urlencode(asked)}", note=note)


def tag_of(words: str) -> str:
    """Return *words* as a hashtag, which holds letters, digits and underscores only."""
    return re.sub(r"[^\w·]+", "", words)


def next_requests(page: Capture) -> Iterator[Request]:
    """Yield the page after *page*; none after the last, or when what follows is too old."""
    found = _NEXT.search(page.header("Link") or "")
    statuses = decoded(page.body)
    if found is None or not isinstance(statuses, list) or not statuses:
        return
    url, here = urlsplit(found[1]), urlsplit(page.url)
    same = (url.netloc, url.path) == (here.netloc, here.path)
    if not same or not found[1].isascii() or found[1] == page.url:
        return
    if not is_older(page, text(statuses[-1], "created_at")):
        yield Request(url=found[1], note=without_scrub(page.note))


def newest(page: Capture) -> str | None:
    """Return the first post's number on the server; None when the page shows none."""
    statuses = decoded(page.body) if page.status == 200 else None
    return text(statuses[0], "id") if isinstance(statuses, list) and statuses else None
