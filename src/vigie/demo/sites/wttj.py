"""A stand-in for Welcome to the Jungle: the page with the search's key, the search, offers."""

import html
import json
import re
from datetime import UTC
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

HITS: Final = 1000
KEY: Final = "demo0demo0demo0demo0demo0demo000"
_ENV: Final = {
    "ALGOLIA_APPLICATION_ID": "DEMOVIGIE1", "ALGOLIA_API_KEY_CLIENT": KEY,
    "ALGOLIA_JOBS_INDEX_PREFIX": "wttj_jobs_demo", "PUBLIC_DOMAIN": "www.welcometothejungle.com",
}  # fmt: skip
_SITE: Final = "https://www.welcometothejungle.com"
_OFFER: Final = re.compile(r"/(?:fr|en)/companies/[^/]+/jobs/([^/]+)")
_FILTER: Final = re.compile(r"published_at_timestamp(>=|<=)(\d+)")
_KINDS: Final = {"CDI": "full_time", "CDD": "temporary", "MIS": "temporary", "LIB": "freelance",
                 "SAI": "temporary"}  # fmt: skip
_REMOTE: Final = ("no", "punctual", "partial", "fulltime", "unknown")


class WelcomeToTheJungleSite:
    """The site and its search, on one port."""

    name = "wttj"
    origins: tuple[str, ...] = (_SITE, "https://demovigie1-dsn.algolia.net")
    robots = "User-agent: *\nDisallow: /*?\n"
    anchor = b'"hits"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the search page, a search, or an offer's page."""
        if ask.path in ("/fr/jobs", "/en/jobs"):
            return _page("Offres", f"<script>window.env = {json.dumps(_ENV)}</script>", "")
        if ask.path == "/1/indexes/*/queries":
            return _search(ask, contents)
        if found := _OFFER.fullmatch(ask.path):
            job = _by_slug(contents).get(found[1])
            return _offer(job) if job else NOT_FOUND
        return NOT_FOUND

    def first_page(self, ask: Ask) -> Ask:
        """Return the question itself: a search is one page."""
        return ask


@lru_cache(maxsize=3)
def _by_slug(contents: Contents) -> dict[str, Job]:
    return {_slug(job): job for job in contents.jobs}


@lru_cache(maxsize=3)
def _hits(contents: Contents) -> dict[int, dict[str, Any]]:
    return {job.number: _hit(job) for job in contents.jobs}


def _search(ask: Ask, contents: Contents) -> Page:
    if ask.headers.get("x-algolia-api-key") != KEY:
        return _told(403, {"message": "Invalid Application-ID or API key", "status": 403})
    try:
        asked = json.loads(ask.body)["requests"][0]
        params = {name: values[0] for name, values in parse_qs(asked["params"]).items()}
        number, size = int(params.get("page", "0")), int(params.get("hitsPerPage", "20"))
        facets = json.loads(params.get("facetFilters", "[]"))
        times = _FILTER.findall(params.get("numericFilters", ""))
    except (ValueError, KeyError, IndexError, TypeError):
        return _told(400, {"message": "invalid request", "status": 400})
    words = folded(params.get("query", "")).split()
    jobs = [
        job for job in contents.jobs
        if all(word in job.search for word in words)
        and all(_within(job, sign, int(limit)) for sign, limit in times)
        and all(_faceted(job, facet) for facet in facets)
    ]  # fmt: skip
    held = _hits(contents)
    chosen = jobs[number * size : min((number + 1) * size, HITS)]
    return _told(200, {"results": [{
        "hits": [held[job.number] for job in chosen], "nbHits": len(jobs), "page": number,
        "nbPages": -(-min(len(jobs), HITS) // size), "hitsPerPage": size,
        "query": params.get("query", ""), "index": asked.get("indexName"),
    }]})  # fmt: skip


def _within(job: Job, sign: str, limit: int) -> bool:
    at = int(job.created.timestamp())
    return at >= limit if sign == ">=" else at <= limit


def _faceted(job: Job, facet: str) -> bool:
    name, _, value = facet.partition(":")
    if name == "offices.country_code":
        return value == "FR"
    return name == "contract_type" and _kind(job) == value


def _hit(job: Job) -> dict[str, Any]:
    hit: dict[str, Any] = {
        "objectID": str(job.number), "reference": _reference(job), "name": job.title,
        "slug": _slug(job), "organization": {"name": _company(job), "slug": _named(_company(job))},
        "offices": [_office(job)], "remote": _REMOTE[job.number % 5], "contract_type": _kind(job),
        "language": "en" if job.english else "fr", "summary": job.text[:400],
        "sectors": [{"reference": _named(job.sector), "name": job.sector}],
        "published_at": _stamp(job), "published_at_timestamp": int(job.created.timestamp()),
    }  # fmt: skip
    if job.pay.get("libelle"):
        hit |= {"salary_minimum": job.yearly, "salary_maximum": job.yearly + 5000,
                "salary_currency": "EUR", "salary_period": "yearly"}  # fmt: skip
    return hit


def _offer(job: Job) -> Page:
    text = f"<p>{html.escape(job.text)}</p>".replace("\n\n", "</p><p>")
    posting = {
        "@context": "http://schema.org", "@type": "JobPosting", "title": job.title,
        "datePosted": _stamp(job), "description": text, "employmentType": "FULL_TIME",
        "hiringOrganization": {"@type": "Organization", "name": _company(job),
                               "address": {"@type": "PostalAddress", "addressCountry": "FR"}},
    }  # fmt: skip
    office = _office(job)
    data = {"queries": [{"queryKey": ["job", "fr", _named(_company(job)), _slug(job)], "state": {
        "data": {
            "name": job.title, "description": text, "wttj_reference": _reference(job),
            "slug": _slug(job), "organization": {"name": _company(job)}, "offices": [office],
            "office": office, "contract_type": _kind(job), "remote": _REMOTE[job.number % 5],
            "published_at": _stamp(job), "language": "en" if job.english else "fr",
            "skills": [{"name": {"fr": skill}} for skill in job.skills],
        }}}]}  # fmt: skip
    canonical = f"{_SITE}/fr/companies/{_named(_company(job))}/jobs/{_slug(job)}"
    state = json.dumps(json.dumps(data)).replace("</", "<\\/")
    linked = json.dumps(posting).replace("</", "<\\/")
    return _page(
        job.title,
        f'<script>window.env = {json.dumps(_ENV)}</script><link href="{canonical}" rel="canonical">'
        f'<script type="application/ld+json">{linked}</script>',
        f"<h1>{html.escape(job.title)}</h1><script>window.__INITIAL_DATA__ = {state}</script>",
    )


def _office(job: Job) -> dict[str, Any]:
    if job.city is None:
        return {"country": "France", "country_code": "FR"}
    office: dict[str, Any] = {
        "city": job.city.name, "country": "France", "country_code": "FR",
        "zip_code": job.city.postal,
    }  # fmt: skip
    if job.precise:
        office |= {"latitude": job.city.lat, "longitude": job.city.lon}
    return office


def _company(job: Job) -> str:
    return job.company or "Entreprise discrète"


def _kind(job: Job) -> str:
    return "apprenticeship" if "apprentissage" in job.contract[2] else _KINDS[job.contract[0]]


def _slug(job: Job) -> str:
    place = f"_{_named(job.city.name)}" if job.city else ""
    return f"{_named(job.title)}-{job.number}{place}"


def _named(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", folded(text)).strip("-") or "x"


def _reference(job: Job) -> str:
    return f"00000000-0000-4000-8000-{job.number:012d}"


def _stamp(job: Job) -> str:
    return job.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _told(status: int, words: dict[str, Any]) -> Page:
    return Page(status, msgspec.json.encode(words), "application/json")


def _page(title: str, head: str, content: str) -> Page:
    return Page(
        200,
        (
            f'<!DOCTYPE html><html lang="fr"><head>{head}<title>{html.escape(title)}</title>'
            f"</head><body>{content}</body></html>"
        ).encode(),
    )


STAND_IN = WelcomeToTheJungleSite
