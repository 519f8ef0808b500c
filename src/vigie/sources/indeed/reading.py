"""Reading one card or offer of Indeed into the model's names, as shown.

A card tells when an offer was published in two ways: ``pubDate``, which may be years old, and a
text that says "30+ days ago" then. The exact one is taken; the text where there is no other.
"""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from vigie.errors import RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.jsonld import job_values
from vigie.sources.values import flag, joined, part, parts, text, texts

from .page import Item


def listing_of(item: Item, page: Capture) -> Listing:
    """Return *item* as a listing.

    Raises:
        RecordError: ``not_an_offer``, ``no_id`` or ``no_title``.
    """
    if not isinstance(item.told, dict):
        raise RecordError("not_an_offer", type(item.told).__name__)
    return _full(item, page) if item.full else _card(item, page)


def _card(item: Item, page: Capture) -> Listing:
    card: dict[str, Any] = item.told
    key = text(card, "jobkey")
    if key is None:
        raise RecordError("no_id", (text(card, "title") or "")[:100])
    title = text(card, "displayTitle") or text(card, "title")
    if title is None:
        raise RecordError("no_title", key)
    values: dict[str, Shown] = {
        "url": _address(page, key),
        "title": title,
        "company": text(card, "company"),
        "place_raw": text(card, "formattedLocation"),
        "postal_raw": text(card, "jobLocationPostal"),
        "posted_raw": text(card, "pubDate") or text(card, "formattedRelativeTime"),
        "summary": text(card, "snippet"),
        "contract_raw": joined([*(texts(card, "jobTypes") or []), *_labels(card, "job-types")]),
        "hours_raw": joined(_labels(card, "schedules")),
        "remote_raw": _remote(card),
        "pay_raw": text(card, "salarySnippet", "text"),
        **_extracted(card),
    }
    return Listing(kind="job", native_id=key, reading="card", layer=item.layer, values=values)


def _extracted(card: dict[str, Any]) -> dict[str, Shown]:
    """Return the figures that the site read out of a text, where it does not show its words."""
    pay = part(card, "extractedSalary")
    if text(card, "salarySnippet", "text") or not pay:
        return {}
    return {
        "pay_min_raw": text(pay, "min"),
        "pay_max_raw": text(pay, "max"),
        "pay_period_raw": text(pay, "type"),
        "pay_currency_raw": text(card, "salarySnippet", "currency"),
    }


def _labels(card: dict[str, Any], group: str) -> list[str]:
    """Return the labels of a group of attributes (``job-types``, ``job-types-cc``)."""
    return [
        label
        for one in parts(card, "taxonomyAttributes")
        if (text(one, "label") or "").removesuffix("-cc") == group
        for attribute in parts(one, "attributes")
        if (label := text(attribute, "label"))
    ]


def _remote(card: dict[str, Any]) -> str | None:
    shown = text(card, "remoteWorkModel", "text") or joined(_labels(card, "remote"))
    if shown:
        return shown
    # Not remote is not on site: the site shows nothing then.
    always = text(card, "remoteWorkModel", "type") or flag(card, "remoteLocation")
    return "Remote" if always is True else always or None


def _full(item: Item, page: Capture) -> Listing:
    told: dict[str, Any] = item.told
    asked = parse_qs(urlsplit(page.url).query).get("jk")
    key = asked[0] if asked else page.note.get("native_id") or text(told, "key")
    if not key:
        raise RecordError("no_id", (text(told, "title") or "")[:100])
    values: dict[str, Shown] = job_values(item.posting) if item.posting else {}
    shown: dict[str, Shown] = {
        "title": text(told, "title"),
        "company": text(told, "company"),
        "place_raw": text(told, "place"),
        "text_raw": text(told, "text"),
        "posted_raw": text(told, "posted"),
        "contract_raw": text(told, "contract"),
        "pay_raw": text(told, "pay"),
    }
    if shown["posted_raw"] is None:  # most offers' pages do not tell what their cards do
        del shown["posted_raw"]
    values |= {name: value for name, value in shown.items() if value or name not in values}
    if not values["title"]:
        raise RecordError("no_title", key)
    values["url"] = _address(page, key)
    return Listing(kind="job", native_id=key, reading="full", layer=item.layer, values=values)


def _address(page: Capture, key: str) -> str:
    """Return the offer's address, without what follows the visitor."""
    parts = urlsplit(page.url)
    known = parts.scheme == "https" and parts.netloc.endswith(".indeed.com")
    host = parts.netloc if known else "www.indeed.com"
    return f"https://{host}/viewjob?{urlencode({'jk': key})}"
