"""Which pages open a query on Adzuna's API and continue it; without credentials."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from vigie.errors import ConfigError, SourceError
from vigie.model.capture import Capture, Query, Request
from vigie.sources.values import without_scrub

from .answer import announced, items_of

API: Final = "https://api.adzuna.com/v1/api"
PAGE: Final = 50
"""The most that ``results_per_page`` gives."""
# As public clients of the API use them; its own list of them was not at hand.
PARAMETERS: Final = (
    "category", "company", "contract", "distance", "full_time", "location0", "location1",
    "location2", "max_days_old", "part_time", "permanent", "salary_include_unknown", "salary_max",
    "salary_min", "title_only", "what_and", "what_exclude", "what_or", "what_phrase",
)  # fmt: skip

_COUNTRY = re.compile(r"[a-z]{2}")
_SEARCH = re.compile(r"/v1/api/jobs/([a-z]{2})/search/(\d{1,6})")


def first_request(source: str, query: Query, country: str) -> Request:
    """Return the request for the first page of *query*.

    Raises:
        ConfigError: an option is no parameter of the API, or the country is no code.
    """
    code = country.strip().lower()
    if not _COUNTRY.fullmatch(code):
        raise ConfigError(f"{source}: country {country!r} is no code of two letters (fr, gb, us)")
    asked = {"results_per_page": str(PAGE), "sort_by": "date", "content-type": "application/json"}
    asked |= {"what": words} if (words := query.words.strip()) else {}
    asked |= {"where": place} if (place := query.place.strip()) else {}
    for option, value in query.options.items():
        if option not in PARAMETERS:
            near = get_close_matches(option, PARAMETERS, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(PARAMETERS)}"
            raise ConfigError(f"{source}: unknown option {option!r} in query {query.name!r}.{hint}")
        asked[option] = value
    note = {}
    if query.since_hours is not None and "max_days_old" not in asked:
        asked["max_days_old"] = str(max(1, -(-query.since_hours // 24)))
        note["since_hours"] = str(query.since_hours)
    return Request(url=f"{API}/jobs/{code}/search/1?{urlencode(asked)}", note=note)


def next_request(source: str, page: Capture) -> Iterator[Request]:
    """Yield the next page while ads come and the announced total is not reached."""
    parts = urlsplit(page.url)
    found = _SEARCH.fullmatch(parts.path) if page.url.startswith(API) else None
    if found is None:
        return
    number, total = int(found[2]), announced(page)
    try:
        items_of(source, page)
    except SourceError:
        return
    if total is None or number * PAGE >= total:
        return
    path = f"/v1/api/jobs/{found[1]}/search/{number + 1}"
    yield Request(url=urlunsplit(parts._replace(path=path)), note=without_scrub(page.note))


def country_of(url: str) -> str | None:
    """Return the country that the address of a search names."""
    found = _SEARCH.fullmatch(urlsplit(url).path) if url.startswith(API) else None
    return found[1] if found else None
