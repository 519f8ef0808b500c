"""A stand-in for Teamtailor's JSON feed: each board is a host of its own, each job a JobPosting."""

from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.boards import (
    BOARDS,
    Board,
    board_of,
    company_of,
    full_time,
    html_of,
    jobs_on,
    number_of,
    pay_of,
    remote_of,
    uuid_of,
)
from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

FEED: Final = "/jobs.json"
_JSON: Final = "application/feed+json; charset=utf-8"


class TeamtailorSite:
    """All boards on one port: below the folder that `folders` names, the first one without."""

    name = "teamtailor"
    origins: tuple[str, ...] = tuple(
        f"https://{board.slug}.teamtailor.com" for board in BOARDS["teamtailor"]
    )
    folders: Final = {
        f"https://{board.slug}.teamtailor.com": f"/~{board.slug}" for board in BOARDS["teamtailor"]
    }
    robots = "User-agent: *\nAllow: /\n"
    anchor = b'"items"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the question for a board's feed."""
        slug, path = BOARDS[self.name][0].slug, ask.path
        if path.startswith("/~"):
            slug, _, path = path[2:].partition("/")
            path = f"/{path}"
        board = board_of(self.name, slug)
        if board is None or path != FEED:
            return NOT_FOUND
        return Page(200, _board(contents, board), _JSON)

    def first_page(self, ask: Ask) -> Ask:
        """Return the same question: a feed has one page."""
        return ask


@lru_cache(maxsize=8)
def _board(contents: Contents, board: Board) -> bytes:
    home = f"https://{board.slug}.teamtailor.com"
    return msgspec.json.encode({
        "version": "https://jsonfeed.org/version/1.1", "title": board.name,
        "home_page_url": f"{home}/jobs", "feed_url": home + FEED,
        "items": [_item(job, board) for job in jobs_on(contents, "teamtailor", board)],
    })  # fmt: skip


def _item(job: Job, board: Board) -> dict[str, Any]:
    number, text, posted = number_of(job), html_of(job.text), job.created.isoformat()
    return {
        "id": uuid_of(job, "teamtailor"), "title": job.title, "date_published": posted,
        "url": f"https://{board.slug}.teamtailor.com/jobs/{number}-poste", "content_html": text,
        "_jobposting": {
            "@context": "http://schema.org/", "@type": "JobPosting", "title": job.title,
            "description": text, "datePosted": posted,
            "identifier": {"@type": "PropertyValue", "name": board.name, "value": number},
            "employmentType": "FULL_TIME" if full_time(job) else "PART_TIME",
            "hiringOrganization": {"@type": "Organization", "name": company_of(job, board)},
            "jobLocation": [_place(job)],
            **({"jobLocationType": "TELECOMMUTE"} if remote_of(job) == "remote" else {}),
            **_pay(job),
        },
    }  # fmt: skip


def _place(job: Job) -> dict[str, Any]:
    address = {"@type": "PostalAddress", "addressCountry": "FR"}
    if job.city:
        address |= {"addressLocality": job.city.name, "postalCode": job.city.postal}
    return {"@type": "Place", "address": address}


def _pay(job: Job) -> dict[str, Any]:
    pay = pay_of(job)
    if pay is None:
        return {}
    value = {
        "@type": "QuantitativeValue", "minValue": pay[0], "maxValue": pay[1], "unitText": "YEAR",
    }  # fmt: skip
    return {"baseSalary": {"@type": "MonetaryAmount", "currency": "EUR", "value": value}}


STAND_IN = TeamtailorSite
