"""A stand-in for Ashby's posting API: a whole board, with a job that is not listed."""

from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.boards import (
    Board,
    board_of,
    full_time,
    html_of,
    jobs_on,
    pay_of,
    remote_of,
    uuid_of,
)
from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

PREFIX: Final = "/posting-api/job-board/"
_JSON: Final = "application/json; charset=utf-8"
_WORKPLACES: Final = {"remote": "Remote", "hybrid": "Hybrid", "on_site": "OnSite"}


class AshbySite:
    """The API on one port."""

    name = "ashby"
    origins: tuple[str, ...] = ("https://api.ashbyhq.com", "https://jobs.ashbyhq.com")
    robots = "User-agent: *\nAllow: /\n"
    anchor = b'"jobs"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the question for a board's jobs."""
        if not ask.path.startswith(PREFIX):
            return NOT_FOUND
        board = board_of(self.name, ask.path.removeprefix(PREFIX))
        if board is None:  # no JSON, as seen on the API
            return Page(404, b"Not Found", "text/plain; charset=utf-8")
        paid = ask.query.get("includeCompensation") == "true"
        return Page(200, _board(contents, board, paid), _JSON)

    def first_page(self, ask: Ask) -> Ask:
        """Return the same question: a board has one page."""
        return ask


@lru_cache(maxsize=16)
def _board(contents: Contents, board: Board, paid: bool) -> bytes:
    jobs = [_job(job, board, paid) for job in jobs_on(contents, "ashby", board)]
    if jobs:  # reached by its address alone
        hidden = jobs[0] | {"id": "00000000-0000-4000-8000-000000000000", "isListed": False}
        jobs.append(hidden)
    return msgspec.json.encode({"jobs": jobs, "apiVersion": "1"})


def _job(job: Job, board: Board, paid: bool) -> dict[str, Any]:
    native_id = uuid_of(job, "ashby")
    workplace = remote_of(job)
    address = f"https://jobs.ashbyhq.com/{board.slug}/{native_id}"
    city = job.city.name if job.city else ""
    pay = pay_of(job)
    told: dict[str, Any] = {
        "id": native_id, "title": job.title, "department": job.sector, "team": job.trade.label,
        "employmentType": "FullTime" if full_time(job) else "PartTime",
        "location": city or "France", "shouldDisplayCompensationOnJobPostings": pay is not None,
        "secondaryLocations": [], "publishedAt": job.created.isoformat(timespec="milliseconds"),
        "isListed": True, "isRemote": workplace != "on_site",
        "workplaceType": _WORKPLACES[workplace],
        "address": {"postalAddress": {"addressRegion": "", "addressCountry": "France",
                                      "addressLocality": city}},
        "jobUrl": address, "applyUrl": f"{address}/application",
        "descriptionHtml": html_of(job.text), "descriptionPlain": job.text,
    }  # fmt: skip
    if paid:
        told["compensation"] = _compensation(pay)
    return told


def _compensation(pay: tuple[int, int] | None) -> dict[str, Any]:
    if pay is None:
        return {
            "compensationTierSummary": None, "scrapeableCompensationSalarySummary": None,
            "compensationTiers": [], "summaryComponents": [],
        }  # fmt: skip
    summary = f"€{pay[0] / 1000:g}K – €{pay[1] / 1000:g}K"
    salary = {
        "compensationType": "Salary", "interval": "1 YEAR", "currencyCode": "EUR",
        "minValue": pay[0], "maxValue": pay[1],
    }  # fmt: skip
    return {
        "compensationTierSummary": summary, "scrapeableCompensationSalarySummary": summary,
        "compensationTiers": [{"tierSummary": summary, "title": None, "components": [salary]}],
        "summaryComponents": [salary],
    }  # fmt: skip


STAND_IN = AshbySite
