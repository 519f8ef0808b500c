"""Reading one entry of a feed as an offer, as shown."""

from urllib.parse import urlsplit

from vigie.errors import RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.model.web_address import canonical_url
from vigie.sources.jsonld import job_values
from vigie.sources.webpage import is_web_address, linked

from .formats import Entry


def listing_of(entry: Entry, page: Capture) -> Listing:
    """Return *entry* as a listing.

    Raises:
        RecordError: ``not_an_entry``, ``no_id`` or ``no_title``.
    """
    if entry.broken is not None:
        raise RecordError("not_an_entry", entry.broken)
    if entry.native_id is None:
        raise RecordError("no_id", (entry.title or "")[:100])
    native_id = _everywhere(entry.native_id, page)
    values: dict[str, Shown] = job_values(entry.posting) if entry.posting else {}
    title = entry.title or values.get("title")
    if not title:
        raise RecordError("no_title", entry.native_id[:200])
    shown: dict[str, Shown] = {
        "title": title,
        "posted_raw": entry.published,
        "updated_raw": entry.updated,
        "lang_raw": entry.lang,
        **entry.facts,
    }
    # JSON-LD is the steadier layer; the feed's own fields fill what it leaves out.
    values |= {name: value for name, value in shown.items() if values.get(name) is None}
    full = entry.content or values.get("text_raw")
    if full:
        values["text_raw"] = values.get("text_raw") or entry.content
    elif entry.summary:
        values["summary"] = entry.summary
    url = entry.url
    known = url and url.isprintable() and url.startswith("http://")
    values["url"] = url if url and (is_web_address(url) or known) else linked(page, url)
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full" if full else "card",
        layer="json-ld" if entry.posting else "feed",
        values=values,
    )


def _everywhere(native_id: str, page: Capture) -> str:
    """Return an id that no other feed gives: ``12`` is one of its host's only. An address is one
    without the tokens of a visit."""
    native_id = canonical_url(native_id) or native_id
    host = None if ":" in native_id else urlsplit(page.url).hostname
    return f"{host}:{native_id}" if host else native_id
