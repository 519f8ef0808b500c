"""Reading one hit or offer of Welcome to the Jungle into the model's names, as shown.

The site's coordinates can be plainly wrong: in a captured page an offer of Massy, near Paris, is
put in Allen, Texas. The place's text stays as shown; coordinates, postal code and country are given
only when the city agrees with the one in the offer's address (``…_massy``), or, where the address
names none, when the country agrees with the employer's own.
"""

import re
import unicodedata
from typing import Any, Final

from vigie.errors import RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.jsonld import job_values
from vigie.sources.values import joined, part, parts, text, texts

from .answer import Item
from .asking import SITE, address_of

LABELS: Final = {
    "full_time": "CDI", "part_time": "Temps partiel", "internship": "Stage",
    "apprenticeship": "Alternance", "freelance": "Freelance", "temporary": "CDD / Temporaire",
    "vie": "VIE", "volunteer": "Bénévolat / Service civique", "other": "Autre",
}  # fmt: skip
"""What the site shows for its codes. Its ``full_time`` is a permanent contract: so says the title
of a captured page whose code it is."""

_POSITION = ("lat_raw", "lon_raw", "postal_raw", "country_raw")


def listing_of(item: Item, page: Capture, language: str) -> Listing:
    """Return *item* as a listing.

    Raises:
        RecordError: ``not_an_offer``, ``no_id`` or ``no_title``.
    """
    return _card(item.hit, language) if item.hit is not None else _full(item, page)


def _card(hit: Any, language: str) -> Listing:
    if not isinstance(hit, dict):
        raise RecordError("not_an_offer", type(hit).__name__)
    native_id = text(hit, "reference")
    if native_id is None:
        raise RecordError("no_id", text(hit, "objectID") or "")
    title = text(hit, "name")
    if title is None:
        raise RecordError("no_title", native_id)
    code = text(hit, "contract_type")
    sectors = (
        text(sector, "name") or text(sector, "reference") for sector in parts(hit, "sectors")
    )
    profession = part(hit, "new_profession")
    values: dict[str, Shown] = {
        "url": address_of(hit, language),
        "title": title,
        "summary": text(hit, "summary"),
        "lang_raw": text(hit, "language"),
        "posted_raw": text(hit, "published_at") or text(hit, "published_at_timestamp"),
        "place_raw": _places(parts(hit, "offices")),
        "company": text(hit, "organization", "name"),
        "contract_raw": LABELS.get(code, code) if code else None,
        "remote_raw": _remote(hit),
        "experience_raw": _years(text(hit, "experience_level_minimum")),
        "education_raw": text(hit, "education_level"),
        "pay_min_raw": text(hit, "salary_minimum"),
        "pay_max_raw": text(hit, "salary_maximum"),
        "pay_currency_raw": text(hit, "salary_currency"),
        "pay_period_raw": text(hit, "salary_period"),
        "industry_raw": joined(sectors),
        "occupation_raw": text(profession, "sub_category_name")
        or text(profession, "category_name"),
    }
    return Listing(kind="job", native_id=native_id, reading="card", layer="api", values=values)


def _full(item: Item, page: Capture) -> Listing:
    state = item.state or {}
    native_id = text(state, "wttj_reference") or page.note.get("native_id")
    if not native_id:
        raise RecordError("no_id", (item.canonical or page.url)[:200])
    values: dict[str, Shown] = job_values(item.posting) if item.posting else {}
    values |= {
        name: value for name, value in _told(state).items() if value is not None or not item.posting
    }
    if not values.get("title"):
        raise RecordError("no_title", native_id)
    if not _placed_well(item, state):
        values |= dict.fromkeys(_POSITION)
    canonical = item.canonical if (item.canonical or "").startswith(f"{SITE}/") else None
    values["url"] = canonical or page.url.partition("#")[0].partition("?")[0]
    layer = "json-ld" if item.posting else "state"
    return Listing(kind="job", native_id=native_id, reading="full", layer=layer, values=values)


def _told(state: dict[str, Any]) -> dict[str, Shown]:
    """Return what the page's own data tells, which is more than its JSON-LD does."""
    if not state:
        return {}
    offices = parts(state, "offices") or [part(state, "office")]
    code = text(state, "contract_type")
    said = [text(state, "description"), text(state, "profile")]
    months = [text(state, f"contract_duration_{end}") for end in ("min", "max")]
    lasting = "-".join(dict.fromkeys(month for month in months if month))
    shown = LABELS.get(code, code) if code else None
    return {
        "title": text(state, "name"),
        "text_raw": "\n".join(one for one in said if one) or None,
        "lang_raw": text(state, "language"),
        "posted_raw": text(state, "published_at"),
        "updated_raw": text(state, "updated_at"),
        "place_raw": _places(offices),
        "postal_raw": text(offices[0], "zip_code"),
        "country_raw": text(offices[0], "country_code"),
        "lat_raw": text(offices[0], "latitude"),
        "lon_raw": text(offices[0], "longitude"),
        "company": text(state, "organization", "name"),
        "company_text": text(state, "company_description"),
        "contract_raw": f"{shown} - {lasting} mois" if shown and lasting else shown,
        "remote_raw": _remote(state),
        "education_raw": text(state, "education_level"),
        "experience_raw": text(state, "experience_level"),
        "skills_raw": texts(state, "skills") or _names(state, "skills") or _names(state, "tools"),
        "pay_min_raw": text(state, "salary_min"),
        "pay_max_raw": text(state, "salary_max"),
        "pay_currency_raw": text(state, "salary_currency"),
        "pay_period_raw": text(state, "salary_period"),
    }


def _names(state: dict[str, Any], name: str) -> list[str] | None:
    """Return the names of skills or tools; a name may be told by language."""
    found = (
        text(one, "name") or text(one, "name", "fr") or text(one, "name", "en")
        for one in parts(state, name)
    )  # fmt: skip
    return list(dict.fromkeys(one for one in found if one)) or None


def _places(offices: list[dict[str, Any]]) -> str | None:
    """Return all offices: ``Lyon, France; Paris, France``."""
    return joined(
        joined((text(one, "city"), text(one, "state") or text(one, "district"),
                text(one, "country") or text(one, "country_code")), ", ")
        for one in offices
    )  # fmt: skip


def _remote(offer: dict[str, Any]) -> str | None:
    told = text(offer, "remote")
    return None if told == "unknown" else told


def _years(told: str | None) -> str | None:
    return None if told is None else f"{told} an(s)"


def _placed_well(item: Item, state: dict[str, Any]) -> bool:
    """Whether the offer's place may be believed (see above)."""
    offices = parts(state, "offices") or [part(state, "office")]
    places = parts(item.posting or {}, "jobLocation")
    cities = {_slug(text(one, "city")) for one in offices}
    cities |= {_slug(text(one, "address", "addressLocality")) for one in places}
    slug = text(state, "slug") or (item.canonical or "").rpartition("/")[2]
    named = slug.split("_")[1:]
    if named:
        return bool((cities - {""}) & set(named))
    own = text(item.posting or {}, "hiringOrganization", "address", "addressCountry")
    lands = {text(one, "country_code") for one in offices}
    lands |= {text(one, "address", "addressCountry") for one in places}
    return own is not None and own in lands


def _slug(city: str | None) -> str:
    """Return *city* as addresses write it: ``saint-etienne``."""
    folded = unicodedata.normalize("NFKD", (city or "").casefold())
    return re.sub(r"[^a-z0-9]+", "-", folded.encode("ascii", "ignore").decode()).strip("-")
