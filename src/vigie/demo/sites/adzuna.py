"""A stand-in for Adzuna's API: searches by page, behind two keys."""

import re
from datetime import UTC
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

_SEARCH: Final = re.compile(r"/v1/api/jobs/([a-z]{2})/search/(\d{1,6})")
MOST: Final = 50


class AdzunaSite:
    """The API on one port."""

    name = "adzuna"
    origins: tuple[str, ...] = ("https://www.adzuna.fr", "https://api.adzuna.com")
    robots = "User-agent: *\nDisallow: /land/\n"
    anchor = b'"results"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a search, or which version this is."""
        found = _SEARCH.fullmatch(ask.path)
        if ask.path != "/v1/api/version" and found is None:
            return NOT_FOUND
        if not (ask.query.get("app_id") and ask.query.get("app_key")):
            return _told(401, {"exception": "AUTH_FAIL", "display": "Authorisation failed"})
        if found is None:
            return _told(200, {"api_version": 1, "software_version": "demo"})
        return _search(ask, contents, found[1], int(found[2]))

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the first page of the search."""
        return ask._replace(path=re.sub(r"/search/\d+$", "/search/1", ask.path))


@lru_cache(maxsize=24)
def _found(contents: Contents, words: str, place: str, days: str) -> tuple[Job, ...]:
    asked, where = folded(words).split(), folded(place)
    limit = int(days) * 86_400 if days.isdecimal() and len(days) < 5 else None
    return tuple(
        job for job in contents.jobs
        if all(word in job.search for word in asked)
        and (where in ("", "france") or (job.city and folded(job.city.name) in where))
        and (limit is None or (contents.today - job.created).total_seconds() <= limit)
    )  # fmt: skip


def _search(ask: Ask, contents: Contents, country: str, number: int) -> Page:
    told = ask.query.get("results_per_page", "10")
    size = min(MOST, int(told)) if told.isdecimal() and 0 < len(told) < 4 else 10
    asked = (ask.query.get(name, "") for name in ("what", "where", "max_days_old"))
    jobs = _found(contents, *asked) if country == "fr" else ()
    chosen = jobs[max(0, number - 1) * size : number * size]
    return _told(200, {"count": len(jobs), "results": [_ad(job) for job in chosen]})


def _ad(job: Job) -> dict[str, Any]:
    city = job.city
    native = str(6_000_000_000 + job.number)
    ad: dict[str, Any] = {
        "id": native, "title": job.title, "salary_is_predicted": "0",
        "description": f"{' '.join(job.text.split())[:480]}…",
        "created": job.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "company": {"display_name": job.company} if job.company else {},
        "category": {"label": f"Emplois {job.sector}", "tag": "demo-jobs"},
        "location": {"display_name": f"{city.name}, France" if city else "France",
                     "area": ["France", city.name] if city else ["France"]},
        "redirect_url": f"https://www.adzuna.fr/land/ad/{native}?se=demo&utm_medium=api&v=0",
        "contract_time": "part_time" if job.hours[0] in "2T" else "full_time",
    }  # fmt: skip
    if city and job.precise:
        ad |= {"latitude": city.lat, "longitude": city.lon}
    if job.contract[0] in ("CDI", "CDD"):
        ad["contract_type"] = "permanent" if job.contract[0] == "CDI" else "contract"
    if job.pay.get("libelle"):
        ad |= {"salary_min": job.yearly, "salary_max": job.yearly + 5000}
    return ad


def _told(status: int, words: dict[str, Any]) -> Page:
    return Page(status, msgspec.json.encode(words), "application/json; charset=utf-8")


STAND_IN = AdzunaSite
