"""A stand-in for Personio's XML feed: each board is a host of its own."""

import html
from functools import lru_cache
from typing import Final

from vigie.demo.boards import (
    BOARDS,
    Board,
    board_of,
    company_of,
    full_time,
    html_of,
    jobs_on,
    number_of,
)
from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

FEED: Final = "/xml"
_XML: Final = "text/xml; charset=UTF-8"
_YEARS: Final = {"1 An(s)": "1-2", "2 An(s)": "2-5", "3 An(s)": "2-5", "5 An(s)": "5-7",
                 "10 An(s)": "10-15"}  # fmt: skip


class PersonioSite:
    """All boards on one port: below the folder that `folders` names, the first one without."""

    name = "personio"
    origins: tuple[str, ...] = tuple(
        f"https://{board.slug}.jobs.personio.de" for board in BOARDS["personio"]
    )
    folders: Final = {
        f"https://{board.slug}.jobs.personio.de": f"/~{board.slug}" for board in BOARDS["personio"]
    }
    robots = "User-agent: *\nAllow: /\n"
    anchor = b"workzag-jobs"

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the question for a board's feed."""
        slug, path = BOARDS[self.name][0].slug, ask.path
        if path.startswith("/~"):
            slug, _, path = path[2:].partition("/")
            path = f"/{path}"
        board = board_of(self.name, slug)
        if board is None or path != FEED:
            return NOT_FOUND
        return Page(200, _board(contents, board), _XML)

    def first_page(self, ask: Ask) -> Ask:
        """Return the same question: a feed has one page."""
        return ask


@lru_cache(maxsize=8)
def _board(contents: Contents, board: Board) -> bytes:
    positions = "\n".join(_position(job, board) for job in jobs_on(contents, "personio", board))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<workzag-jobs>\n{positions}\n</workzag-jobs>\n'
    ).encode()


def _position(job: Job, board: Board) -> str:
    parts = {
        "id": str(number_of(job)), "subcompany": company_of(job, board),
        "office": job.city.name if job.city else "France", "department": job.sector,
        "name": job.title,
    }  # fmt: skip
    told = "".join(f"<{name}>{html.escape(text)}</{name}>" for name, text in parts.items())
    years = _YEARS.get(job.experience[1])
    last = {
        "employmentType": "permanent" if job.contract[0] == "CDI" else "temporary",
        "seniority": "experienced" if years else "entry-level",
        "schedule": "full-time" if full_time(job) else "part-time",
        "yearsOfExperience": years or "lt-1", "keywords": ",".join(job.skills),
        "occupation": job.trade.label, "createdAt": job.created.isoformat(),
    }  # fmt: skip
    ends = "".join(f"<{name}>{html.escape(text)}</{name}>" for name, text in last.items())
    return (
        f"<position>{told}<jobDescriptions><jobDescription><name>Le poste</name>"
        f"<value><![CDATA[{html_of(job.text)}]]></value></jobDescription></jobDescriptions>"
        f"{ends}</position>"
    )


STAND_IN = PersonioSite
