"""A stand-in for an employer's own site: an index of sitemaps, and offers that carry JSON-LD."""

import gzip
import html
import json
from datetime import UTC
from functools import lru_cache
from typing import Any, Final

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

PART: Final = 400
"""Offers of one sitemap."""
_SITE: Final = "https://carrieres.exemple.example"
_SPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_ABOUT: Final = "/qui-nous-sommes"


class JobPostingsSite:
    """The site on one port."""

    name = "job_postings"
    origins: tuple[str, ...] = (_SITE,)
    robots = f"User-agent: *\nDisallow: /candidature/\nSitemap: {_SITE}/sitemap.xml\n"
    anchor = b"JobPosting"

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a sitemap, an offer, or the one page that holds no offer."""
        if ask.path == "/sitemap.xml":
            return _index(contents)
        if ask.path == _ABOUT:
            return _page("Qui nous sommes", "", "<h1>Qui nous sommes</h1>")
        if ask.path.startswith("/sitemap-"):
            return _sitemap(ask.path, contents)
        job = _by_path(contents).get(ask.path)
        return _offer(job) if job else NOT_FOUND

    def first_page(self, ask: Ask) -> Ask:
        """Return the question itself: there are no further pages."""
        return ask


def _path(job: Job) -> str:
    return f"/offres/{job.id.lower()}-{job.number}"


@lru_cache(maxsize=3)
def _by_path(contents: Contents) -> dict[str, Job]:
    return {_path(job): job for job in contents.jobs}


def _index(contents: Contents) -> Page:
    count = -(-len(contents.jobs) // PART)
    named = "".join(
        f"<sitemap><loc>{_SITE}/sitemap-{number}.xml{'.gz' if number % 2 else ''}</loc></sitemap>"
        for number in range(count)
    )
    return _xml(f'<sitemapindex xmlns="{_SPACE}">{named}</sitemapindex>')


def _sitemap(path: str, contents: Contents) -> Page:
    name = path.removeprefix("/sitemap-").removesuffix(".gz").removesuffix(".xml")
    if not name.isdecimal() or len(name) > 4:
        return NOT_FOUND
    number = int(name)
    jobs = contents.jobs[number * PART : (number + 1) * PART]
    if not jobs:
        return NOT_FOUND
    named = "".join(
        f"<url><loc>{_SITE}{_path(job)}</loc><lastmod>{job.updated.astimezone(UTC):%Y-%m-%d}"
        f"</lastmod></url>"
        for job in jobs
    )
    about = f"<url><loc>{_SITE}{_ABOUT}</loc></url>" if number == 0 else ""
    page = _xml(f'<urlset xmlns="{_SPACE}">{named}{about}</urlset>')
    if path.endswith(".gz"):
        return page._replace(body=gzip.compress(page.body, mtime=0), type="application/gzip")
    return page


def _offer(job: Job) -> Page:
    text = f"<p>{html.escape(job.text)}</p>".replace("\n\n", "</p><p>")
    posting: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "JobPosting", "title": job.title,
        "description": text, "datePosted": job.created.astimezone(UTC).isoformat(),
        "employmentType": ["PART_TIME" if job.hours[0] in "2T" else "FULL_TIME"],
        "hiringOrganization": {"@type": "Organization", "name": job.company or "confidential"},
        "applicationContact": {"@type": "ContactPoint", "name": job.recruiter,
                               "telephone": job.phone},
        "totalJobOpenings": job.openings, "skills": ", ".join(job.skills),
        "identifier": {"@type": "PropertyValue", "name": "ref", "value": job.id},
    }  # fmt: skip
    if job.city:
        posting["jobLocation"] = {"@type": "Place", "address": {
            "@type": "PostalAddress", "addressLocality": job.city.name,
            "postalCode": job.city.postal, "addressCountry": "FR",
        }}  # fmt: skip
    if job.pay.get("libelle"):
        posting["baseSalary"] = {"@type": "MonetaryAmount", "currency": "EUR", "value": {
            "@type": "QuantitativeValue", "minValue": job.yearly, "maxValue": job.yearly + 5000,
            "unitText": "YEAR",
        }}  # fmt: skip
    carried = json.dumps(posting).replace("</", "<\\/")
    return _page(
        job.title,
        f'<script type="application/ld+json">{carried}</script>',
        f"<h1>{html.escape(job.title)}</h1>{text}",
    )


def _xml(content: str) -> Page:
    return Page(
        200, f'<?xml version="1.0" encoding="UTF-8"?>\n{content}'.encode(), "application/xml"
    )


def _page(title: str, head: str, content: str) -> Page:
    return Page(
        200,
        (
            f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>'
            f"{html.escape(title)}</title>{head}</head><body>{content}</body></html>"
        ).encode(),
    )


STAND_IN = JobPostingsSite
