"""A stand-in for Greenhouse's board API: a whole board in one answer, texts escaped once more."""

import html
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.boards import (
    Board,
    board_of,
    company_of,
    html_of,
    jobs_on,
    number_of,
    pay_of,
)
from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

PREFIX: Final = "/v1/boards/"
SUFFIX: Final = "/jobs"
_JSON: Final = "application/json; charset=utf-8"


class GreenhouseSite:
    """The API on one port."""

    name = "greenhouse"
    origins: tuple[str, ...] = (
        "https://boards-api.greenhouse.io",
        "https://job-boards.greenhouse.io",
    )
    robots = "User-agent: *\nAllow: /\n"
    anchor = b'"jobs"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the question for a board's jobs."""
        if not (ask.path.startswith(PREFIX) and ask.path.endswith(SUFFIX)):
            return NOT_FOUND
        board = board_of(self.name, ask.path[len(PREFIX) : -len(SUFFIX)])
        if board is None:
            return Page(404, b'{"status":404,"error":"Job not found"}', _JSON)
        full = ask.query.get("content") == "true"
        paid = ask.query.get("pay_transparency") == "true"
        return Page(200, _board(contents, board, full, paid), _JSON)

    def first_page(self, ask: Ask) -> Ask:
        """Return the same question: a board has one page."""
        return ask


@lru_cache(maxsize=16)
def _board(contents: Contents, board: Board, full: bool, paid: bool) -> bytes:
    jobs = [
        _job(job, board, contents, full, paid) for job in jobs_on(contents, "greenhouse", board)
    ]
    return msgspec.json.encode({"jobs": jobs, "meta": {"total": len(jobs)}})


def _job(job: Job, board: Board, contents: Contents, full: bool, paid: bool) -> dict[str, Any]:
    number = number_of(job)
    told: dict[str, Any] = {
        "absolute_url": f"https://job-boards.greenhouse.io/{board.slug}/jobs/{number}",
        "data_compliance": [], "internal_job_id": number + 7,
        "location": {"name": f"{job.city.name}, France" if job.city else "France"},
        "metadata": [{"id": 1, "name": "Hiring manager", "value_type": "user",
                      "value": {"name": job.recruiter,
                                "email": f"embauche-{job.number}@exemple.invalid"}}],
        "id": number,
        # As on real boards, one time for all of them: it says nothing of the job.
        "updated_at": contents.today.isoformat(timespec="seconds"),
        "requisition_id": f"R-{job.number}", "title": job.title,
        "company_name": company_of(job, board),
        "first_published": job.created.isoformat(timespec="seconds"),
        "language": "en" if job.english else "fr", "application_deadline": None,
    }  # fmt: skip
    if full:
        told["content"] = html.escape(html_of(job.text))
        told["departments"] = [
            {"id": 11, "name": job.trade.label, "child_ids": [], "parent_id": None}
        ]
        told["offices"] = []
    if paid:
        pay = pay_of(job)
        told["pay_input_ranges"] = pay and [{
            "min_cents": pay[0] * 100, "max_cents": pay[1] * 100, "currency_type": "EUR",
            "title": "Annual salary range", "blurb": "",
        }]  # fmt: skip
    return told


STAND_IN = GreenhouseSite
