"""A stand-in for Recruitee's careers API: each board is a host of its own."""

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
)
from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

OFFERS: Final = "/api/offers/"
_JSON: Final = "application/json; charset=utf-8"


class RecruiteeSite:
    """All boards on one port: below the folder that `folders` names, the first one without."""

    name = "recruitee"
    origins: tuple[str, ...] = tuple(
        f"https://{board.slug}.recruitee.com" for board in BOARDS["recruitee"]
    )
    folders: Final = {
        f"https://{board.slug}.recruitee.com": f"/~{board.slug}" for board in BOARDS["recruitee"]
    }
    robots = "User-agent: *\nAllow: /\n"
    anchor = b'"offers"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the question for a board's offers."""
        slug, path = BOARDS[self.name][0].slug, ask.path
        if path.startswith("/~"):
            slug, _, path = path[2:].partition("/")
            path = f"/{path}"
        board = board_of(self.name, slug)
        if board is None or path != OFFERS:
            return NOT_FOUND
        return Page(200, _board(contents, board), _JSON)

    def first_page(self, ask: Ask) -> Ask:
        """Return the same question: a board has one page."""
        return ask


@lru_cache(maxsize=8)
def _board(contents: Contents, board: Board) -> bytes:
    offers = [_offer(job, board) for job in jobs_on(contents, "recruitee", board)]
    return msgspec.json.encode({"offers": offers})


def _offer(job: Job, board: Board) -> dict[str, Any]:
    number, workplace, pay = number_of(job), remote_of(job), pay_of(job)
    address = f"https://{board.slug}.recruitee.com/o/offre-{number}"
    body, _, end = job.text.rpartition("\n\n")
    hours = "35" if full_time(job) else "24"
    city = job.city
    return {
        "id": number, "guid": f"{number:x}", "slug": f"offre-{number}", "title": job.title,
        "company_name": company_of(job, board), "city": city.name if city else None,
        "postal_code": city.postal if city else None, "country": "France", "country_code": "FR",
        "location": "Remote job" if workplace == "remote" else
                    f"{city.name}, France" if city else "France",
        "remote": workplace == "remote", "hybrid": workplace == "hybrid",
        "on_site": workplace == "on_site", "status": "published", "careers_url": address,
        "careers_apply_url": f"{address}/c/new", "published_at": _time(job),
        "updated_at": f"{job.updated:%Y-%m-%d %H:%M:%S} UTC", "created_at": _time(job),
        "close_at": None,
        "salary": {"min": str(pay[0]) if pay else None, "max": str(pay[1]) if pay else None,
                   "period": "year" if pay else None, "currency": "EUR" if pay else None},
        "category_code": None, "department": job.trade.label,
        "employment_type_code": "fulltime_permanent" if full_time(job) else "parttime_permanent",
        "min_hours_per_week": hours, "max_hours_per_week": hours,
        "mailbox_email": f"job.{number:x}@{board.slug}.invalid",
        "description": html_of(body or end), "requirements": html_of(end) if body else "",
    }  # fmt: skip


def _time(job: Job) -> str:
    return f"{job.created:%Y-%m-%d %H:%M:%S} UTC"


STAND_IN = RecruiteeSite
