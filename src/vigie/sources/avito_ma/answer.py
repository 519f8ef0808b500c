"""What an answer of Avito holds: its ads, where they come from, its total and page number."""

import json
from functools import lru_cache
from typing import Any, Literal

import msgspec

from vigie.errors import Blocked, Empty, PageChanged, SourceError
from vigie.model.capture import Capture
from vigie.sources.skeleton import NOTE

Form = Literal["card", "ad", "graphql"]

_OPENING = b'<script id="__NEXT_DATA__"'
_CLOSING = b"</script>"
# What a challenge is made of, whatever it says: its own scripts, forms and frames.
_CHALLENGES = (
    b"/cdn-cgi/challenge-platform/", b'id="challenge-form"', b"_cf_chl_opt",
    b"captcha-delivery.com", b"_Incapsula_Resource", b"g-recaptcha",
)  # fmt: skip
_REFUSED = {401, 403, 407, 429}


class Item(msgspec.Struct, frozen=True):
    """One ad as decoded, and which form of answer it stood in."""

    form: Form
    ad: Any
    units: dict[str, str] = {}
    """Units by parameter, where the answer keeps them apart from the ad."""


class Page(msgspec.Struct, frozen=True):
    """A decoded answer."""

    form: Form
    items: tuple[Item, ...]
    total: int | None
    number: int | None
    """Number of the result page, from 1; None where it does not say."""


def page_of(source: str, page: Capture) -> Page:
    """Return what *page* holds.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    _condemn_status(source, page)
    if NOTE in page.note:
        raise PageChanged(source, page.url, f"whole page: {page.note[NOTE]}")
    form, found = _decoded(page.body)
    if form is None:
        if any(sign in page.body for sign in _CHALLENGES):
            raise Blocked(source, page.url, "a challenge")
        raise PageChanged(source, page.url, "__NEXT_DATA__ or GraphQL JSON")
    if isinstance(found, str):
        raise PageChanged(source, page.url, found)
    if not found.items:
        raise Empty(source, page.url)
    return found


def _condemn_status(source: str, page: Capture) -> None:
    status = page.status
    if status is None or 200 <= status < 300:
        return
    if status in _REFUSED or (status == 503 and any(sign in page.body for sign in _CHALLENGES)):
        raise Blocked(source, page.url, f"a refusal (status {status})")
    if status in (404, 410):
        raise Empty(source, page.url)
    raise SourceError(f"{source}: {page.url} answered with status {status}; it is asked again")


def next_data(body: bytes) -> tuple[int, int] | None:
    """Return where the JSON of ``__NEXT_DATA__`` starts and ends in *body*; None: not there."""
    opening = body.find(_OPENING)
    start = body.find(b">", opening) + 1 if opening >= 0 else 0
    end = body.find(_CLOSING, start) if start else -1
    return (start, end) if end > 0 else None


@lru_cache(maxsize=2)  # items, follow and total ask for the same page one after another
def _decoded(body: bytes) -> tuple[Form | None, Page | str]:
    """Return the form of the answer and its content, or the name of what it lacks."""
    is_json = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    place = None if is_json else next_data(body)
    if not is_json and place is None:
        return None, "__NEXT_DATA__"
    told = _told(body[slice(*place)] if place else body.removeprefix(b"\xef\xbb\xbf"))
    if told is None:
        return ("graphql" if is_json else "card"), "JSON that can be decoded"
    if is_json:
        return "graphql", _graphql(told)
    props = _at(told, "props", "pageProps")
    if _at(props, "componentProps", "adInfo") is not None:
        return "ad", _ad(props)
    return "card", _cards(props)


def _told(text: bytes) -> Any:
    """Return the JSON of *text*; None when it is none, even to the lenient standard reader."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _ad(props: Any) -> Page | str:
    ad = _at(props, "componentProps", "adInfo", "ad")
    if ad is None:  # the ad is gone, its page is not
        return Page("ad", (), None, None)
    if not isinstance(ad, dict):
        return "adInfo.ad"
    apollo = _at(props, "apolloState")
    units = {
        key.partition(":")[2]: unit
        for key, kept in (apollo.items() if isinstance(apollo, dict) else ())
        if key.startswith("NumericAdParam:") and isinstance(unit := _at(kept, "unit"), str)
    }
    return Page("ad", (Item("ad", ad, units),), None, None)


def _cards(props: Any) -> Page | str:
    search = _at(props, "initialReduxState", "ad", "search")
    ads = _at(search, "ads")
    if not isinstance(ads, list):
        return "ad.search.ads"
    return Page(
        "card",
        tuple(Item("card", ad) for ad in ads),
        _whole(_at(search, "currentAll")),
        _whole(_at(search, "filters", "pageNumber")),
    )


def _graphql(told: Any) -> Page | str:
    answer = _at(told, "data", "getListingAds")
    details = _at(answer, "ads", "details")
    if not isinstance(details, list):
        errors = _at(told, "errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        why = _at(first, "message")
        return "data.getListingAds" + (f" ({why[:200]})" if isinstance(why, str) else "")
    items = tuple(Item("graphql", ad) for ad in details)
    return Page("graphql", items, _whole(_at(answer, "count", "total")), None)


def _at(part: Any, *names: str) -> Any:
    """Return what stands under *names*, one inside the other; None when one is not there."""
    for name in names:
        if not isinstance(part, dict):
            return None
        part = part.get(name)
    return part


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
