"""Reading a SmartRecruiters list or posting: what it holds, and one in the model's names."""

import html
from collections.abc import Sequence
from typing import Any, Final

from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import GONE, changed, json_of
from vigie.sources.blanking import Blanking
from vigie.sources.values import flag, joined, part, text

BLANKING: Final = Blanking(revision="1", people=frozenset({"creator"}))

JOBS: Final = "https://jobs.smartrecruiters.com"
SECTIONS: Final = ("jobDescription", "qualifications", "additionalInformation")
"""Parts of the text that are about the job; ``companyDescription`` is about the employer."""


def is_posting(told: Any) -> bool:
    """Return whether an answer is one posting's own."""
    return "jobAd" in part(told)


def postings_of(source: str, page: Capture) -> Sequence[Any]:
    """Return the postings of a list, or the one posting of its own answer.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    if page.status in GONE and "native_id" not in page.note:
        raise PageChanged(source, page.url, "board (misspelt, or gone)")
    told = part(json_of(source, page))
    if is_posting(told):
        return [told]
    postings = told.get("content")
    if not isinstance(postings, list):
        raise changed(source, page, '"content" list')
    if not postings:
        raise Empty(source, page.url)
    return postings


def listing_of(posting: Any) -> Listing:
    """Return one posting.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    native_id = text(posting, "id")
    if native_id is None:
        raise RecordError("no_id")
    title = text(posting, "name")
    if title is None:
        raise RecordError("no_title", native_id)
    place = part(posting, "location")
    town = joined((text(place, "city"), text(place, "region")), ", ")
    values: dict[str, Shown] = {
        "url": _address(posting, native_id),
        "title": title,
        "company": text(posting, "company", "name"),
        "posted_raw": text(posting, "releasedDate"),
        "place_raw": town or text(place, "fullLocation"),
        "postal_raw": text(place, "postalCode"),
        "country_raw": text(place, "country"),
        "lat_raw": text(place, "latitude"),
        "lon_raw": text(place, "longitude"),
        "contract_raw": text(posting, "typeOfEmployment", "label"),
        "experience_raw": text(posting, "experienceLevel", "label"),
        "remote_raw": next((name for name in ("remote", "hybrid") if flag(place, name)), None),
        "occupation_raw": text(posting, "function", "label")
        or text(posting, "department", "label"),
        "industry_raw": text(posting, "industry", "label"),
        "lang_raw": text(posting, "language", "code"),
    }
    full = is_posting(posting)
    if full:
        values |= {
            "text_raw": _text(part(posting, "jobAd", "sections")),
            "company_text": text(posting, "jobAd", "sections", "companyDescription", "text"),
            "apply_url": text(posting, "applyUrl"),
        }
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full" if full else "card",
        layer="api",
        values=values,
    )


def _address(posting: Any, native_id: str) -> str | None:
    """Return the posting's page. Lists do not name it, so it is made alike for both."""
    company = text(posting, "company", "identifier")
    known = company and f"{company}{native_id}".isascii() and f"{company}{native_id}".isalnum()
    return f"{JOBS}/{company}/{native_id}" if known else None


def _text(sections: Any) -> str | None:
    """Return the sections about the job, each under its heading, as HTML."""
    pieces: list[str] = []
    for name in SECTIONS:
        heading, told = text(sections, name, "title"), text(sections, name, "text")
        if heading and told:
            pieces.append(f"<h3>{html.escape(heading, quote=False)}</h3>")
        if told:
            pieces.append(told)
    return "\n".join(pieces) or None
