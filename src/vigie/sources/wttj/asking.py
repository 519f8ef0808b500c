"""What is asked of Welcome to the Jungle: the search page, then its search, in parts if need be.

The search gives 1,000 hits of a question at most, in one answer. A question that announces more is
split by time of publication, at the median of the hits shown, over and over; what was published
within one second is split by contract. Answers hold no key: a part is asked by way of the search
page, whose fragment names it (a fragment is never sent; it keeps the addresses apart).

Source: Algolia, "hitsPerPage" and "paginationLimitedTo", read 2026-11-21 in stored copies; the
rest is seen in captured pages and in public readers of the site.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from statistics import median_low
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from vigie.errors import ConfigError, SourceError
from vigie.model.capture import Capture, Query, Request
from vigie.sources.values import parts, text, whole, without_scrub

from .answer import access_of, announced, answer_of, items_of

SITE: Final = "https://www.welcometothejungle.com"
MOST_HITS: Final = 1000
CONTRACTS: Final = (
    "full_time", "part_time", "internship", "apprenticeship", "freelance", "temporary", "vie",
    "graduate_program", "volunteer", "idv", "other",
)  # fmt: skip
WANTED: Final = (
    "reference", "objectID", "name", "slug", "organization.name", "organization.slug", "offices",
    "remote", "contract_type", "salary_minimum", "salary_maximum", "salary_currency",
    "salary_period", "experience_level_minimum", "education_level", "language", "sectors",
    "new_profession", "summary", "published_at", "published_at_timestamp",
)  # fmt: skip
"""Parts of a hit that are asked for: a thousand whole ones would be a heavy answer."""

_COORDINATES = re.compile(r"-?\d{1,2}(?:\.\d{1,8})?,-?\d{1,3}(?:\.\d{1,8})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_WINDOW = re.compile(r"(\d{1,11})?-(\d{1,11})?(?:-([a-z_]{1,20}))?")
_OPENED: Final = 1_400_000_000
"""Seconds of the epoch, 2014: before any offer of the site."""
_SLUG = re.compile(r"[\w\-.~%]{1,200}", re.A)


def first_request(source: str, query: Query, language: str, country: str) -> Request:
    """Return the request for the search page, with the question in its note.

    Raises:
        ConfigError: an option, the country or the place cannot be asked for.
    """
    note = {"words": query.words.strip(), "window": "-"}
    for option, value in query.options.items():
        if option != "radius_metres" or not value.isdecimal():
            raise ConfigError(
                f"{source}: option {option!r} = {value!r} in query {query.name!r} cannot be asked "
                f"for. Known: radius_metres, a whole number"
            )
        note["radius"] = value
    place = query.place.strip()
    if _COORDINATES.fullmatch(place.replace(" ", "")):
        note["around"] = place.replace(" ", "")
    elif _COUNTRY.fullmatch(place.upper()):
        country = place.upper()
    elif place:
        raise ConfigError(
            f"{source}: place {place!r} is neither a country's code (FR) nor coordinates "
            f"(48.86,2.35)"
        )
    if country and not _COUNTRY.fullmatch(country.upper()):
        raise ConfigError(f"{source}: country {country!r} is no code of two letters")
    note["country"] = country.upper()
    if query.since_hours is not None:
        note["since_hours"] = str(query.since_hours)
    return Request(url=f"{SITE}/{language}/jobs", note=note)


def next_requests(source: str, page: Capture, language: str, *, details: bool) -> Iterator[Request]:
    """Yield what *page* leads to: the search, its parts, the offers when *details*."""
    try:
        items = items_of(source, page)
    except SourceError:
        items = ()
    if page.body[:1] == b"{":
        if details:
            for item in items:
                yield from _detail(item.hit, page, language)
        yield from _parts(page, language)
    elif not items and "window" in page.note:
        yield from _search(page, language)


def _search(page: Capture, language: str) -> Iterator[Request]:
    access = access_of(page)
    if access is None:
        return
    for window in page.note["window"].split():
        params = _params(page, window)
        if params is None:
            continue
        asked = {"indexName": f"{access.prefix}_{language}", "params": params}
        note = without_scrub(page.note) | {"window": window}
        yield Request(
            url=f"https://{access.app.lower()}-dsn.algolia.net/1/indexes/*/queries",
            method="POST",
            headers=(
                ("Content-Type", "application/json"),
                ("X-Algolia-Application-Id", access.app),
                ("X-Algolia-API-Key", access.key),
            ),
            body=msgspec.json.encode({"requests": [asked]}),
            note=note,
        )


def _params(page: Capture, window: str) -> str | None:
    """Return the question as Algolia's parameters; None when the note is not ours."""
    found = _WINDOW.fullmatch(window)
    if found is None:
        return None
    low, high, contract = found.groups()
    note = page.note
    since = note.get("since_hours", "")
    if since.isdecimal() and len(since) < 7:
        opened = int((page.at - timedelta(hours=int(since))).timestamp())
        low = str(max(opened, int(low or 0)))
    times = [f"published_at_timestamp>={low}"] if low else []
    times += [f"published_at_timestamp<={high}"] if high else []
    facets = [f"offices.country_code:{note['country']}"] if note.get("country") else []
    facets += [f"contract_type:{contract}"] if contract else []
    asked: dict[str, Any] = {
        "query": note.get("words", ""), "page": 0, "hitsPerPage": MOST_HITS,
        "attributesToRetrieve": msgspec.json.encode(WANTED).decode(),
        "attributesToHighlight": "[]", "attributesToSnippet": "[]",
    }  # fmt: skip
    if facets:
        asked["facetFilters"] = msgspec.json.encode(facets).decode()
    if times:
        asked["numericFilters"] = msgspec.json.encode(times).decode()
    if note.get("around"):
        asked["aroundLatLng"] = note["around"]
        asked["aroundRadius"] = note.get("radius", "20000")
    return urlencode(asked)


