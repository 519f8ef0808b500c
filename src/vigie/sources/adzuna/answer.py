"""What an answer of Adzuna, or a saved file or page, holds."""

import re
from typing import Any, Final

import msgspec

from vigie.errors import Empty, PageChanged
from vigie.model.capture import Capture
from vigie.sources.answers import changed, condemn, decoded, json_of
from vigie.sources.jsonld import objects
from vigie.sources.values import part, whole
from vigie.sources.webpage import text_of, tree_of

_NATIVE: Final = re.compile(r"/(?:details|land/ad)/(\d{1,20})")


class Ad(msgspec.Struct, frozen=True, kw_only=True):
    """One ad of an answer, or what an ad's own page says in JSON-LD."""

    told: Any = None
    posting: dict[str, Any] | None = None
    native_id: str | None = None
    url: str | None = None


def items_of(source: str, page: Capture) -> tuple[Ad, ...]:
    """Return the ads of *page*.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    if page.body.lstrip()[:1] == b"<":
        return (_own_page(source, page),)
    answer = json_of(source, page)
    listed = part(answer)
    found = listed.get("results", listed.get("jobs")) if listed else answer
    if not isinstance(found, list):
        raise PageChanged(source, page.url, 'list "results"')
    if not found:
        raise Empty(source, page.url)
    return tuple(Ad(told=ad) for ad in found)


def announced(page: Capture) -> int | None:
    """Return the total that an answer announces."""
    return whole(decoded(page.body), "count")


def _own_page(source: str, page: Capture) -> Ad:
    condemn(source, page)
    text = text_of(page)
    posting = next(objects(text, "JobPosting"), None)
    if posting is None:
        raise changed(source, page, "JobPosting in JSON-LD")
    link = tree_of(text).css_first('link[rel="canonical"]')
    url = (link.attributes.get("href") if link else None) or page.url
    native = _NATIVE.search(url)
    return Ad(posting=posting, native_id=native[1] if native else None, url=url)
