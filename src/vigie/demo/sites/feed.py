"""A stand-in for a job board's feeds: the same offers as RSS 2.0, Atom and JSON Feed, in pages."""

import json
from datetime import UTC
from email.utils import format_datetime
from html import escape
from typing import Any, Final

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job
from vigie.demo.site import NOT_FOUND, Ask, Page

PAGE: Final = 100
_SITE: Final = "https://flux.exemple.example"


class FeedSite:
    """The board on one port."""

    name = "feed"
    origins: tuple[str, ...] = (_SITE,)
    robots = "User-agent: *\nDisallow: /admin/\n"
    anchor = b"<rss"

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a page of a feed; a page past the end holds no entry."""
        told = ask.query.get("page", "1")
        number = int(told) if told.isdecimal() and 0 < len(told) < 6 else 1
        start = (max(1, number) - 1) * PAGE
        chosen = contents.jobs[start : start + PAGE]
        more = start + PAGE < len(contents.jobs)
        following = f"{_SITE}{ask.path}?page={number + 1}" if more else None
        match ask.path:
            case "/offres.rss":
                return Page(200, _rss(chosen, following).encode(), "application/rss+xml")
            case "/offres.atom":
                return Page(200, _atom(chosen, following).encode(), "application/atom+xml")
            case "/offres.json":
                return Page(200, _json(chosen, following).encode(), "application/feed+json")
        return NOT_FOUND

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the first page of the feed."""
        return ask._replace(query={})


def _rss(jobs: tuple[Job, ...], following: str | None) -> str:
    linked = f'<atom:link rel="next" href="{following}"/>' if following else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:job_listing="https://flux.exemple.example/ns"><channel><title>Offres</title>'
        f"<link>{_SITE}/</link><language>fr</language>{linked}"
        f"{''.join(map(_item, jobs))}</channel></rss>"
    )


def _item(job: Job) -> str:
    company = escape(job.company or "")
    return (
        f"<item><title>{escape(job.title)}</title><link>{_url(job)}</link>"
        f'<guid isPermaLink="false">{job.id}</guid>'
        f"<pubDate>{format_datetime(job.created.astimezone(UTC))}</pubDate>"
        f"<dc:creator>{escape(job.recruiter)}</dc:creator>"
        f"<content:encoded>{escape(_text(job))}</content:encoded>"
        f"<job_listing:company>{company}</job_listing:company>"
        f"<job_listing:location>{escape(_place(job))}</job_listing:location>"
        f"<job_listing:job_type>{escape(job.contract[1])}</job_listing:job_type></item>"
    )


def _atom(jobs: tuple[Job, ...], following: str | None) -> str:
    linked = f'<link rel="next" href="{following}"/>' if following else ""
    entries = "".join(
        f"<entry><id>{_url(job)}</id><title>{escape(job.title)}</title>"
        f'<link href="{_url(job)}"/>'
        f"<published>{job.created.astimezone(UTC).isoformat()}</published>"
        f"<updated>{job.updated.astimezone(UTC).isoformat()}</updated>"
        f"<author><name>{escape(job.recruiter)}</name></author>"
        f'<content type="html">{escape(_text(job))}</content></entry>'
        for job in jobs
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="fr"><title>Offres</title><id>{_SITE}/offres.atom</id>{linked}{entries}</feed>'
    )


def _json(jobs: tuple[Job, ...], following: str | None) -> str:
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1", "title": "Offres", "language": "fr",
        "items": [
            {
                "id": job.id, "url": _url(job), "title": job.title, "content_html": _text(job),
                "date_published": job.created.astimezone(UTC).isoformat(),
                "authors": [{"name": job.recruiter}], "tags": list(job.skills),
            }
            for job in jobs
        ],
    }  # fmt: skip
    return json.dumps(feed | ({"next_url": following} if following else {}))


def _url(job: Job) -> str:
    return f"{_SITE}/offres/{job.id}"


def _text(job: Job) -> str:
    return f"<p>{escape(job.text)}</p>".replace("\n\n", "</p><p>")


def _place(job: Job) -> str:
    return job.city.name if job.city else "France"


STAND_IN = FeedSite
