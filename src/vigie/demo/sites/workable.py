"""A stand-in for Workable's widget API: a whole board; a job is repeated for each of its places."""

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import msgspec

from vigie.demo.boards import Board, board_of, full_time, html_of, jobs_on, remote_of
from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

PREFIX: Final = "/api/v1/widget/accounts/"
REPEATED: Final = 5
"""One job in so many is open in two places."""
_JSON: Final = "application/json; charset=utf-8"


class WorkableSite:
    """The API on one port."""

    name = "workable"
    origins: tuple[str, ...] = ("https://apply.workable.com",)
    robots = "User-agent: *\nAllow: /\n"
    anchor = b'"jobs"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the question for a board's jobs."""
        if not ask.path.startswith(PREFIX):
            return NOT_FOUND
        board = board_of(self.name, ask.path.removeprefix(PREFIX))
        if board is None:
            return Page(404, b'{"error":"Not found"}', _JSON)
        return Page(200, _board(contents, board, ask.query.get("details") == "true"), _JSON)

    def first_page(self, ask: Ask) -> Ask:
        """Return the same question: a board has one page."""
        return ask


@lru_cache(maxsize=16)
def _board(contents: Contents, board: Board, full: bool) -> bytes:
    entries = []
    for job in jobs_on(contents, "workable", board):
        entry = _entry(job, full)
        entries.append(entry)
        if job.number // 128 % REPEATED == 0:  # 128: the slots of the boards
            entries.append(entry | {"country": "Belgium", "city": "Liège", "state": ""})
    return msgspec.json.encode({"name": board.name, "description": None, "jobs": entries})


def _entry(job: Job, full: bool) -> dict[str, Any]:
    code = blake2b(f"workable {job.number}".encode(), digest_size=5).hexdigest().upper()
    address = f"https://apply.workable.com/j/{code}"
    city = job.city.name if job.city else ""
    told: dict[str, Any] = {
        "title": job.title, "shortcode": code, "code": None,
        "employment_type": "Full-time" if full_time(job) else "Part-time",
        "telecommuting": remote_of(job) == "remote", "department": job.trade.label,
        "url": address, "shortlink": address, "application_url": f"{address}/apply",
        "published_on": f"{job.created:%Y-%m-%d}", "created_at": f"{job.created:%Y-%m-%d}",
        "country": "France", "city": city, "state": "",
        "education": "", "experience": job.experience[1], "function": job.trade.label,
        "industry": job.sector,
        "locations": [{"country": "France", "countryCode": "FR", "city": city, "region": None,
                       "hidden": False}],
    }  # fmt: skip
    return told | {"description": html_of(job.text)} if full else told


STAND_IN = WorkableSite
