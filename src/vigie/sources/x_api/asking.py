"""Which requests open a query and continue it.

A search for the last seven days proves nothing by what it does not show: older posts leave it. So
every request of it says that it is bounded, and no run of it closes anything.

Source: the API's parameters as twarc asks them (github.com/DocNow/twarc, ``client2.py``) and as
they stand in captured answers (``__twarc.url``).
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from vigie.errors import ConfigError
from vigie.model.capture import Capture, Query, Request
from vigie.sources.answers import decoded, is_older
from vigie.sources.values import part, text, without_scrub

from .answer import too_old

API: Final = "https://api.x.com/2/tweets/search/"
RECENT_HOURS: Final = 7 * 24
EXPANSIONS: Final = "referenced_tweets.id,geo.place_id"
"""No author is asked for beyond the id that a post carries."""
FIELDS: Final = (
    "author_id,conversation_id,created_at,geo,in_reply_to_user_id,lang,note_tweet,"
    "public_metrics,possibly_sensitive,referenced_tweets,withheld"
)
OPTIONS: Final = frozenset({"since_id", "until_id", "start_time", "end_time"})


def first_request(source: str, query: Query, *, archive: bool, size: int) -> Request:
    """Return the first page of *query*.

    Raises:
        ConfigError: no words, or an option that the API does not know.
    """
    if not query.words.strip():
        raise ConfigError(f"{source}: query {query.name!r} has no words to search for")
    if unknown := query.options.keys() - OPTIONS:
        known = ", ".join(sorted(OPTIONS))
        raise ConfigError(f"{source}: unknown option {min(unknown)!r}. Known: {known}")
    most = size if query.limit is None else min(size, query.limit)
    asked = {
        "query": query.words,
        "max_results": str(max(10, min(100, most))),
        "tweet.fields": FIELDS,
        "expansions": EXPANSIONS,
        "place.fields": "country_code,full_name,name",
        **{name: query.options[name] for name in sorted(query.options)},
    }
    note = {}
    if query.since_hours is not None or not archive:
        hours = RECENT_HOURS if query.since_hours is None else query.since_hours
        note["since_hours"] = str(hours if archive else min(hours, RECENT_HOURS))
    if "since_id" in query.options:
        note["bounded"] = "since_id"
    return Request(url=f"{API}{'all' if archive else 'recent'}?{urlencode(asked)}", note=note)


def next_requests(page: Capture) -> Iterator[Request]:
    """Yield the page after *page*; none after the last, or when what follows is too old."""
    parts = urlsplit(page.url)
    if f"{parts.scheme}://{parts.netloc}{parts.path}" not in (f"{API}recent", f"{API}all"):
        return
    asked = dict(parse_qsl(parts.query))
    if too_old(page):
        asked.pop("since_id", None)
        asked.pop("next_token", None)
    else:
        token = text(decoded(page.body), "meta", "next_token")
        if page.status != 200 or token is None or token == asked.get("next_token"):
            return
        if _all_older(page):
            return
        asked["next_token"] = token
    url = f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(asked)}"
    if url != page.url:
        yield msgspec.structs.replace(Request(url=url), note=without_scrub(page.note))


def _all_older(page: Capture) -> bool:
    """Return whether the oldest post of the page is older than was asked for."""
    posts = part(decoded(page.body)).get("data")
    return is_older(
        page, text(posts[-1], "created_at") if isinstance(posts, list) and posts else None
    )
