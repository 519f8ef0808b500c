"""A stand-in for the HN API of Algolia: threads, and the comments of one, newest first."""

import html
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

HITS: Final = 1000
THREAD: Final = 48_000_000
"""Number of the thread; its comments are numbered after it."""
_BOUND: Final = re.compile(r"created_at_i(<=|>=|<|>)(\d{1,12})")


class HackerNewsSite:
    """The API on one port."""

    name = "hn_who_is_hiring"
    origins: tuple[str, ...] = ("https://hn.algolia.com", "https://news.ycombinator.com")
    robots = "User-agent: *\nDisallow:\n"
    anchor = b'"hits"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a question for threads or comments."""
        if ask.path != "/api/v1/search_by_date":
            return NOT_FOUND
        tags = ask.query.get("tags", "")
        if tags == "story,author_whoishiring":
            hits = _threads(contents)
        elif tags == f"comment,story_{THREAD}":
            hits = [hit for hit, said in _comments(contents) if _asked_for(hit, said, ask)]
        else:
            hits = []
        told = ask.query.get("hitsPerPage", "20")
        size = min(HITS, int(told)) if told.isdecimal() and 0 < len(told) < 5 else 20
        return Page(
            200,
            msgspec.json.encode({
                "hits": hits[:size], "nbHits": len(hits), "page": 0, "hitsPerPage": size,
                "nbPages": -(-min(len(hits), HITS) // max(1, size)),
            }),
            "application/json; charset=utf-8",
        )  # fmt: skip

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the newest comments."""
        return ask._replace(query={n: v for n, v in ask.query.items() if n != "numericFilters"})


def _threads(contents: Contents) -> list[dict[str, Any]]:
    opened = contents.today.replace(day=1, hour=15, minute=0, second=0, microsecond=0)
    month = f"({opened:%B %Y})"
    return [
        _story(THREAD + place - 2, f"Ask HN: {words} {month}", opened)
        for place, words in (
            (0, "Who wants to be hired?"),
            (1, "Freelancer?"),
            (2, "Who is hiring?"),
        )
    ]


def _story(number: int, title: str, at: datetime) -> dict[str, Any]:
    return {
        "objectID": str(number), "title": title, "author": "whoishiring", "created_at": _stamp(at),
        "created_at_i": int(at.timestamp()), "_tags": ["story", "author_whoishiring"],
    }  # fmt: skip


def _asked_for(hit: dict[str, Any], said: str, ask: Ask) -> bool:
    at = hit["created_at_i"]
    for sign, limit in _BOUND.findall(ask.query.get("numericFilters", "")):
        number = int(limit)
        fits = {"<=": at <= number, ">=": at >= number, "<": at < number, ">": at > number}
        if not fits[sign]:
            return False
    return all(word in said for word in folded(ask.query.get("query", "")).split())


@lru_cache(maxsize=3)
def _comments(contents: Contents) -> tuple[tuple[dict[str, Any], str], ...]:
    """Return the offers as comments with what a search looks at, and talk below one in nine."""
    found = []
    for job in contents.jobs:
        found.append((_comment(job), job.search))
        if job.number % 9 == 0:
            found.append((_talk(job), "a question"))
    return tuple(found)


def _comment(job: Job) -> dict[str, Any]:
    place = job.city.name if job.city else "France"
    company = job.company or "Stealth company"
    pay = f" | {job.yearly // 1000}-{job.yearly // 1000 + 5}k €" if job.pay.get("libelle") else ""
    remote = ("ONSITE", "REMOTE", "Hybrid")[job.number % 3]
    line = f"{company} | {job.title} | {place} | {remote}{pay}"
    if job.number % 11 == 0:  # not everybody keeps to the custom
        line = f"{company} is looking for people in {place}: {job.title}"
    paragraphs = html.escape(job.text).replace("/", "&#x2F;").split("\n\n")
    return _hit(job, 2 * job.number, THREAD, "<p>".join([html.escape(line), *paragraphs]))


def _talk(job: Job) -> dict[str, Any]:
    return _hit(job, 2 * job.number + 1, THREAD + 1 + 2 * job.number, "Is this still open?")


def _hit(job: Job, number: int, parent: int, said: str) -> dict[str, Any]:
    author = f"camille_fictif_{job.number % 97}"
    return {
        "objectID": str(THREAD + 1 + number), "story_id": THREAD, "parent_id": parent,
        "author": author, "comment_text": said, "created_at": _stamp(job.created),
        "created_at_i": int(job.created.timestamp()), "story_title": "Ask HN: Who is hiring?",
        "_tags": ["comment", f"author_{author}", f"story_{THREAD}"],
        "_highlightResult": {"author": {"value": author, "matchLevel": "none"}},
    }  # fmt: skip


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


STAND_IN = HackerNewsSite
