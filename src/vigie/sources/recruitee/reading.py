"""Reading a Recruitee board: its offers, and one offer in the model's names."""

from collections.abc import Sequence
from typing import Any, Final

from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import GONE, changed, json_of
from vigie.sources.blanking import Blanking
from vigie.sources.values import flag, joined, part, text

BLANKING: Final = Blanking(revision="1", people=frozenset({"mailbox_email"}))

FIELDS: Final = {
    "url": "careers_url", "title": "title", "company": "company_name",
    "posted_raw": "published_at", "updated_raw": "updated_at", "expires_raw": "close_at",
    "postal_raw": "postal_code", "country_raw": "country_code", "apply_url": "careers_apply_url",
}  # fmt: skip
"""Field of the model → name in the answer. ``city`` may be the head office: `place_raw` is the
place that the offer shows."""

CODES: Final = {
    "contract_raw": "employment_type_code", "experience_raw": "experience_code",
    "education_raw": "education_code",
}  # fmt: skip
"""Values that are codes of words (``fulltime_permanent``): given as those words."""

WORKPLACES: Final = ("remote", "hybrid", "on_site")
"""Flags of an offer; several may be set, the first says most."""


def jobs_of(source: str, page: Capture) -> Sequence[Any]:
    """Return the offers of the board.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    if page.status in GONE:
        raise PageChanged(source, page.url, "board (misspelt, or gone)")
    offers = part(json_of(source, page)).get("offers")
    if not isinstance(offers, list):
        raise changed(source, page, '"offers" list')
    if not offers:
        raise Empty(source, page.url)
    return offers


def listing_of(offer: Any) -> Listing:
    """Return one offer.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    native_id = text(offer, "id")
    if native_id is None:
        raise RecordError("no_id")
    values: dict[str, Shown] = {field: text(offer, name) for field, name in FIELDS.items()}
    if values["title"] is None:
        raise RecordError("no_title", native_id)
    values |= {field: _words(offer, name) for field, name in CODES.items()}
    city = (text(offer, name) for name in ("city", "state_name", "country"))
    values |= {
        "place_raw": text(offer, "location") or joined(city, ", "),
        "remote_raw": next((name for name in WORKPLACES if flag(offer, name)), None),
        "hours_raw": _hours(offer),
        "occupation_raw": _words(offer, "category_code") or text(offer, "department"),
        "pay_min_raw": text(offer, "salary", "min"),
        "pay_max_raw": text(offer, "salary", "max"),
        "pay_currency_raw": text(offer, "salary", "currency"),
        "pay_period_raw": text(offer, "salary", "period"),
    }
    full = "description" in offer
    if full:
        pieces = (text(offer, "description"), text(offer, "requirements"))
        values["text_raw"] = "\n".join(piece for piece in pieces if piece) or None
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full" if full else "card",
        layer="api",
        values=values,
    )


def _words(offer: Any, name: str) -> str | None:
    code = text(offer, name)
    return code.replace("_", " ") if code else None


def _hours(offer: Any) -> str | None:
    bounds = (text(offer, "min_hours_per_week"), text(offer, "max_hours_per_week"))
    told = joined(bounds, "-")
    return f"{told} hours" if told else None
