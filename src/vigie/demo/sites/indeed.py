"""A stand-in for Indeed: search pages that carry their cards as JSON, and the offers' own pages."""

import html
import json
from functools import lru_cache
from typing import Any, Final

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

SHOWN: Final = 15
STEP: Final = 10


class IndeedSite:
    """The site on one port."""

    name = "indeed"
    origins: tuple[str, ...] = ("https://fr.indeed.com",)
    robots = "User-agent: *\nDisallow: /rc/\nDisallow: /account/\n"
    anchor = b"mosaic-provider-jobcards"

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a search or an offer's page."""
        if ask.path == "/jobs":
            return _search(ask, contents)
        if ask.path == "/viewjob":
            job = _by_key(contents).get(ask.query.get("jk", ""))
            return _offer(job) if job else NOT_FOUND
        return NOT_FOUND

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the first page of the search."""
        return ask._replace(query={name: v for name, v in ask.query.items() if name != "start"})


def _key(job: Job) -> str:
    return f"{0x1D00000000000000 + job.number:016x}"


@lru_cache(maxsize=3)
def _by_key(contents: Contents) -> dict[str, Job]:
    return {_key(job): job for job in contents.jobs}


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


def _search(ask: Ask, contents: Contents) -> Page:
    told = ask.query.get("start", "0")
    start = int(told) if told.isdecimal() and len(told) < 7 else 0
    asked = (ask.query.get(name, "") for name in ("q", "l", "fromage"))
    jobs = _found(contents, *asked)
    chosen = jobs[start : start + SHOWN]
    model = {"results": [_card(job, contents) for job in chosen], "pageNumber": start // STEP + 1}
    data = {"metaData": {"mosaicProviderJobCardsModel": model}}
    more = ""
    if start + SHOWN < len(jobs):
        more = (
            f'<a data-testid="pagination-page-next" href="/jobs?start={start + STEP}">Suivant</a>'
        )
    carried = json.dumps(data).replace("</", "<\\/")
    return _page(
        f"{len(jobs)} offres",
        f'<script>window.mosaic.providerData["mosaic-provider-jobcards"]={carried};</script>'
        f'<script>window._stats={{"totalJobCount":{len(jobs)}}};</script>{more}',
    )


def _card(job: Job, contents: Contents) -> dict[str, Any]:
    days = (contents.today - job.created).days
    card: dict[str, Any] = {
        "jobkey": _key(job), "title": job.title, "displayTitle": job.title,
        "company": job.company or "Entreprise confidentielle",
        "formattedLocation": _place(job), "pubDate": int(job.created.timestamp() * 1000),
        "formattedRelativeTime": f"il y a {days} jours" if days else "À l'instant",
        "snippet": f"<ul><li>{html.escape(' '.join(job.text.split())[:140])}…</li></ul>",
        "jobTypes": [job.contract[1]], "remoteLocation": False, "expired": False,
        "salarySnippet": {"currency": "", "salaryTextFormatted": False},
        "viewJobLink": f"/viewjob?jk={_key(job)}&from=vjs", "link": f"/rc/clk?jk={_key(job)}",
        "taxonomyAttributes": [{"label": "remote", "attributes": []}],
    }  # fmt: skip
    if pay := job.pay.get("libelle"):
        card["salarySnippet"] = {"currency": "EUR", "source": "EXTRACTION", "text": pay}
    return card


def _offer(job: Job) -> Page:
    data = {"jobInfoWrapperModel": {"jobInfoModel": {
        "jobInfoHeaderModel": {
            "jobTitle": job.title, "companyName": job.company or "Entreprise confidentielle",
            "formattedLocation": _place(job),
        },
        "sanitizedJobDescription": f"<p>{html.escape(job.text)}</p>".replace("\n", "<br>"),
        "jobMetadataHeaderModel": {"jobType": job.contract[1]},
    }}, "salaryInfoModel": {"salaryText": job.pay.get("libelle")}}  # fmt: skip
    carried = json.dumps(data).replace("</", "<\\/")
    return _page(job.title, f"<script>window._initialData={carried};</script>")


def _place(job: Job) -> str:
    return f"{job.city.name} ({job.city.dep})" if job.city else "France"


def _page(title: str, content: str) -> Page:
    return Page(
        200,
        (
            f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>'
            f"{html.escape(title)} | Indeed</title></head><body>{content}</body></html>"
        ).encode(),
    )


STAND_IN = IndeedSite
