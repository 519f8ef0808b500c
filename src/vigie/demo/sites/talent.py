"""A stand-in for Talent.com: search pages of 20 cards and the offers' own pages, in HTML."""

import html
import json
from datetime import UTC
from functools import lru_cache
from typing import Final

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

CARDS: Final = 20
_BUILD: Final = "x7Qd2"
"""What a build adds to the names of classes."""


class TalentSite:
    """The site on one port."""

    name = "talent"
    origins: tuple[str, ...] = ("https://fr.talent.com",)
    robots = "User-agent: *\nDisallow: /services/\nDisallow: /redirect\nDisallow: /api/\n"
    anchor = b"jobcard-container-"

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a search or an offer's page."""
        if ask.path == "/jobs":
            return _search(ask, contents)
        if ask.path == "/view":
            job = _by_id(contents).get(ask.query.get("id", ""))
            return _offer(job) if job else NOT_FOUND
        return NOT_FOUND

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the first page of the search."""
        return ask._replace(query={name: v for name, v in ask.query.items() if name != "p"})


def _id(job: Job) -> str:
    return f"{0xA1B2000000 + job.number:x}"


@lru_cache(maxsize=3)
def _by_id(contents: Contents) -> dict[str, Job]:
    return {_id(job): job for job in contents.jobs}


@lru_cache(maxsize=24)
def _found(contents: Contents, words: str, place: str) -> tuple[Job, ...]:
    asked, where = folded(words).split(), folded(place)
    return tuple(
        job for job in contents.jobs
        if all(word in job.search for word in asked)
        and (where in ("", "france") or (job.city and folded(job.city.name) in where))
    )  # fmt: skip


def _search(ask: Ask, contents: Contents) -> Page:
    told = ask.query.get("p", "1")
    number = int(told) if told.isdecimal() and 0 < len(told) < 6 else 1
    jobs = _found(contents, ask.query.get("k", ""), ask.query.get("l", ""))
    # Past the end the last page comes back again.
    number = max(1, min(number, -(-len(jobs) // CARDS)))
    chosen = jobs[(number - 1) * CARDS : number * CARDS]
    listed = json.dumps({
        "@context": "https://schema.org", "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "url": f"https://fr.talent.com/view?id={_id(job)}"}
            for place, job in enumerate(chosen, start=1)
        ],
    })  # fmt: skip
    return _page(
        f"{len(jobs)} offres",
        f'<script type="application/ld+json">{listed}</script>',
        "".join(_card(job) for job in chosen),
    )


def _card(job: Job) -> str:
    native, text = _id(job), html.escape(" ".join(job.text.split())[:160])
    pay = job.pay.get("libelle") or job.pay.get("commentaire") or ""
    shown = f"<span>{html.escape(pay.replace('Euros', '€'))}</span>" if pay else ""
    company = (
        f'<span class="JobCard_company__{_BUILD}">{html.escape(job.company)}</span>'
        if job.company
        else ""
    )
    return (
        f'<div data-testid="jobcard-container-{native}" data-job-id="{job.number}" '
        f'data-new-id="{native}"><article data-testid="job-card-unified">'
        f'<a href="/view?id={native}"><h2 class="JobCard_title__{_BUILD}">'
        f"{html.escape(job.title)}</h2></a>{company}"
        f'<span class="JobCard_location__{_BUILD}">{html.escape(_place(job))}</span>{shown}'
        f'<p class="JobCard_snippet__{_BUILD}">{text}…</p>'
        f'<time class="JobCard_timeText__{_BUILD}" dateTime="{_stamp(job)}">récemment</time>'
        f"</article></div>"
    )


def _offer(job: Job) -> Page:
    pay = job.pay.get("libelle") or job.pay.get("commentaire")
    text = html.escape(job.text).replace("\n", "<br>")
    shown = f"<h3>Salaire</h3><div>{html.escape(pay)}</div>" if pay else ""
    company = f"<span>{html.escape(job.company)}</span>" if job.company else "<span>—</span>"
    return _page(
        job.title,
        "",
        f"<h1>{html.escape(job.title)}</h1><div>{company}<span>•</span>"
        f"<span>{html.escape(_place(job))}</span></div>{shown}"
        f"<h3>Type de poste</h3><div>{html.escape(job.contract[1])}</div>"
        f"<h3>Description du poste</h3><div>{text}</div>",
    )


def _place(job: Job) -> str:
    return f"{job.city.name}, {job.city.dep}, FR" if job.city else "France"


def _stamp(job: Job) -> str:
    return job.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _page(title: str, head: str, content: str) -> Page:
    return Page(
        200,
        (
            f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>'
            f"{html.escape(title)} | Talent.com</title>{head}</head><body>{content}</body></html>"
        ).encode(),
    )


STAND_IN = TalentSite
