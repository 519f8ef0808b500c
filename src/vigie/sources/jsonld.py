"""schema.org objects that a page carries as JSON-LD, and a JobPosting in the model's names.

For every source whose pages or feeds carry it. Sites write it with line breaks inside texts, as one
object, a list or an ``@graph``, with types as text or list: all of that is read.

Source: schema.org/JobPosting, and Google's "Job posting structured data", read 2026-11-20.
"""

import html
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from vigie.model.listing import Shown
from vigie.sources.values import flag, joined, part, text, texts, whole

_SCRIPT = re.compile(r"<script\b([^<>]*)>(.*?)(?:</script|\Z)", re.S | re.I)
_TYPE = re.compile(r"""\btype\s{0,9}=\s{0,9}["']?application/ld\+json\b""", re.I)
_COMMENT = re.compile(
    r"^\s*(?:<!--|/\*<!\[CDATA\[\*/|//<!\[CDATA\[)|(?:-->|/\*\]\]>\*/|//\]\]>)\s*$"
)
_DEPTH: Final = 6

REMOTE: Final = "TELECOMMUTE"
"""The one value of ``jobLocationType``."""


def objects(page: str, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of type *kind* of a page's JSON-LD scripts, wherever they are nested."""
    for found in _SCRIPT.finditer(page):
        if _TYPE.search(found[1]) is None:
            continue
        code = _COMMENT.sub("", found[2])
        for attempt in (code, html.unescape(code)):
            try:
                tree = json.loads(attempt, strict=False)
            except (ValueError, RecursionError):
                continue
            yield from within(tree, kind)
            break


def within(tree: Any, kind: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the objects of type *kind* in decoded JSON-LD; not those inside such an object."""
    if depth > _DEPTH:
        return
    if isinstance(tree, list):
        for one in tree:
            yield from within(one, kind, depth + 1)
    elif isinstance(tree, dict):
        told = tree.get("@type")
        if kind in (told if isinstance(told, list) else [told]):
            yield tree
            return
        for value in tree.values():
            if isinstance(value, dict | list):
                yield from within(value, kind, depth + 1)


def job_values(posting: dict[str, Any]) -> dict[str, Shown]:
    """Return what a JobPosting shows, in the model's names; each is there, None when not shown."""
    place = _first(posting.get("jobLocation"))
    address = part(place, "address")
    pay = part(posting, "baseSalary")
    amount = part(pay, "value")
    return {
        "title": text(posting, "title") or text(posting, "name"),
        "text_raw": text(posting, "description"),
        "posted_raw": text(posting, "datePosted"),
        "expires_raw": text(posting, "validThrough"),
        "company": text(posting, "hiringOrganization", "name")
        or text(posting, "hiringOrganization"),
        "place_raw": joined(
            (
                text(address, "addressLocality") or text(place, "address") or text(place, "name"),
                text(address, "addressRegion"),
                _named(address.get("addressCountry")),
            ),
            ", ",
        ),
        "postal_raw": text(address, "postalCode"),
        "country_raw": _named(address.get("addressCountry"))
        or _named(_first(posting.get("applicantLocationRequirements"))),
        "lat_raw": text(place, "geo", "latitude"),
        "lon_raw": text(place, "geo", "longitude"),
        "contract_raw": joined(
            texts(posting, "employmentType") or [text(posting, "employmentType")]
        ),
        "hours_raw": text(posting, "workHours"),
        "remote_raw": text(posting, "jobLocationType"),
        "experience_raw": _experience(posting),
        "education_raw": _named(_first(posting.get("educationRequirements")), "credentialCategory"),
        "industry_raw": joined(texts(posting, "industry") or [text(posting, "industry")]),
        "occupation_raw": _named(_first(posting.get("occupationalCategory"))),
        "skills_raw": _listed(posting.get("skills")),
        "pay_min_raw": text(amount, "minValue")
        or text(amount, "value")
        or text(pay, "minValue")
        or text(pay, "value"),
        "pay_max_raw": text(amount, "maxValue")
        or text(amount, "value")
        or text(pay, "maxValue")
        or text(pay, "value"),
        "pay_currency_raw": text(pay, "currency")
        or text(amount, "currency")
        or text(posting, "salaryCurrency"),
        "pay_period_raw": text(amount, "unitText") or text(pay, "unitText"),
        "openings": whole(posting, "totalJobOpenings"),
    }


def identifier(posting: dict[str, Any]) -> str | None:
    """Return the posting's own id: ``identifier`` as text or as a PropertyValue."""
    return text(posting, "identifier") or text(posting, "identifier", "value")


def applies_directly(posting: dict[str, Any]) -> bool | None:
    """Return whether one applies on the site itself."""
    return flag(posting, "directApply")


def _first(value: Any) -> Any:
    """Return the first of a list, or the value itself."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _named(value: Any, name: str = "name") -> str | None:
    """Return a text, or the name of an object."""
    if isinstance(value, str):
        return value if value.strip() else None
    return text(value, name) or text(value, "name") if isinstance(value, dict) else None


def _experience(posting: dict[str, Any]) -> str | None:
    asked = posting.get("experienceRequirements")
    if isinstance(asked, str):
        return asked if asked.strip() else None
    months = whole(_first(asked), "monthsOfExperience")
    return None if months is None else f"{months} months"


def _listed(value: Any) -> list[str] | None:
    """Return skills: a list, or one text with commas between."""
    if isinstance(value, str):
        value = [one.strip() for one in value.split(",")]
    if not isinstance(value, list):
        return None
    found = [name for one in value if (name := _named(one))]
    return list(dict.fromkeys(found)) or None
