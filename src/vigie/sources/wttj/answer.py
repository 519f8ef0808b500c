"""What a page of Welcome to the Jungle holds: hits of a search, one offer, or the search's key."""

import json
import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from vigie.errors import Empty, PageChanged
from vigie.model.capture import Capture
from vigie.sources.answers import changed, condemn, decoded
from vigie.sources.jsonld import objects
from vigie.sources.values import part, parts, text, whole
from vigie.sources.webpage import text_of, tree_of

_STATE: Final = re.compile(r"window\.__INITIAL_DATA__\s*=\s*")
_ENV: Final = re.compile(r"window\.env\s*=\s*")
_NAMES: Final = {
    "app": ("ALGOLIA_APPLICATION_ID", re.compile(r"[A-Za-z0-9]{4,20}")),
    "key": ("ALGOLIA_API_KEY_CLIENT", re.compile(r"[A-Za-z0-9+/=_\-]{16,400}")),
    "prefix": ("ALGOLIA_JOBS_INDEX_PREFIX", re.compile(r"[\w\-]{1,64}", re.A)),
}  # fmt: skip


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One hit, or what an offer's own page holds in its two layers."""

    hit: Any = None
    posting: dict[str, Any] | None = None
    """JSON-LD of the offer's page."""
    state: dict[str, Any] | None = None
    """The offer in the page's own data."""
    canonical: str | None = None


class Access(NamedTuple):
    """What the search page says of its search."""

    app: str
    key: str
    prefix: str


def items_of(source: str, page: Capture) -> tuple[Item, ...]:
    """Return the items of *page*.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    condemn(source, page)
    if page.body[:1] == b"{":
        hits = answer_of(page).get("hits")
        if not isinstance(hits, list):
            raise PageChanged(source, page.url, 'list "hits" in "results"')
        if not hits:
            raise Empty(source, page.url)
        return tuple(Item(hit=hit) for hit in hits)
    offer = _offer(text_of(page))
    if offer is not None:
        return (offer,)
    if access_of(page) is not None and not page.note.get("native_id"):
        raise Empty(source, page.url)
    raise changed(source, page, "offer, or key of the search")


def answer_of(page: Capture) -> dict[str, Any]:
    """Return the first result of an answer of the search; an empty one when it is none."""
    results = parts(decoded(page.body), "results")
    return results[0] if results else {}


def announced(page: Capture) -> int | None:
    """Return how many hits the search has for the question."""
    return whole(answer_of(page), "nbHits")


def access_of(page: Capture) -> Access | None:
    """Return what the page's script says of the search; None when it says no such thing."""
    env = _assigned(text_of(page), _ENV)
    told = {name: text(env, known) for name, (known, _) in _NAMES.items()}
    fits = all(pattern.fullmatch(told[name] or "") for name, (_, pattern) in _NAMES.items())
    return Access(told["app"] or "", told["key"] or "", told["prefix"] or "") if fits else None


@lru_cache(maxsize=2)  # items and follow ask for the same page one after another
def _offer(page: str) -> Item | None:
    posting = next(objects(page, "JobPosting"), None)
    state = _job(_assigned(page, _STATE))
    if posting is None and state is None:
        return None
    link = tree_of(page).css_first('link[rel="canonical"]')
    return Item(
        posting=posting, state=state, canonical=link.attributes.get("href") if link else None
    )


def _job(data: Any) -> dict[str, Any] | None:
    """Return the offer among the queries whose answers the page carries."""
    for query in parts(data, "queries"):
        key = query.get("queryKey")
        if isinstance(key, list) and key[:1] == ["job"]:
            return part(query, "state", "data") or None
    return None


def _assigned(page: str, name: re.Pattern[str]) -> Any:
    """Return the JSON that a script assigns; a text that holds JSON is read twice."""
    found = name.search(page)
    if found is None:
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(page, found.end())
        return json.loads(value, strict=False) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
