"""The first page: what is watched, how much of it there is, and how fresh it is."""

from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vigie.model.ask import Bucket
from vigie.model.kinds import KINDS
from vigie.web.alarms import alike
from vigie.web.pages.draw import RENAME, THEMES, Pages
from vigie.web.pages.source_states import source_states
from vigie.web.question import Question

_YEAR_SECONDS: Final = 365 * 24 * 3600

# Kind → the facet whose largest values stand on its card as a way in.
WAYS_IN: Final = {"job": "place_city", "ad": "category", "post": "topic", "figure": "table"}
TOP: Final = 5
FLOOR: Final = 10
"""Posts are counted by topic from so many on."""


class Total(msgspec.Struct, frozen=True):
    """One kind on the first page."""

    name: str
    path: str | None
    """Its list; None for posts, which are private."""
    open: int
    closed: int
    new: int
    facet: str
    top: tuple[tuple[Bucket, str | None], ...]
    most: int
    new_path: str | None


class Home:
    """``/``, ``/search`` (one box, several kinds) and ``/preferences``."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._site = pages.site

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/search", self.search, methods=["GET"]),
            Route("/preferences", self.preferences, methods=["GET"]),
        ]

    def home(self, request: Request) -> Response:
        """Return the first page; commands to type when there is nothing yet."""
        visitor = self._pages.visitor(request)
        totals = [self._total(name, visitor.now) for name in KINDS]
        installed = source_states(self._site)
        states = [state for state in installed if state.word != "never"]
        facts: dict[str, Any] = {
            "totals": totals,
            "states": states,
            "alarms": {state.name: len(alike(state.alarms)) for state in states},
            "sites": len(states or installed),
            "idle": len(installed) - len(states),
            "troubled": sum(state.word != "ok" or bool(state.alarms) for state in states),
            "instance_is_empty": not any(total.open or total.closed for total in totals),
        }
        return self._pages.draw(request, "home.html", facts, visitor=visitor)

    def search(self, request: Request) -> Response:
        """Lead to the list of the kind chosen, with the words typed."""
        plural = request.query_params.get("kind", "jobs")
        known = {kind.plural for kind in KINDS.values()} - {"posts"}
        words = request.query_params.get("q", "").strip()
        path = f"/{plural if plural in known else 'jobs'}"
        return RedirectResponse(f"{path}?{urlencode({'q': words})}" if words else path, 303)

    def preferences(self, request: Request) -> Response:
        """Keep a language or a theme in a cookie and lead back."""
        back = request.query_params.get("back", "/")
        local = back.startswith("/") and not back.startswith(("//", "/\\"))
        clean = local and back.isprintable() and back.isascii()
        response = RedirectResponse(back if clean else "/", 303)
        response.headers["cache-control"] = "no-store"
        for name, allowed in (("lang", tuple(self._pages.languages)), ("theme", THEMES)):
            choice = request.query_params.get(name)
            if choice in allowed:
                secure = request.url.scheme == "https"
                response.set_cookie(name, choice, max_age=_YEAR_SECONDS, httponly=True,
                                    samesite="lax", secure=secure)  # fmt: skip
        return response

    def _total(self, name: str, now: Any) -> Total:
        kind, facet = KINDS[name], WAYS_IN[name]
        question = Question(kind=name)
        recent = msgspec.structs.replace(question, since="24h")
        # Totals are the lists' own, so that a number here is the number behind its link.
        answer = self._site.search.ask(question.ask(now, facets=(facet,)))
        found = answer.facets.get(facet, ())
        closed = msgspec.structs.replace(question, status="closed")
        least = FLOOR if name == "post" else 1
        top = [bucket for bucket in found if bucket.value and bucket.count >= least][:TOP]
        path = None if name == "post" else f"/{kind.plural}"

        def way(value: str) -> str | None:
            return question.with_(facet, value).href(path, RENAME) if path else None

        return Total(
            name=name,
            path=path,
            open=answer.total,
            closed=self._site.search.ask(closed.ask(now)).total,
            new=self._site.search.ask(recent.ask(now)).total,
            facet=facet,
            top=tuple((bucket, way(bucket.value)) for bucket in top),
            most=max((bucket.count for bucket in top), default=1),
            new_path=recent.href(path, RENAME) if path and name != "figure" else None,
        )
