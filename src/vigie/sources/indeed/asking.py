"""Which pages open a query on Indeed and continue it."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from vigie.errors import ConfigError, SourceError
from vigie.model.capture import Capture, Query, Request
from vigie.sources.values import without_scrub

from .page import items_of, key_of, next_href

STEP: Final = 10
OPTIONS: Final = ("fromage", "jt", "radius", "sc")
"""Age in days, kind of contract, distance, and the site's own filters (remote…)."""
AGES: Final = (1, 3, 7, 14)
"""The days that ``fromage`` knows."""

_COUNTRY = re.compile(r"[a-z]{2}")
_HOST = re.compile(r"(?:www|[a-z]{2})\.indeed\.com")


def first_request(source: str, query: Query, country: str) -> Request:
    """Return the request for the first page of *query*.

    Raises:
        ConfigError: an option is unknown, or the country is no code of two letters.
    """
    code = country.strip().lower()
    if not _COUNTRY.fullmatch(code):
        raise ConfigError(f"{source}: country {country!r} is no code of two letters (fr, uk, us)")
    asked = {"q": query.words.strip(), "l": query.place.strip(), "sort": "date"}
    for option, value in query.options.items():
        if option not in OPTIONS:
            near = get_close_matches(option, OPTIONS, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(OPTIONS)}"
            raise ConfigError(f"{source}: unknown option {option!r} in query {query.name!r}.{hint}")
        asked[option] = value
    note = {}
    if query.since_hours is not None and "fromage" not in asked:
        days = next((age for age in AGES if age * 24 >= query.since_hours), None)
        if days is not None:
            asked["fromage"] = str(days)
            note["since_hours"] = str(query.since_hours)
    host = "www" if code == "us" else code
    return Request(url=f"https://{host}.indeed.com/jobs?{urlencode(asked)}", note=note)


def next_requests(source: str, page: Capture, *, details: bool) -> Iterator[Request]:
    """Yield the offers of the cards when *details*, then the next page when one is linked."""
    parts = urlsplit(page.url)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc) or parts.path != "/jobs":
        return
    try:
        items = items_of(source, page)
    except SourceError:
        return
    note = without_scrub(page.note)
    if details:
        for key in dict.fromkeys(key for item in items if (key := key_of(item))):
            # Should the page be gone, its note says which offer that closes.
            yield Request(
                url=f"https://{parts.netloc}/viewjob?{urlencode({'jk': key})}",
                note=note | {"native_id": key},
            )
    if next_href(page) is None:
        return
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    start = asked.get("start", "0")
    # Only the page's number is taken from the link: its other parts follow the visitor.
    asked["start"] = str((int(start) if start.isdecimal() and len(start) < 7 else 0) + STEP)
    yield Request(url=f"https://{parts.netloc}/jobs?{urlencode(asked)}", note=note)
