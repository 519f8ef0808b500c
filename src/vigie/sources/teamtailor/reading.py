"""Reading a Teamtailor feed: its jobs, and one job in the model's names.

Source: JSON Feed 1.1 (jsonfeed.org), and captured feeds.
"""

from collections.abc import Sequence
from typing import Any, Final

from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import GONE, changed, decoded, json_of
from vigie.sources.blanking import Blanking
from vigie.sources.jsonld import job_values
from vigie.sources.values import joined, part, parts, text

BLANKING: Final = Blanking(
    revision="1", people=frozenset({"author", "authors", "applicationContact"})
)

_ONE_PLACE: Final = ("postal_raw", "lat_raw", "lon_raw")


def jobs_of(source: str, page: Capture) -> Sequence[Any]:
    """Return the jobs of the feed.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    if page.status in GONE:
        raise PageChanged(source, page.url, "board (misspelt, or gone)")
    jobs = part(json_of(source, page)).get("items")
    if not isinstance(jobs, list):
        raise changed(source, page, '"items" list')
    if not jobs:
        raise Empty(source, page.url)
    return jobs


def listing_of(job: Any, page: Capture) -> Listing:
    """Return one job: the JobPosting first, the feed's own words for what it lacks.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    native_id = text(job, "id")
    if native_id is None:
        raise RecordError("no_id")
    posting = part(job, "_jobposting")
    values = job_values(posting)
    own: dict[str, Shown] = {
        "title": text(job, "title"),
        "text_raw": text(job, "content_html") or text(job, "content_text"),
        "posted_raw": text(job, "date_published"),
        "company": text(decoded(page.body), "title"),  # the board's name
    }
    values |= {name: values[name] or own[name] for name in own}
    if values["title"] is None:
        raise RecordError("no_title", native_id)
    values |= {"url": text(job, "url"), "updated_raw": text(job, "date_modified")}
    values |= _places(posting)
    told = ("content_html" in job) or ("content_text" in job) or ("description" in posting)
    if not told:
        del values["text_raw"]
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full" if told else "card",
        layer="json-ld" if posting else "api",
        values=values,
    )


def _places(posting: dict[str, Any]) -> dict[str, Shown]:
    """Return all places of a job that has several; codes and coordinates are of one place only."""
    places = parts(posting, "jobLocation")
    if len(places) < 2:
        return {}
    each = [job_values({"jobLocation": place}) for place in places]
    countries = {str(one["country_raw"]) for one in each if one["country_raw"]}
    return {
        "place_raw": joined(str(one["place_raw"]) for one in each if one["place_raw"]),
        "country_raw": countries.pop() if len(countries) == 1 else None,
        **dict.fromkeys(_ONE_PLACE),
    }
