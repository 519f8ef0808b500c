"""A stand-in for Lever's postings API: a board is a list, one posting a city."""

from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.boards import Board, board_of, html_of, jobs_on, pay_of, remote_of, uuid_of
from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

PREFIX: Final = "/v0/postings/"
_JSON: Final = "application/json; charset=utf-8"
_WORKPLACES: Final = {"remote": "remote", "hybrid": "hybrid", "on_site": "onsite"}


class LeverSite:
    """The API on one port."""

    name = "lever"
    origins: tuple[str, ...] = ("https://api.lever.co", "https://jobs.lever.co")
    robots = "User-agent: *\nAllow: /\n"
    anchor = b'"text"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the question for a board's postings."""
        if not ask.path.startswith(PREFIX):
            return NOT_FOUND
        board = board_of(self.name, ask.path.removeprefix(PREFIX))
        if board is None:
            return Page(404, b'{"ok":false,"error":"Document not found"}', _JSON)
        return Page(200, _board(contents, board), _JSON)

    def first_page(self, ask: Ask) -> Ask:
        """Return the same question: a board has one page."""
        return ask


@lru_cache(maxsize=16)
def _board(contents: Contents, board: Board) -> bytes:
    return msgspec.json.encode([_job(job, board) for job in jobs_on(contents, "lever", board)])


def _job(job: Job, board: Board) -> dict[str, Any]:
    native_id = uuid_of(job, "lever")
    place = f"{job.city.name}, France" if job.city else "France"
    opening, _, rest = job.text.partition("\n\n")
    body, _, end = rest.rpartition("\n\n")
    address = f"https://jobs.lever.co/{board.slug}/{native_id}"
    told: dict[str, Any] = {
        "additional": html_of(end), "additionalPlain": end,
        "categories": {"commitment": job.contract[1], "location": place, "team": job.trade.label,
                       "allLocations": [place]},
        "createdAt": int(job.created.timestamp() * 1000),
        "description": html_of(opening), "descriptionPlain": opening,
        "id": native_id,
        "lists": [{"text": "Le poste", "content": _points(body)}] if body else [],
        "text": job.title, "country": "FR", "workplaceType": _WORKPLACES[remote_of(job)],
        "hostedUrl": address, "applyUrl": f"{address}/apply",
    }  # fmt: skip
    if pay := pay_of(job):
        told["salaryRange"] = {
            "currency": "EUR", "interval": "per-year-salary", "min": pay[0], "max": pay[1],
        }  # fmt: skip
    return told


def _points(text: str) -> str:
    """Return each paragraph as a point of a list."""
    return "".join(
        f"<li>{html_of(part).removeprefix('<p>').removesuffix('</p>')}</li>"
        for part in text.split("\n\n")
    )


STAND_IN = LeverSite
