"""Which pages open a query on Talent.com and continue it."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from vigie.errors import ConfigError, SourceError
from vigie.model.capture import Capture, Query, Request
from vigie.sources.values import without_scrub

from .page import items_of

CARDS: Final = 20
"""About so many a page; half of it is a last page."""
BEFORE: Final = "before"
"""Name in the note: the ids of the page before, so that a page that repeats them ends the list."""

_COUNTRY = re.compile(r"[a-z]{2}")
_HOST = re.compile(r"(?:www|[a-z]{2})\.talent\.com")


def first_request(source: str, query: Query, country: str) -> Request:
    """Return the request for the first page of *query*; it has no ``p``.

    Raises:
        ConfigError: an option is given, or the country is no code of two letters.
    """
    for option in query.options:
        raise ConfigError(
            f"{source}: unknown option {option!r} in query {query.name!r}: it has none"
        )
    code = country.strip().lower()
    if not _COUNTRY.fullmatch(code):
        raise ConfigError(f"{source}: country {country!r} is no code of two letters (fr, be, us)")
    host = "www" if code == "us" else code
    asked = urlencode({"k": query.words.strip(), "l": query.place.strip()})
    return Request(url=f"https://{host}.talent.com/jobs?{asked}", note={"page": "1"})


def next_requests(source: str, page: Capture, *, details: bool) -> Iterator[Request]:
    """Yield the offers of the cards when *details*, then the next page unless nothing is new."""
    parts = urlsplit(page.url)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc) or parts.path != "/jobs":
        return
    try:
        items = items_of(source, page)
    except SourceError:
        return
    ids = [item.native_id for item in items if item.native_id and not item.full]
    note = without_scrub(page.note)
    if details:
        known = {key: value for key, value in note.items() if key != BEFORE}
        for native_id in dict.fromkeys(ids):
            yield Request(
                url=f"https://{parts.netloc}/view?{urlencode({'id': native_id})}",
                # Should the page be gone, its note says which offer that closes.
                note=known | {"native_id": native_id},
            )
    if len(items) < CARDS // 2 or set(ids) <= set(note.get(BEFORE, "").split()):
        return
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    told = asked.get("p", "1")
    number = (int(told) if told.isdecimal() and len(told) < 6 else 1) + 1
    following = urlencode({"k": asked.get("k", ""), "l": asked.get("l", ""), "p": number})
    yield Request(
        url=urlunsplit(parts._replace(query=following, fragment="")),
        note=note | {"page": str(number), BEFORE: " ".join(ids)},
    )
