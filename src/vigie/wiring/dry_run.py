"""What a run would ask of the real sites, from the recipe alone: nothing is asked, no secret told.

Only the opening requests are known: what follows depends on the answers. Which follow-ups a
source can make is said in its own words.
"""

import dataclasses
import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vigie.errors import VigieError
from vigie.model.capture import Query, Request

if TYPE_CHECKING:
    from vigie.collect.job import Job
    from vigie.wiring.instance import Instance


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The first requests of one query, or why there are none."""

    query: str
    requests: tuple[Request, ...] = ()
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would be asked of one source."""

    source: str
    label: str
    pause_seconds: float
    openings: tuple[Opening, ...]
    needs: tuple[str, ...] = ()
    """Names of the credentials that it needs."""
    lacking: tuple[str, ...] = ()
    """Those of them that are not set."""
    signing_in: Request | None = None
    """What is asked with the credentials first; names stand in their place."""
    signed: tuple[tuple[str, str], ...] = ()
    """Headers that carry a credential, its name in its place."""
    sentinel: tuple[Request, ...] = ()
    """Asked first, once a day: what must find nothing."""
    follow: str = ""
    """What else it may ask, in its own words."""
    more: bool = True
    """Whether it may ask anything else; then `follow` says what, else why not."""

    @property
    def twins(self) -> frozenset[tuple[str, str, bytes | None]]:
        """Requests that open several queries: alike until their answers are followed."""
        alike = Counter(sent(request) for opening in self.openings for request in opening.requests)
        return frozenset(one for one, count in alike.items() if count > 1)


def sent(request: Request) -> tuple[str, str, bytes | None]:
    """Return what of a request reaches the site."""
    return request.method, request.url, request.body


def common_headers(here: "Instance") -> tuple[tuple[str, str], ...]:
    """Return the headers that every request carries."""
    return (("User-Agent", here._options(None).user_agent),)


def plan_of(here: "Instance", job: "Job") -> Plan:
    """Return what *job* would ask first."""
    from vigie import sources

    needs: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    signing_in: Request | None = None
    signed: tuple[tuple[str, str], ...] = ()
    made = sources.login_class(job.name, here.settings.maps_folder)
    if made is not None:
        needs = tuple(part.name for part in dataclasses.fields(made))
        lacking = tuple(name for name in needs if not getattr(job.login, name, ""))
        signing_in, signed = _signing(made, needs)
    told = job.source.sentinel
    asks_words = any(query.words or query.place or query.options for query in job.queries)
    return Plan(
        source=job.name, label=job.source.label, pause_seconds=job.source.pause_seconds,
        openings=tuple(_opening(here, job, query) for query in job.queries),
        needs=needs, lacking=lacking, signing_in=signing_in, signed=signed,
        sentinel=_requests(lambda: job.source.first(told))[0] if told and asks_words else (),
        follow=_follow(job.source), more=not _told(job.source).startswith("nothing"),
    )  # fmt: skip


def _opening(here: "Instance", job: "Job", query: Query) -> Opening:
    from vigie.collect.places import goes_on, going_on, place_name

    if goes_on(job.source, query):
        name = place_name(job.watch, query, job.source)
        query = going_on(query, here.agenda.resume(job.name, name))
    requests, error = _requests(lambda: job.source.first(query))
    return Opening(query=query.name, requests=requests, error=error)


def _requests(ask: Callable[[], Iterator[Request]]) -> tuple[tuple[Request, ...], str]:
    try:
        return tuple(ask()), ""
    except VigieError as error:
        return (), str(error)


def _signing(
    made: type[Any], names: Sequence[str]
) -> tuple[Request | None, tuple[tuple[str, str], ...]]:
    """Return how the login signs in, with names instead of credentials."""
    login = made(**{name: f"<{name}>" for name in names})
    try:
        asked: Request | None = login.request()
        if asked is not None:
            return asked, ()
        signed: Request = login.sign(Request(url="https://unasked.invalid/"), None)
    except VigieError:
        return None, ()
    return None, signed.headers


def _follow(source: Any) -> str:
    return _told(source).removeprefix("nothing: ")


def _told(source: Any) -> str:
    """Return what the source says that it asks after its first pages, without marks of code."""
    first = (inspect.getdoc(type(source).follow) or "").partition("\n\n")[0]
    plain = " ".join(first.split()).removeprefix("Yield ").rstrip(".")
    return re.sub(r"[`*]", "", plain)
