"""A stand-in for Arbeitnow's API: pages of 100 ads, newest first, each naming the next."""

import html
import re
from typing import Any, Final

import msgspec

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

PAGE: Final = 100
_API: Final = "https://www.arbeitnow.com/api/job-board-api"


class ArbeitnowSite:
    """The API on one port."""

    name = "arbeitnow"
    origins: tuple[str, ...] = ("https://www.arbeitnow.com",)
    robots = "User-agent: *\nDisallow: /admin\n"
    anchor = b'"data"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a page of ads; a page past the end holds none."""
        if ask.path != "/api/job-board-api":
            return NOT_FOUND
        told = ask.query.get("page", "1")
        number = int(told) if told.isdecimal() and 0 < len(told) < 6 else 1
        start = (max(1, number) - 1) * PAGE
        chosen = contents.jobs[start : start + PAGE]
        more = start + PAGE < len(contents.jobs)
        return Page(
            200,
            msgspec.json.encode({
                "data": [_ad(job) for job in chosen],
                "links": {
                    "first": f"{_API}?page=1", "last": None,
                    "prev": f"{_API}?page={number - 1}" if number > 1 else None,
                    "next": f"{_API}?page={number + 1}" if more else None,
                },
                "meta": {"current_page": number, "per_page": PAGE, "path": _API},
            }),
            "application/json",
        )  # fmt: skip

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the first page."""
        return ask._replace(query={})


def _ad(job: Job) -> dict[str, Any]:
    slug = f"{re.sub(r'[^a-z0-9]+', '-', folded(job.title)).strip('-')}-{job.number}"
    company = job.company or "Entreprise discrète"
    remote = job.number % 7 == 0
    return {
        "slug": slug, "company_name": company, "title": job.title,
        "description": f"<p>{html.escape(job.text)}</p>".replace("\n\n", "</p>\n<p>"),
        "remote": remote, "url": f"https://www.arbeitnow.com/jobs/companies/demo/{slug}",
        "tags": (["Remote"] if remote else []) + [job.trade.label],
        "job_types": [job.contract[1]] if job.number % 3 else [],
        "location": job.city.name if job.city else "France",
        "created_at": int(job.created.timestamp()),
    }  # fmt: skip


STAND_IN = ArbeitnowSite
