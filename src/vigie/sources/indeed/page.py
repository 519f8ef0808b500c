"""What a page of Indeed holds: the cards of a search or one offer, from JSON first, then markup."""

import json
import re
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
from selectolax.lexbor import LexborNode

from vigie.errors import Blocked, Empty, SourceError
from vigie.model.capture import Capture
from vigie.sources.answers import changed, condemn
from vigie.sources.jsonld import objects
from vigie.sources.values import part, text
from vigie.sources.webpage import first_of, markup, plain, text_of, tree_of

_CARDS: Final = re.compile(
    r"""window\.mosaic\.providerData\[["']mosaic-provider-jobcards["']\]\s*=\s*"""
)
_OFFER: Final = re.compile(r"window\._initialData\s*=\s*")
_TOTAL: Final = re.compile(r'"(?:totalJobCount|uniqueJobsCount)"\s*:\s*(\d{1,9})\b')
_KEY: Final = re.compile(r"[0-9a-zA-Z]{6,40}")

MOST_CARDS: Final = 500
"""A page with more is none of this site's: each card is read with all that is in it."""

Layer = Literal["state", "json-ld", "html"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One card or offer, as the layer that it was found in holds it."""

    layer: Layer
    full: bool = False
    told: Any = None
    """The card's or the offer's own JSON, or what markup shows of it by our names."""
    posting: dict[str, Any] | None = None


class _Found(msgspec.Struct, frozen=True):
    items: tuple[Item, ...] | None
    next_href: str | None = None
    total: int | None = None


def items_of(source: str, page: Capture) -> tuple[Item, ...]:
    """Return the items of *page*.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    condemn(source, page)
    found = _read(text_of(page))
    if found.items:
        return found.items
    if found.items is not None:
        raise Empty(source, page.url)
    if page.url.startswith("https://secure.indeed.com/"):
        raise Blocked(source, page.url, "a login")
    if tree_of(text_of(page)).css_first("body.neterror #main-frame-error") is not None:
        raise SourceError(f"{source}: {page.url} is a browser's own error page, saved as a page")
    raise changed(source, page, "mosaic-provider-jobcards or _initialData")


def announced(page: Capture) -> int | None:
    """Return the total that a search page announces."""
    return _read(text_of(page)).total


def next_href(page: Capture) -> str | None:
    """Return what the page links as its next page."""
    return _read(text_of(page)).next_href


def key_of(item: Item) -> str | None:
    """Return the card's key when it can stand in an address."""
    key = None if item.full else text(item.told, "jobkey")
    return key if key and _KEY.fullmatch(key) else None


@lru_cache(maxsize=2)  # items, follow and total ask for the same page one after another
def _read(page: str) -> _Found:
    tree = tree_of(page)
    link = first_of(tree, '[data-testid="pagination-page-next"]', 'a[aria-label="Next Page"]')
    href = link.attributes.get("href") if link else None
    counted = _TOTAL.search(page)
    total = int(counted[1]) if counted else None
    model = part(_assigned(page, _CARDS), "metaData", "mosaicProviderJobCardsModel")
    results = model.get("results")
    if isinstance(results, list):
        cards = tuple(Item(layer="state", told=card) for card in results)
        return _Found(cards, href, total)
    shown = tree.css("div.job_seen_beacon")
    if 0 < len(shown) <= MOST_CARDS:
        return _Found(tuple(Item(layer="html", told=_card(card)) for card in shown), href, total)
    posting = next(objects(page, "JobPosting"), None)
    told = _offer(_assigned(page, _OFFER))
    if told:
        return _Found((Item(layer="state", full=True, told=told, posting=posting),))
    body = tree.css_first("#jobDescriptionText")
    heading = first_of(tree, '[data-testid="jobsearch-JobInfoHeader-title"]', "h1")
    if posting or (body is not None and heading is not None):
        seen = {"title": plain(heading), "text": markup(body)}
        layer: Layer = "json-ld" if posting else "html"
        return _Found((Item(layer=layer, full=True, told=seen, posting=posting),))
    return _Found(None)


def _card(card: LexborNode) -> dict[str, Any]:
    """Return what markup shows of a card, under the names of the JSON."""
    link = card.css_first("a[data-jk]")
    snippet = first_of(card, "div.job-snippet", '[data-testid="belowJobSnippet"]')
    pay = first_of(card, '[data-testid="attribute_snippet_testid"].salary-snippet-container',
                   ".salary-snippet-container", ".salary-snippet")  # fmt: skip
    return {
        "jobkey": link.attributes.get("data-jk") if link else None,
        "title": plain(first_of(card, "span[id^=jobTitle]", "h2.jobTitle")),
        "company": plain(first_of(card, '[data-testid="company-name"]', "span.companyName")),
        "formattedLocation": plain(
            first_of(card, '[data-testid="text-location"]', "div.companyLocation")
        ),
        "snippet": markup(snippet),
        "formattedRelativeTime": _own_text(first_of(card, "span.date")),
        "salarySnippet": {"text": plain(pay)},
    }


def _own_text(node: LexborNode | None) -> str | None:
    """Return a date without the label that only screen readers say."""
    hidden = plain(node.css_first(".visually-hidden")) if node is not None else None
    shown = plain(node)
    return shown.removeprefix(hidden or "").strip() or None if shown else None


def _offer(data: Any) -> dict[str, Any] | None:
    """Return what the page's own data tells of its offer, in its older or newer shape."""
    model = part(data, "jobInfoWrapperModel", "jobInfoModel")
    head = part(model, "jobInfoHeaderModel")
    results = part(data, "hostQueryExecutionResult", "data", "jobData").get("results")
    first = results[0] if isinstance(results, list) and results else None
    job = part(first, "job")
    text_raw = text(model, "sanitizedJobDescription") or text(
        model, "sanitizedJobDescription", "content"
    )
    told = {
        "key": text(job, "key") or text(data, "jobKey"),
        "title": text(head, "jobTitle") or text(job, "title"),
        "company": text(head, "companyName") or text(job, "sourceEmployerName"),
        "place": text(head, "formattedLocation")
        or text(job, "location", "formatted", "long")
        or text(job, "location", "city"),
        "text": text_raw or text(job, "description", "html"),
        "posted": text(job, "datePublished"),
        "contract": text(model, "jobMetadataHeaderModel", "jobType"),
        "pay": text(data, "salaryInfoModel", "salaryText"),
    }
    return told if told["title"] or told["text"] else None


def _assigned(page: str, name: re.Pattern[str]) -> Any:
    """Return the JSON that a script assigns to *name*; None when there is none."""
    found = name.search(page)
    if found is None:
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(page, found.end())[0]
    except (ValueError, RecursionError):
        return None
