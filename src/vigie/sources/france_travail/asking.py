"""Which requests open a query and continue it, with what the API admits.

Pages are ranges of 150 in the address (``range=0-149``). A query that announces more than the API
gives is split into halves by time of creation, over and over; a window of one second that is still
too large is split by département and also paged as far as it goes, since offers placed in
"France" belong to no département. Everything is decided from the capture: its address, its
``Content-Range`` and its time.

Source: OpenAPI description of "Offres d'emploi v2", read 2026-11-20.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from vigie.errors import ConfigError
from vigie.model.capture import Capture, Query, Request

from .answer import content_range

SEARCH: Final = "https://api.francetravail.io/partenaire/offresdemploi/v2/offres/search"
PAGE: Final = 150
PUBLISHED_SINCE_DAYS: Final = (1, 3, 7, 14, 31)
"""The only values of ``publieeDepuis``."""

OPENED: Final = datetime(2015, 1, 1, tzinfo=UTC)
"""Before any offer of the API: the start of a query that names none."""

PARAMETERS: Final = frozenset({
    "accesTravailleurHandicape", "appellation", "codeNAF", "codeROME", "commune", "departement",
    "distance", "domaine", "dureeContratMax", "dureeContratMin", "dureeHebdo", "dureeHebdoMax",
    "dureeHebdoMin", "employeursHandiEngages", "entreprisesAdaptees", "experience",
    "experienceExigence", "grandDomaine", "inclureLimitrophes", "maxCreationDate",
    "minCreationDate", "modeSelectionPartenaires", "motsCles", "natureContrat", "niveauFormation",
    "offresMRS", "offresManqueCandidats", "origineOffre", "partenaires", "paysContinent",
    "periodeSalaire", "permis", "publieeDepuis", "qualification", "region", "salaireMin",
    "secteurActivite", "tempsPlein", "theme", "typeContrat",
})  # fmt: skip
"""What `Query.options` may name."""

_PLACES = ("commune", "departement", "region", "paysContinent")

DEPARTEMENTS: Final = (
    *(f"{n:02}" for n in range(1, 20)), "2A", "2B", *(f"{n}" for n in range(21, 96)),
    "971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988",
)  # fmt: skip

_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_ONE_SECOND = timedelta(seconds=1)


def first_request(source: str, query: Query) -> Request:
    """Return the request for the first page of *query*.

    Raises:
        ConfigError: an option is no parameter of the API, or the place is no code.
    """
    asked: dict[str, str] = {}
    if query.words.strip():
        asked["motsCles"] = query.words.strip()
    for key, value in query.options.items():
        if key not in PARAMETERS:
            near = get_close_matches(key, sorted(PARAMETERS), n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{source}: unknown option {key!r} in query {query.name!r}.{hint}")
        asked[key] = value
    if query.place and not any(name in asked for name in _PLACES):
        asked |= _place(source, query.place.strip())
    if query.since_hours is not None and "publieeDepuis" not in asked:
        asked |= _since(query.since_hours)
    asked |= {"sort": "1", "range": f"0-{PAGE - 1}"}
    return Request(url=f"{SEARCH}?{urlencode(asked)}")


def _place(source: str, place: str) -> dict[str, str]:
    if place.upper() in DEPARTEMENTS:
        return {"departement": place.upper()}
    if len(place) == 5 and place[2:].isdigit():
        return {"commune": place}
    raise ConfigError(
        f"{source}: place {place!r} is no code of a département (69) or commune (69123). "
        f"Name it by code, or by the options departement, commune, region."
    )


def _since(hours: int) -> dict[str, str]:
    """Return the least admitted number of days that covers *hours*; none covers over 31 days."""
    days = next((days for days in PUBLISHED_SINCE_DAYS if days * 24 >= hours), None)
    return {} if days is None else {"publieeDepuis": str(days)}


def next_requests(page: Capture, most: int) -> Iterator[Request]:
    """Yield the next range of the query of *page*, or its halves when it holds over *most*."""
    if page.status not in (200, 206):
        return
    asked = dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))
    found = content_range(page)
    if found is None:
        # More was announced by the status alone: go on by the range that was asked.
        start = asked.get("range", "").partition("-")[0]
        if page.status != 206 or not start.isdigit():
            return
        found = (int(start), int(start) + PAGE - 1, most)
    first, last, total = found
    if first == 0 and total > most:
        halves = list(_halves(page, asked))
        yield from (_asking(page, half) for half in halves)
        if halves and "departement" not in halves[0]:
            return
    if 0 <= last < min(total, most) - 1:
        yield _asking(page, asked | {"range": f"{last + 1}-{min(last + PAGE, most - 1)}"})


def _halves(page: Capture, asked: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yield two halves of the query by time; by place when its window is one second."""
    low, high = _window(page, asked)
    asked = {key: value for key, value in asked.items() if key != "publieeDepuis"}
    asked["range"] = f"0-{PAGE - 1}"
    if high - low > _ONE_SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        for start, end in ((low, middle), (middle + _ONE_SECOND, high)):
            yield asked | {
                "minCreationDate": start.strftime(_STAMP),
                "maxCreationDate": end.strftime(_STAMP),
            }
    elif not any(name in asked for name in _PLACES):
        yield from (asked | {"departement": code} for code in DEPARTEMENTS)


def _window(page: Capture, asked: dict[str, str]) -> tuple[datetime, datetime]:
    """Return from when to when the query looks, whole seconds, both included."""
    now = (page.at + _ONE_SECOND).astimezone(UTC).replace(microsecond=0)
    since = asked.get("publieeDepuis", "")
    # Days of the API are whole: one more covers the hours of the first.
    opened = now - timedelta(days=int(since) + 1) if since.isdigit() else OPENED
    return _instant(asked, "minCreationDate", opened), _instant(asked, "maxCreationDate", now)


def _instant(asked: dict[str, str], name: str, otherwise: datetime) -> datetime:
    try:
        return datetime.strptime(asked.get(name, ""), _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return otherwise


def _asking(page: Capture, asked: dict[str, str]) -> Request:
    parts = urlsplit(page.url)
    return Request(url=urlunsplit(parts._replace(query=urlencode(asked))), note=_travelling(page))


def _travelling(page: Capture) -> dict[str, str]:
    return {key: value for key, value in page.note.items() if not key.startswith("scrub")}
