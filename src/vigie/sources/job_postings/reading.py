"""The offers that a page carries as JSON-LD."""

from functools import lru_cache
from typing import Any

import msgspec

from vigie.errors import Empty, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing
from vigie.model.web_address import canonical_url
from vigie.sources.answers import changed, condemn, is_challenge
from vigie.sources.jsonld import identifier, job_values, objects
from vigie.sources.sitemap import PAGE, condemned
from vigie.sources.values import text
from vigie.sources.webpage import linked, text_of


class Posting(msgspec.Struct, frozen=True):
    """One JobPosting, and whether its page holds no other."""

    told: dict[str, Any]
    alone: bool


def postings_of(source: str, page: Capture) -> tuple[Posting, ...]:
    """Return the offers of *page*.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    condemn(source, page)
    if (error := condemned(source, page)) is not None:
        raise error
    found = _read(text_of(page))
    if found:
        return tuple(Posting(told, len(found) == 1) for told in found)
    if page.note.get(PAGE) == "named" and not is_challenge(page.body):
        raise Empty(source, page.url)
    raise changed(source, page, "sitemap or JobPosting in JSON-LD")


@lru_cache(maxsize=2)  # items and follow ask for the same page one after another
def _read(page: str) -> tuple[dict[str, Any], ...]:
    return tuple(objects(page, "JobPosting"))


def listing_of(posting: Posting, page: Capture) -> Listing:
    """Return *posting* as a listing, read in full.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    own = linked(page, text(posting.told, "url"))
    if posting.alone:
        # The address that was asked for: the page may lie behind a redirect.
        native_id: str | None = page.note.get("native_id") or canonical_url(page.url)
    else:
        native_id = canonical_url(own) or identifier(posting.told)
    if native_id is None:
        raise RecordError("no_id", (text(posting.told, "title") or "")[:100])
    values = job_values(posting.told)
    if values["title"] is None:
        raise RecordError("no_title", native_id[:200])
    values["url"] = page.url if posting.alone else own
    return Listing(kind="job", native_id=native_id, reading="full", layer="json-ld", values=values)
