"""Which requests open a query on Avito and continue it.

GraphQL is asked as the site's own search does, for the parts of ``PublishedAd`` that we read and
not for its seller. Field names were seen in the site's answers (its Apollo cache) and in public
clients of the same operation; newest ads come first in both forms.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from vigie.errors import ConfigError, SourceError
from vigie.model.capture import Capture, Query, Request

from .answer import Page, page_of

GATEWAY: Final = "https://gateway.avito.ma/graphql"
SITE: Final = "https://www.avito.ma"
CARDS_PER_PAGE: Final = 35
"""Ads of one result page, beside the new developments mixed in."""

_PARAM = (
    "__typename ... on TextAdParam { id name textValue } "
    "... on NumericAdParam { id name numericValue unit } "
    "... on BooleanAdParam { id name booleanValue }"
)
OPERATION: Final = (
    "query getListingAds($query: ListingAdsSearchQuery!) { getListingAds(query: $query) { "
    "count { total } ads { details { __typename "
    "... on PublishedAd { adId listId title description listTime sellerType "
    "category { id name parent { id name } } type { key name } "
    "price { withCurrency withoutCurrency } oldPrice { withCurrency withoutCurrency } "
    "location { city { id name } area { id name } } "
    f"params {{ primary {{ {_PARAM} }} secondary {{ {_PARAM} }} extra {{ {_PARAM} }} }} "
    "media { media { images { paths { standard } } } } } "
    "... on NewConstructionAd { title externalLink price { withCurrency withoutCurrency } "
    "location { city { id name } area { id name } } media { defaultImage { defaultPath } } } "
    "} } } }"
)

_OPTIONS = ("category", "city")
_AGO = re.compile(r"il y a (?:(\d+)|une?) (minute|heure|jour|semaine|mois|an)", re.IGNORECASE)
_HOURS = {"minute": 1 / 60, "heure": 1, "jour": 24, "semaine": 168, "mois": 730, "an": 8766}


def first_request(
    source: str,
    query: Query,
    via: Literal["graphql", "pages"],
    page_size: int,
    *,
    new_developments: bool,
) -> Request:
    """Return the request for the first page of *query*.

    Raises:
        ConfigError: an option is unknown or is no id, or words are asked of result pages.
    """
    for key in query.options:
        if key not in _OPTIONS:
            raise ConfigError(
                f"{source}: unknown option {key!r} in query {query.name!r}. "
                f"Known: {', '.join(_OPTIONS)}"
            )
    category = query.options.get("category", "")
    city = query.options.get("city", "") or query.place
    note = {} if query.since_hours is None else {"since_hours": str(query.since_hours)}
    if via == "pages":
        if query.words:
            raise ConfigError(f'{source}: words need via = "graphql"; result pages take none')
        path = "/".join(part for part in ("fr", city or "maroc", category) if part)
        return Request(url=f"{SITE}/{quote(path)}", note=note)
    ad: dict[str, Any] = {}
    if category:
        ad["categoryId"] = _id(source, "category", category)
    if city:
        ad["location"] = {"cityIds": [_id(source, "city", city)]}
    if query.words:
        ad["text"] = query.words
    filters: dict[str, Any] = {"ad": ad}
    if new_developments:
        filters["extension"] = {"includeNewConstructionAds": True}
    return _graphql(filters, 1, page_size, note)


def _id(source: str, name: str, value: str) -> int:
    if not value.isdigit():
        raise ConfigError(
            f'{source}: {name} {value!r} is no id; GraphQL takes ids (1010), via = "pages" words'
        )
    return int(value)


def _graphql(filters: dict[str, Any], number: int, size: int, note: dict[str, str]) -> Request:
    asked = {
        "operationName": "getListingAds",
        "variables": {
            "query": {
                "filters": filters,
                "page": {"number": number, "size": size},
                "sort": {"adProperty": "LIST_TIME", "sortOrder": "DESC"},
            }
        },
        "query": OPERATION,
    }
    return Request(
        url=GATEWAY,
        method="POST",
        headers=(
            ("Content-Type", "application/json"),
            ("Origin", SITE),
            ("Referer", f"{SITE}/"),
        ),
        body=json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode(),
        note=note,
    )


def next_requests(
    source: str, page: Capture, *, most_pages: int, details: bool
) -> Iterator[Request]:
    """Yield what *page* leads to; nothing at the end, or when all its ads are too old."""
    try:
        found = page_of(source, page)
    except SourceError:
        return
    note = {k: v for k, v in page.note.items() if not k.startswith("scrub")}
    if details and found.form == "card":
        for item in found.items:
            href = item.ad.get("href") if isinstance(item.ad, dict) else None
            if isinstance(href, str) and href.startswith(SITE) and not item.ad.get("isNc"):
                # Should the page be gone, its note says which ad that closes.
                known = note | {"native_id": str(item.ad.get("listId") or "")}
                yield Request(url=quote(href, safe=":/?&=%"), note=known)
    if found.form == "graphql":
        following = _next_answer(page, found, note)
    elif found.form == "card":
        following = _next_page(page, found, note)
    else:
        return
    if following is None or _all_older(page, found):
        return
    number, request = following
    if not most_pages or number <= most_pages:
        yield request


def _next_page(page: Capture, found: Page, note: dict[str, str]) -> tuple[int, Request] | None:
    parts = urlsplit(page.url)
    asked = dict(parse_qsl(parts.query))
    number = found.number or int(asked.get("o", "1") if asked.get("o", "1").isdigit() else "1")
    if found.total is not None and number * CARDS_PER_PAGE >= found.total:
        return None
    asked["o"] = str(number + 1)
    return number + 1, Request(url=urlunsplit(parts._replace(query=urlencode(asked))), note=note)


def _next_answer(page: Capture, found: Page, note: dict[str, str]) -> tuple[int, Request] | None:
    try:
        query = json.loads(page.request_body or b"")["variables"]["query"]
        number, size = int(query["page"]["number"]), int(query["page"]["size"])
        filters = query["filters"]
    except (ValueError, KeyError, TypeError):
        return None  # an imported answer: nobody knows what was asked
    if found.total is not None and number * size >= found.total:
        return None
    return number + 1, _graphql(filters, number + 1, size, note)


def _all_older(page: Capture, found: Page) -> bool:
    """Whether every dated ad of the page is older than the query wants (``since_hours``)."""
    since = page.note.get("since_hours", "")
    if not since.isdigit():
        return False
    oldest = page.at - timedelta(hours=int(since))
    ages = [time for item in found.items if (time := _time(item.ad, page.at)) is not None]
    return bool(ages) and all(time < oldest for time in ages)


def _time(ad: Any, now: datetime) -> datetime | None:
    """Return when an ad was listed, as well as its card tells; None when it does not."""
    if not isinstance(ad, dict):
        return None
    if isinstance(exact := ad.get("listTime"), str):
        try:
            return datetime.fromisoformat(exact)
        except ValueError:
            return None
    if isinstance(shown := ad.get("date"), str) and (match := _AGO.search(shown)):
        return now - timedelta(hours=int(match[1] or 1) * _HOURS[match[2].lower()])
    return None
