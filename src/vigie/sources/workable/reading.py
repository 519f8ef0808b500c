"""Reading a Workable board: its jobs, each with all its places, and one in the model's names."""

from collections.abc import Sequence
from typing import Any, Final

from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import GONE, changed, decoded, json_of
from vigie.sources.blanking import Blanking
from vigie.sources.values import flag, joined, part, text, texts

BLANKING: Final = Blanking(revision="1")

FIELDS: Final = {
    "url": "url", "title": "title", "posted_raw": "published_on", "contract_raw": "employment_type",
    "experience_raw": "experience", "education_raw": "education", "industry_raw": "industry",
    "apply_url": "application_url",
}  # fmt: skip
"""Field of the model → name in the answer."""

Job = tuple[Any, ...]
"""The entries of one job, one a place."""


def jobs_of(source: str, page: Capture) -> Sequence[Job]:
    """Return the jobs of the board: entries with one short code are one job.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    if page.status in GONE:
        raise PageChanged(source, page.url, "board (misspelt, or gone)")
    entries = part(json_of(source, page)).get("jobs")
    if not isinstance(entries, list):
        raise changed(source, page, '"jobs" list')
    if not entries:
        raise Empty(source, page.url)
    found: dict[object, list[Any]] = {}
    for number, entry in enumerate(entries):
        # Without a code an entry stands alone, and is told as such when it is read.
        found.setdefault(text(entry, "shortcode") or number, []).append(entry)
    return [tuple(job) for job in found.values()]


def listing_of(job: Job, page: Capture) -> Listing:
    """Return one job; the board's name is its employer's.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    first = job[0]
    native_id = text(first, "shortcode")
    if native_id is None:
        raise RecordError("no_id")
    values: dict[str, Shown] = {field: text(first, name) for field, name in FIELDS.items()}
    if values["title"] is None:
        raise RecordError("no_title", native_id)
    countries = {text(entry, "country") for entry in job}
    values |= {
        "company": text(decoded(page.body), "name"),
        "place_raw": joined(map(_place, job)),
        "country_raw": countries.pop() if len(countries) == 1 else None,
        "remote_raw": "true" if flag(first, "telecommuting") else None,
        "occupation_raw": text(first, "function")
        or text(first, "department")
        or joined(texts(first, "department") or ()),
    }
    full = "description" in first
    if full:
        values["text_raw"] = text(first, "description")
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full" if full else "card",
        layer="api",
        values=values,
    )


def _place(entry: Any) -> str | None:
    """Return city, state and country: the city is empty where only the country is told."""
    return joined((text(entry, name) for name in ("city", "state", "country")), ", ")
