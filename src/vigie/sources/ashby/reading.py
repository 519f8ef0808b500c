"""Reading an Ashby board: its listed jobs, and one job in the model's names."""

from collections.abc import Sequence
from typing import Any, Final

from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import GONE, changed, json_of
from vigie.sources.blanking import Blanking
from vigie.sources.values import flag, joined, part, parts, text

BLANKING: Final = Blanking(revision="1")


def jobs_of(source: str, page: Capture) -> Sequence[Any]:
    """Return the jobs that the board lists.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    if page.status in GONE:
        raise PageChanged(source, page.url, "board (misspelt, or gone)")
    jobs = part(json_of(source, page)).get("jobs")
    if not isinstance(jobs, list):
        raise changed(source, page, '"jobs" list')
    listed = [job for job in jobs if flag(job, "isListed") is not False]
    if not listed:
        raise Empty(source, page.url)
    return listed


def listing_of(job: Any) -> Listing:
    """Return one job.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    native_id = text(job, "id")
    if native_id is None:
        raise RecordError("no_id")
    title = text(job, "title")
    if title is None:
        raise RecordError("no_title", native_id)
    others = (text(one, "location") for one in parts(job, "secondaryLocations"))
    values: dict[str, Shown] = {
        "url": text(job, "jobUrl"),
        "title": title,
        "company": None,  # the board does not name it
        "posted_raw": text(job, "publishedAt"),
        "place_raw": joined((text(job, "location"), *others)),
        "country_raw": text(job, "address", "postalAddress", "addressCountry"),
        "contract_raw": text(job, "employmentType"),
        # A hybrid job may be flagged as remote too: the kind of workplace says more.
        "remote_raw": text(job, "workplaceType") or ("true" if flag(job, "isRemote") else None),
        "occupation_raw": text(job, "department") or text(job, "team"),
        "apply_url": text(job, "applyUrl"),
    }
    full = "descriptionHtml" in job or "descriptionPlain" in job
    if full:
        values["text_raw"] = text(job, "descriptionHtml") or text(job, "descriptionPlain")
    if "compensation" in job:
        values |= _pay(job)
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full" if full else "card",
        layer="api",
        values=values,
    )


def _pay(job: Any) -> dict[str, Shown]:
    """Return the pay that the board shows: its bounds where one salary is told, and its words."""
    shown = flag(job, "shouldDisplayCompensationOnJobPostings") is not False
    pay = part(job, "compensation") if shown else {}
    salaries = [
        one for one in parts(pay, "summaryComponents") if text(one, "compensationType") == "Salary"
    ]
    salary = salaries[0] if len(salaries) == 1 else {}
    return {
        "pay_raw": text(pay, "compensationTierSummary")
        or text(pay, "scrapeableCompensationSalarySummary"),
        "pay_min_raw": text(salary, "minValue"),
        "pay_max_raw": text(salary, "maxValue"),
        "pay_currency_raw": text(salary, "currencyCode"),
        "pay_period_raw": text(salary, "interval"),
    }
