"""Which requests open a search and continue it.

The search may leave out posts and does not let one see all of its hits, so no run of it closes
anything: every request says that it is bounded.

Source: the lexicon ``app.bsky.feed.searchPosts``.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlencode

from vigie.errors import ConfigError
from vigie.model.capture import Capture, Query, Request
from vigie.sources.answers import decoded, is_older
from vigie.sources.values import parts, text, without_scrub

SEARCH: Final = "https://public.api.bsky.app/xrpc/app.bsky.feed.searchPosts"
MOST: Final = 100
OPTIONS: Final = frozenset({"lang", "tag", "domain", "since", "until"})


def first_request(source: str, query: Query) -> Request:
    """Return the first page of *query*.

    Raises:
        ConfigError: no words, or an option that the API does not know.
    """
    if not query.words.strip():
        raise ConfigError(f"{source}: query {query.name!r} has no words to search for")
    if unknown := query.options.keys() - OPTIONS:
        known = ", ".join(sorted(OPTIONS))
        raise ConfigError(f"{source}: unknown option {min(unknown)!r}. Known: {known}")
    most = MOST if query.limit is None else max(1, min(MOST, query.limit))
    asked = {"q": query.words, "sort": "latest", "limit": str(most)}
    asked |= {name: query.options[name] for name in sorted(query.options)}
    note = {"bounded": "search"}
    if query.since_hours is not None:
        note["since_hours"] = str(query.since_hours)
    return Request(url=f"{SEARCH}?{urlencode(asked)}", note=note)


def next_requests(page: Capture) -> Iterator[Request]:
    """Yield the page after *page*; none after the last, or when what follows is too old."""
    address, _, question = page.url.partition("?")
    if address != SEARCH or page.status != 200:
        return
    answer = decoded(page.body)
    cursor, posts = text(answer, "cursor"), parts(answer, "posts")
    asked = dict(parse_qsl(question))
    if cursor is None or not posts or cursor == asked.get("cursor"):
        return
    if is_older(page, text(posts[-1], "indexedAt")):
        return
    try:
        url = f"{SEARCH}?{urlencode(asked | {'cursor': cursor})}"
    except UnicodeEncodeError:  # a lone surrogate is no cursor
        return
    yield Request(url=url, note=without_scrub(page.note))
