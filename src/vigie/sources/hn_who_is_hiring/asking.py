"""Which questions lead to the offers of the newest thread, and which hits are offers."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from vigie.errors import ConfigError, Empty, PageChanged
from vigie.model.capture import Capture, Query, Request
from vigie.sources.answers import decoded, json_of
from vigie.sources.values import part, parts, text, whole, without_scrub

API: Final = "https://hn.algolia.com/api/v1/search_by_date"
THREADS: Final = "story,author_whoishiring"
HITS: Final = 1000
"""The most hits that the API gives of one question."""

_HIRING = re.compile(r"\bwho is hiring\b", re.I)
_LATEST: Final = 10**12
"""Seconds of the epoch: nothing is newer, and no address grows without end."""
_STORY = re.compile(r"\d{1,12}")


def first_request(source: str, query: Query) -> Request:
    """Return the request for the threads, or for the comments of the one that *query* names.

    Raises:
        ConfigError: a place is asked for, or an option is unknown or no number.
    """
    if query.place:
        raise ConfigError(
            f"{source}: query {query.name!r} asks for a place, which comments do not tell apart: "
            f"leave it out and filter what is found"
        )
    note = {"words": query.words.strip()} if query.words.strip() else {}
    if query.since_hours is not None:
        note["since_hours"] = str(query.since_hours)
    for option, value in query.options.items():
        if option != "story" or not _STORY.fullmatch(value):
            raise ConfigError(
                f"{source}: option {option!r} = {value!r} cannot be asked for. Known: story, the "
                f"number of a thread"
            )
    if story := query.options.get("story"):
        return _comments(story, note, ())
    asked = urlencode({"tags": THREADS, "hitsPerPage": "20"})
    return Request(url=f"{API}?{asked}", note=note)


def next_requests(page: Capture) -> Iterator[Request]:
    """Yield the comments of the newest thread, or those older than all of *page*."""
    if not page.url.startswith(f"{API}?"):
        return
    note, answer = without_scrub(page.note), decoded(page.body)
    hits = parts(answer, "hits")
    since = note.get("since_hours", "")
    bounds: tuple[str, ...] = ()
    if since.isdecimal() and len(since) < 7:
        opened = page.at - timedelta(hours=int(since))
        bounds = (f"created_at_i>={int(opened.timestamp())}",)
    story = _story_of(page)
    if story is None:
        thread = _newest(hits)
        if thread:
            yield _comments(thread, note, bounds)
        return
    times = [time for hit in hits if (time := whole(hit, "created_at_i")) is not None]
    total = whole(answer, "nbHits")
    shown = part(answer).get("hits")
    if not times or total is None or not isinstance(shown, list) or total <= len(shown):
        return
    oldest, before = min(times), _before(page)
    # Comments of the oldest second may be on either side of the cut: they are asked for again.
    limit = oldest if before is None or oldest < before else oldest - 1
    if 0 < limit < _LATEST:
        yield _comments(story, note, (*bounds, f"created_at_i<={limit}"))


def offers_of(source: str, page: Capture) -> list[Any]:
    """Return the hits that are comments on the thread itself.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    hits = part(json_of(source, page)).get("hits")
    if not isinstance(hits, list):
        raise PageChanged(source, page.url, 'list "hits"')
    story = _story_of(page)
    if story is None and page.url.startswith(f"{API}?") and hits and _newest(parts(hits)) is None:
        raise PageChanged(source, page.url, 'thread "Who is hiring?"')
    if story is None and page.url.startswith(f"{API}?"):
        raise Empty(source, page.url)
    found = [hit for hit in hits if _is_offer(hit)]
    if not found:
        raise Empty(source, page.url)
    return found


def _is_offer(hit: Any) -> bool:
    """Whether a hit answers its thread rather than a comment; what cannot be told is an item."""
    parent, story = text(hit, "parent_id"), text(hit, "story_id")
    return parent is None or story is None or parent == story


def _newest(hits: list[dict[str, Any]]) -> str | None:
    """Return the newest thread of offers: the same account asks who wants to be hired, too."""
    found = [
        (whole(hit, "created_at_i") or 0, native_id)
        for hit in hits
        if _HIRING.search(text(hit, "title") or "")
        and (native_id := text(hit, "objectID"))
        and _STORY.fullmatch(native_id)
    ]
    return max(found)[1] if found else None


def _comments(story: str, note: dict[str, str], bounds: tuple[str, ...]) -> Request:
    asked = {"tags": f"comment,story_{story}", "hitsPerPage": str(HITS)}
    if words := note.get("words"):
        asked["query"] = words
    if bounds:
        asked["numericFilters"] = ",".join(bounds)
    return Request(url=f"{API}?{urlencode(asked)}", note=note)


def _story_of(page: Capture) -> str | None:
    """Return the thread whose comments *page* was asked for."""
    tags = parse_qs(urlsplit(page.url).query).get("tags", [""])[0]
    found = re.fullmatch(r"comment,story_(\d{1,12})", tags)
    return found[1] if found else None


def _before(page: Capture) -> int | None:
    """Return the time that the comments of *page* were asked to be no newer than."""
    filters = parse_qs(urlsplit(page.url).query).get("numericFilters", [""])[0]
    found = re.search(r"created_at_i<=(\d{1,12})", filters)
    return int(found[1]) if found else None
