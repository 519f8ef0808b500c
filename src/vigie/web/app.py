"""The site: pages and API over a shelf and a search that are handed in."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

from vigie import __version__
from vigie.contracts import Search, Shelf
from vigie.errors import VigieError
from vigie.settings import ServeSettings
from vigie.web import assets
from vigie.web.api.document import Documentation
from vigie.web.api.listings import ListingsApi
from vigie.web.api.operations import OperationsApi
from vigie.web.api.problems import Problem, answer_problem
from vigie.web.facts import SourceFacts
from vigie.web.guard import Guard
from vigie.web.pages.draw import Pages
from vigie.web.pages.home import Home
from vigie.web.pages.listing import ListingPages
from vigie.web.pages.lists import Lists
from vigie.web.pages.operations import Operations
from vigie.web.pages.refusal import not_found, refused
from vigie.web.probes import Probes
from vigie.web.site import Site

log = structlog.get_logger(__name__)


def create_app(
    shelf: Shelf,
    search: Search,
    settings: ServeSettings,
    *,
    sources: Mapping[str, SourceFacts],
    demo: bool = False,
    now: Callable[[], datetime] | None = None,
    asked: Callable[[str], str | None] | None = None,
) -> FastAPI:
    """Return the site as an ASGI application.

    Args:
        sources: Name → facts of every source that is installed.
        demo: The data is invented: pages say so, and the stand-in sites' pictures are shown.
        now: The clock; by default the machine's.
        asked: Capture id → what its request asked beside its address.
    """
    given: dict[str, Any] = {"now": now, "asked": asked}
    more = {name: part for name, part in given.items() if part is not None}
    site = Site(shelf, search, settings, sources, demo=demo, **more)
    pages, listings = Pages(site), ListingsApi(site)
    app = FastAPI(title="Vigie", version=__version__, openapi_url=None, docs_url=None,
                  redoc_url=None)  # fmt: skip
    for part in (Home(pages), Lists(pages, listings), ListingPages(pages), Operations(pages),
                 listings, OperationsApi(site), Documentation(pages), Probes(site)):  # fmt: skip
        app.router.routes.extend(part.routes())
    app.router.routes.extend(assets.routes)
    _answer_errors(app, pages)
    app.add_middleware(GZipMiddleware, minimum_size=600, compresslevel=5)
    app.add_middleware(Guard, demo=demo, index=settings.index)
    return app


def _answer_errors(app: FastAPI, pages: Pages) -> None:
    def answer(request: Request, status: int, detail: str, request_id: str = "") -> Response:
        if _is_api(request):
            return answer_problem(request, Problem(status, detail), request_id)
        if status == 404:
            return not_found(pages, request)
        return refused(pages, request, status, request_id)

    def problem(request: Request, error: Any) -> Response:
        return answer_problem(request, error)

    def http(request: Request, error: Any) -> Response:
        response = answer(request, error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    def unavailable(request: Request, error: Any) -> Response:
        request_id = secrets.token_hex(6)
        log.warning("not ready", path=request.url.path, reason=str(error), request_id=request_id)
        return answer(request, 503, "the store or the search does not answer.", request_id)

    def failed(request: Request, error: Any) -> Response:
        request_id = secrets.token_hex(6)
        log.error("unexpected failure", path=request.url.path, kind=type(error).__name__,
                  request_id=request_id, exc_info=error)  # fmt: skip
        return answer(request, 500, "this is a fault of Vigie; its log says more.", request_id)

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(VigieError, unavailable)
    app.add_exception_handler(Exception, failed)


def _is_api(request: Request) -> bool:
    path = request.url.path
    return path.startswith("/api/") or path.endswith(".json")
