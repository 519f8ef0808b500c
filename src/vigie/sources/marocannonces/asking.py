"""Which pages open a query on MarocAnnonces and continue it, down to 72 hours."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from vigie.errors import ConfigError, SourceError
from vigie.model.capture import Capture, Query, Request

from .page import NATIVE, items_of, next_href

SITE: Final = "https://www.marocannonces.com/"
ZONE: Final = ZoneInfo("Africa/Casablanca")

CATEGORIES: Final = {
    "Auto-Moto": "categorie/15/Auto-Moto.html?bloc=1",
    "Immobilier": "categorie/16/Vente-immobilier.html?bloc=1",
    "Multimédia": "categorie/306/Multim%C3%A9dia.html?bloc=1",
}
"""The three categories by the name shown, with the address of their newest ads."""

# The site writes months in English on French pages; its older pages in French.
_MONTHS = {
    name: month
    for month, names in enumerate((
        ("jan",), ("feb", "fév", "fev"), ("mar",), ("apr", "avr"), ("may", "mai"),
        ("jun", "juin"), ("jul", "juil"), ("aug", "aoû", "aou"), ("sep",), ("oct",), ("nov",),
        ("dec", "déc"),
    ), start=1)
    for name in names
}  # fmt: skip
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_DAY = re.compile(r"\b(\d{1,2})\s+([^\W\d_]{3,9})\.?(?:\s+(\d{4}))?")
_NUMBERED = re.compile(r"(?:/(\d+))?\.html$")


def first_requests(
    source: str, query: Query, categories: tuple[str, ...], since_hours: int
) -> Iterator[Request]:
    """Yield the first page of each category.

    Raises:
        ConfigError: an option or category is unknown, or the query narrows by words or place.
    """
    if query.words or query.place:
        raise ConfigError(
            f"{source}: query {query.name!r} asks for words or a place, but category pages cannot "
            f"be narrowed by them: leave them out and filter what is found"
        )
    for key in query.options:
        if key != "category":
            raise ConfigError(f"{source}: unknown option {key!r}. Known: category")
    asked = query.options.get("category")
    hours = query.since_hours if query.since_hours is not None else since_hours
    for name in (asked,) if asked else categories:
        if name not in CATEGORIES:
            near = get_close_matches(name, CATEGORIES, n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(CATEGORIES)}"
            raise ConfigError(f"{source}: unknown category {name!r}.{hint}")
        note = {"category": name, "since_hours": str(hours)}
        yield Request(url=SITE + CATEGORIES[name], note=note)


def next_requests(
    source: str, page: Capture, since_hours: int, *, details: bool
) -> Iterator[Request]:
    """Yield the ads of the cards when *details*, then the next page unless all ads are older."""
    try:
        items = items_of(source, page)
    except SourceError:
        return
    if any(item.full for item in items):
        return
    note = {key: value for key, value in page.note.items() if not key.startswith("scrub")}
    if details:
        for item in items:
            if native := NATIVE.search(item.href or ""):
                # Should the page be gone, its note says which ad that closes.
                known = note | {"native_id": native[1]}
                yield Request(url=urljoin(SITE, item.href or ""), note=known)
    told = page.note.get("since_hours", "")
    oldest = page.at - timedelta(hours=int(told) if told.isdigit() else since_hours)
    times = [time for item in items if (time := instant(item.date or "", page.at)) is not None]
    if times and all(time < oldest for time in times):
        return
    linked = next_href(page)
    # The site's relative addresses start at its root, though they have no leading slash.
    start = page.url if linked and linked.startswith("?") else SITE
    url = urljoin(start, linked) if linked else _numbered(page.url)
    if url and url != page.url and urlsplit(url).hostname == urlsplit(SITE).hostname:
        yield Request(url=url, note=note)


def _numbered(url: str) -> str | None:
    """Return the address of the page after *url*: the site puts ``/2`` before ``.html``."""
    parts = urlsplit(url)
    match = _NUMBERED.search(parts.path)
    if not match:
        return None
    path = f"{parts.path[: match.start()]}/{int(match[1] or 1) + 1}.html"
    return urlunsplit(parts._replace(path=path))


def instant(shown: str, now: datetime) -> datetime | None:
    """Return when an ad was published, read against *now*; None when it cannot be told.

    Shown are ``Aujourd'hui 10:20``, ``Hier 09:16``, ``14 Apr-10:20`` and ``10 Déc 2024``. A date
    without a year is the last such day before *now*; one without an hour is that day's last
    minute, so that following never stops a page too early.
    """
    here = now.astimezone(ZONE)
    time = _TIME.search(shown)
    hour, minute = (int(time[1]) % 24, int(time[2]) % 60) if time else (23, 59)
    low = shown.casefold()
    try:
        if "aujourd" in low or "today" in low:
            day = here
        elif "hier" in low or "yesterday" in low:
            day = here - timedelta(days=1)
        elif match := _DAY.search(shown):
            word = match[2].casefold()
            month = _MONTHS.get(word[:4]) or _MONTHS.get(word[:3])
            if month is None:
                return None
            day = here.replace(year=int(match[3] or here.year), month=month, day=int(match[1]))
            if not match[3] and day > here + timedelta(days=1):
                day = day.replace(year=here.year - 1)
        else:
            return None
    except ValueError:  # 29 February of another year, the 31st of a short month
        return None
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)
