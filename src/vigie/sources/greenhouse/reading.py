"""Reading a Greenhouse board: its jobs, and one job in the model's names.

Source: the answers' shape as seen in captured boards; pay ranges as clients of the API describe
them (amounts in cents).
"""

import html
from collections.abc import Sequence
from typing import Any, Final

from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import GONE, changed, json_of
from vigie.sources.blanking import Blanking
from vigie.sources.values import joined, part, parts, text, whole

BLANKING: Final = Blanking(revision="1", people=frozenset({"metadata"}))
"""Custom fields go whole: employers keep hiring managers' names in them."""

FIELDS: Final = {
    "url": "absolute_url", "title": "title", "company": "company_name", "lang_raw": "language",
    "posted_raw": "first_published", "updated_raw": "updated_at",
    "expires_raw": "application_deadline",
}  # fmt: skip
"""Field of the model → name in the answer. ``updated_at`` may be the whole board's."""


def jobs_of(source: str, page: Capture) -> Sequence[Any]:
    """Return the jobs of the board.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    if page.status in GONE:
        raise PageChanged(source, page.url, "board (misspelt, or gone)")
    jobs = part(json_of(source, page)).get("jobs")
    if not isinstance(jobs, list):
        raise changed(source, page, '"jobs" list')
    if not jobs:
        raise Empty(source, page.url)
    return jobs


def listing_of(job: Any) -> Listing:
    """Return one job.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    native_id = text(job, "id")
    if native_id is None:
        raise RecordError("no_id")
    values: dict[str, Shown] = {field: text(job, name) for field, name in FIELDS.items()}
    if values["title"] is None:
        raise RecordError("no_title", native_id)
    values["place_raw"] = text(job, "location", "name")
    values["occupation_raw"] = joined(text(one, "name") for one in parts(job, "departments"))
    full = "content" in job
    if full:
        content = text(job, "content")
        # It is HTML escaped once more, as text of the JSON.
        values["text_raw"] = (html.unescape(content).strip() or None) if content else None
        values |= _pay(job)
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full" if full else "card",
        layer="api",
        values=values,
    )


def _pay(job: Any) -> dict[str, Shown]:
    """Return the bounds of the one pay range shown; several (one a region) stay text."""
    ranges = parts(job, "pay_input_ranges")
    told = [
        (text(one, "title"), _units(one, "min_cents"), _units(one, "max_cents"),
         text(one, "currency_type"))
        for one in ranges
    ]  # fmt: skip
    title, low, high, currency = told[0] if len(told) == 1 else (None, None, None, None)
    several = [
        " ".join(one for one in (name, joined((least, most), " - "), unit) if one)
        for name, least, most, unit in told
    ]
    return {
        "pay_raw": joined(several) if len(told) > 1 else None,
        "pay_min_raw": low,
        "pay_max_raw": high,
        "pay_currency_raw": currency,
        "pay_period_raw": title,  # "Annual salary range": what the employer calls it
    }


def _units(pay: Any, name: str) -> str | None:
    """Return cents as the amount they make, exactly: nobody shows cents."""
    cents = whole(pay, name)
    if cents is None or not 0 < cents < 10**15:
        return None
    return f"{cents // 100}.{cents % 100:02}" if cents % 100 else str(cents // 100)
