"""Reading one ad of Adzuna into the model's names, as shown."""

import re
from typing import Any, Final

from vigie.errors import RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.jsonld import job_values
from vigie.sources.values import part, text, texts

from .answer import Ad
from .asking import country_of

CURRENCIES: Final = {
    "at": "EUR", "au": "AUD", "be": "EUR", "br": "BRL", "ca": "CAD", "ch": "CHF", "de": "EUR",
    "es": "EUR", "fr": "EUR", "gb": "GBP", "in": "INR", "it": "EUR", "mx": "MXN", "nl": "EUR",
    "nz": "NZD", "pl": "PLN", "sg": "SGD", "us": "USD", "za": "ZAR",
}  # fmt: skip
"""Amounts come without a currency: they are in the country's own."""

_HOST: Final = re.compile(r"https://(www\.adzuna\.(?:com?\.)?([a-z]{2,3}))/(?:land/ad|details)/\d")
_LANDS: Final = {"uk": "gb", "com": "us"}


def listing_of(ad: Ad, page: Capture, country: str) -> Listing:
    """Return *ad* as a listing.

    Raises:
        RecordError: ``not_an_offer``, ``no_id`` or ``no_title``.
    """
    return _own_page(ad) if ad.posting is not None else _card(ad.told, page, country)


def _card(told: Any, page: Capture, country: str) -> Listing:
    if not isinstance(told, dict):
        raise RecordError("not_an_offer", type(told).__name__)
    native_id = text(told, "id")
    if native_id is None:
        raise RecordError("no_id", (text(told, "title") or "")[:100])
    title = text(told, "title")
    if title is None:
        raise RecordError("no_title", native_id)
    place = part(told, "location")
    area = texts(place, "area")
    values: dict[str, Shown] = {
        "url": _address(told, native_id),
        "title": title,
        "summary": text(told, "description"),
        "posted_raw": text(told, "created"),
        "place_raw": text(place, "display_name"),
        "country_raw": area[0] if area else None,
        "lat_raw": text(told, "latitude"),
        "lon_raw": text(told, "longitude"),
        "company": text(told, "company", "display_name"),
        "contract_raw": text(told, "contract_type"),
        "hours_raw": text(told, "contract_time"),
        "industry_raw": None if text(told, "category", "tag") == "unknown"
        else text(told, "category", "label"),
        **_pay(told, _country(told, page) or country),
    }  # fmt: skip
    return Listing(kind="job", native_id=native_id, reading="card", layer="api", values=values)


def _pay(told: dict[str, Any], country: str) -> dict[str, Shown]:
    """Return the pay that the ad tells; what Adzuna predicts is nobody's offer."""
    predicted = text(told, "salary_is_predicted") == "1" or told.get("salary_is_predicted") is True
    low = None if predicted else text(told, "salary_min")
    high = None if predicted else text(told, "salary_max")
    currency = CURRENCIES.get(country) if low or high else None
    return {"pay_min_raw": low, "pay_max_raw": high, "pay_currency_raw": currency}


def _own_page(ad: Ad) -> Listing:
    if ad.native_id is None:
        raise RecordError("no_id", (ad.url or "")[:200])
    values = job_values(ad.posting or {})
    if values["title"] is None:
        raise RecordError("no_title", ad.native_id)
    values["url"] = ad.url
    return Listing(
        kind="job", native_id=ad.native_id, reading="full", layer="json-ld", values=values
    )


def _address(told: dict[str, Any], native_id: str) -> str | None:
    """Return the ad's page, without the visit and the application that the API adds to it."""
    found = _HOST.match(text(told, "redirect_url") or "")
    return f"https://{found[1]}/details/{native_id}" if found and native_id.isalnum() else None


def _country(told: dict[str, Any], page: Capture) -> str | None:
    """Return the ad's country: the one asked for, else the one whose site its address is of."""
    found = _HOST.match(text(told, "redirect_url") or "")
    return country_of(page.url) or (_LANDS.get(found[2], found[2]) if found else None)