def _parts(page: Capture, language: str) -> Iterator[Request]:
    """Yield the search page for the two or more parts of a question that is too large."""
    found = _WINDOW.fullmatch(page.note.get("window", ""))
    shown, total = answer_of(page).get("hits"), announced(page)
    if found is None or found[3] or total is None or not isinstance(shown, list):
        return
    if not shown or total <= len(shown):
        return
    hits = parts(shown)
    low = int(found[1] or _OPENED)
    high = int(found[2] or page.at.timestamp())
    if low < high:
        times = [time for hit in hits if (time := whole(hit, "published_at_timestamp"))]
        middle = median_low(times) if times else 0
        if not low <= middle < high:
            middle = (low + high) // 2
        # Open ends stay open: clocks differ.
        windows = [f"{found[1] or ''}-{middle}", f"{middle + 1}-{found[2] or ''}"]
    else:
        windows = [f"{low}-{high}-{contract}" for contract in CONTRACTS]
    yield Request(
        url=f"{SITE}/{language}/jobs#{'+'.join(windows)}",
        note=without_scrub(page.note) | {"window": " ".join(windows)},
    )


def _detail(hit: Any, page: Capture, language: str) -> Iterator[Request]:
    url, native_id = address_of(hit, language), text(hit, "reference")
    if url and native_id:
        note = {key: page.note[key] for key in ("since_hours",) if key in page.note}
        yield Request(url=url, note=note | {"native_id": native_id})


def address_of(hit: Any, language: str) -> str | None:
    """Return the address of a hit's own page; None when it names none."""
    company, slug = text(hit, "organization", "slug"), text(hit, "slug")
    if not company or not slug:
        return None
    if not (_SLUG.fullmatch(company) and _SLUG.fullmatch(slug)):
        company, slug = quote(company[:200], safe=""), quote(slug[:200], safe="")
    return f"{SITE}/{language}/companies/{company}/jobs/{slug}"
