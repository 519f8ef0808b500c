"""A stand-in for SmartRecruiters' posting API: lists in pages, texts on the postings' own answers.

As on the real API, a company that does not exist has no postings, and is no error.
"""

import re
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.boards import (
    Board,
    board_of,
    company_of,
    full_time,
    html_of,
    jobs_on,
    number_of,
    remote_of,
)
from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

WIDEST: Final = 100
_PATH: Final = re.compile(r"/v1/companies/([^/]+)/postings(?:/([^/]+))?")
_JSON: Final = "application/json; charset=utf-8"


class SmartRecruitersSite:
    """The API on one port."""

    name = "smartrecruiters"
    origins: tuple[str, ...] = (
        "https://api.smartrecruiters.com",
        "https://jobs.smartrecruiters.com",
    )
    robots = "User-agent: *\nAllow: /\n"
    anchor = b'"content"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the question for a list or a posting."""
        found = _PATH.fullmatch(ask.path)
        if found is None:
            return NOT_FOUND
        board = board_of(self.name, found[1])
        if found[2]:
            body = _postings(contents, board).get(found[2]) if board else None
            return _told(404, {"message": "Resource not found"}) if body is None else _page(body)
        try:
            limit = min(int(ask.query.get("limit", "10")), WIDEST)
            offset = int(ask.query.get("offset", "0"))
        except ValueError:
            return _told(400, {"message": "Bad request"})
        if limit < 1 or offset < 0:
            return _told(400, {"message": "Bad request"})
        jobs = jobs_on(contents, self.name, board) if board else ()
        shown = [_card(job, board) for job in jobs[offset : offset + limit]] if board else []
        return _told(200, {
            "offset": offset, "limit": limit, "totalFound": len(jobs), "content": shown,
        })  # fmt: skip

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the first list."""
        return ask._replace(query={**ask.query, "offset": "0"})


def _told(status: int, told: object) -> Page:
    return Page(status, msgspec.json.encode(told), _JSON)


def _page(body: bytes) -> Page:
    return Page(200, body, _JSON)


@lru_cache(maxsize=8)
def _postings(contents: Contents, board: Board) -> dict[str, bytes]:
    """Return every posting's own answer by its id."""
    jobs = jobs_on(contents, "smartrecruiters", board)
    return {_id(job): msgspec.json.encode(_posting(job, board)) for job in jobs}


def _id(job: Job) -> str:
    return f"7440{number_of(job):011}"


def _card(job: Job, board: Board) -> dict[str, Any]:
    native_id, workplace, city = _id(job), remote_of(job), job.city
    place: dict[str, Any] = {
        "country": "fr", "remote": workplace == "remote", "hybrid": workplace == "hybrid",
        "fullLocation": f"{city.name}, France" if city else "France",
    }  # fmt: skip
    if city:
        place |= {"city": city.name, "postalCode": city.postal}
        if job.precise:
            place |= {"latitude": str(city.lat), "longitude": str(city.lon)}
    return {
        "id": native_id, "name": job.title, "uuid": native_id, "refNumber": f"REF{job.number}",
        "company": {"identifier": board.slug, "name": company_of(job, board)},
        "releasedDate": f"{job.created:%Y-%m-%dT%H:%M:%S}.000Z", "location": place,
        "industry": {"id": "other", "label": job.sector}, "department": {},
        "function": {"id": job.trade.rome, "label": job.trade.label},
        "typeOfEmployment": {"id": "permanent",
                             "label": "Full-time" if full_time(job) else "Part-time"},
        "experienceLevel": {"id": "not_applicable", "label": job.experience[1]},
        "customField": [], "visibility": "PUBLIC",
        "ref": f"https://api.smartrecruiters.com/v1/companies/{board.slug}/postings/{native_id}",
        "creator": {"name": job.recruiter},
        "language": {"code": "en" if job.english else "fr", "label": "", "labelNative": ""},
    }  # fmt: skip


def _posting(job: Job, board: Board) -> dict[str, Any]:
    card = _card(job, board)
    address = f"https://jobs.smartrecruiters.com/{board.slug}/{card['id']}"
    body, _, end = job.text.rpartition("\n\n")
    sections = {
        "companyDescription": {"title": "L'entreprise", "text": f"<p>{board.name}</p>"},
        "jobDescription": {"title": "Le poste", "text": html_of(body or end)},
    }
    if body:
        sections["additionalInformation"] = {"title": "Et aussi", "text": html_of(end)}
    del card["ref"]
    return card | {
        "postingUrl": address, "applyUrl": f"{address}?oga=true", "active": True,
        "jobAd": {"sections": sections},
    }  # fmt: skip


STAND_IN = SmartRecruitersSite
