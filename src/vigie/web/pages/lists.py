"""Lists of jobs, ads and figures: one search call gives hits, total and facets."""

from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.errors import UsageError
from vigie.model.fields import Kind
from vigie.model.kinds import KINDS
from vigie.web.address import read
from vigie.web.api.listings import ListingsApi
from vigie.web.api.negotiate import prefers_html
from vigie.web.labels import N_
from vigie.web.pages.card import cards
from vigie.web.pages.draw import RENAME, Pages
from vigie.web.pages.filters import FACETS, Chip, chips, facets, offered_sorts, pager
from vigie.web.question import Question

SIZES: Final = {"job": 25, "ad": 24, "figure": 50}
"""Listings a page: ads stand in rows of three and of two."""

# Ready-made views of jobs: nothing but addresses.
PRESETS: Final[tuple[tuple[str, dict[str, tuple[str, ...]]], ...]] = (
    (N_("All"), {}),
    (N_("Remote"), {"remote": ("remote",)}),
    (N_("Hybrid"), {"remote": ("hybrid",)}),
    (N_("On site"), {"remote": ("onsite",)}),
    (N_("Entry level"), {"experience_level": ("internship", "entry")}),
    (N_("Senior"), {"experience_level": ("mid_senior", "director", "executive")}),
)
_EXTRAS: Final = frozenset({"lang"})


class Lists:
    """The pages /jobs, /ads and /figures."""

    def __init__(self, pages: Pages, api: ListingsApi) -> None:
        self._pages = pages
        self._site = pages.site
        self._api = api

    def routes(self) -> list[Route]:
        """Return a page and a `.json` for each kind that has a public list."""
        found = []
        for name in FACETS:
            kind = KINDS[name]
            found.append(Route(f"/{kind.plural}", self._page(kind), methods=["GET"]))
            found.append(
                Route(f"/{kind.plural}.json", self._api.list_endpoint(kind), methods=["GET"])
            )
        return found

    def _page(self, kind: Kind) -> Any:
        as_json = self._api.list_endpoint(kind)

        def page(request: Request) -> Response:
            if not (wants_page(request) or prefers_html(request.headers.get("accept"))):
                return as_json(request)
            return self.show(request, kind)

        return page

    def show(self, request: Request, kind: Kind) -> Response:
        """Return the list that the address asks for; what it gets wrong is left out and said."""
        visitor = self._pages.visitor(request)
        asked = read(kind, request.query_params.multi_items(), extras=_EXTRAS, rename=RENAME)
        question, size, path = asked.question, SIZES[kind.name], f"/{kind.plural}"
        ask = question.ask(
            visitor.now, limit=size, offset=(question.page - 1) * size, facets=FACETS[kind.name]
        )
        try:
            answer = self._site.search.ask(ask)
        except UsageError:
            # The address asks for an order that this search cannot give: the usual one stands in.
            question = question.without("sort")
            answer = self._site.search.ask(
                question.ask(visitor.now, limit=size, facets=FACETS[kind.name])
            )
        rows = self._site.shelf.get(kind.name, answer.ids)
        labels = self._pages.labels[visitor.language]
        narrowed = chips(kind, question, labels)
        facts = {
            "kind": kind,
            "question": question,
            "answer": answer,
            "total": answer.total,
            "cards": cards(
                self._site.shelf, kind, rows, answer.snippets, demo=self._site.demo
            ),
            "facets": facets(kind, question, answer, labels),
            "chips": narrowed,
            "clear": path,
            "pager": pager(question, path, answer.total, size),
            "sorts": offered_sorts(kind, question),
            "default_sort": question.without("sort").order,
            "hidden": _unshown(kind, question),
            "presets": _presets(kind, question),
            "wrong": asked.wrong,
            "ways_out": self._ways_out(narrowed, visitor.now) if not answer.total else [],
            "instance_is_empty": not answer.total and not narrowed and self._is_empty(kind),
            "api": question.href(f"/api/v1/{kind.plural}"),
            "more_pages": question.page * size < answer.total,
            "href": lambda **changes: question.href(path, RENAME, **changes),
        }  # fmt: skip
        headers = {"link": f'<{facts["api"]}>; rel="alternate"; type="application/json"'}
        if visitor.htmx:
            # What stands in the address bar is the question, without the form's empty fields.
            headers["hx-push-url"] = question.href(path, RENAME, page=question.page)
        return self._pages.draw(
            request, f"{kind.plural}.html", facts, visitor=visitor, headers=headers
        )

    def _ways_out(self, narrowed: list[Chip], now: datetime) -> list[tuple[Chip, int]]:
        """Return, for each chip, how many listings the list would have without it."""
        found = []
        for chip in narrowed:
            total = self._site.search.ask(chip.without.ask(now)).total
            if total:
                found.append((chip, total))
        return sorted(found, key=lambda way: -way[1])

    def _is_empty(self, kind: Kind) -> bool:
        counts = self._site.shelf.counts(kind.name)
        return not counts.get("open") and not counts.get("closed")


def wants_page(request: Request) -> bool:
    """Return whether our own pages ask: htmx going back in history sends no Accept of its own."""
    return any(name in request.headers for name in ("hx-request", "hx-history-restore-request"))


def _presets(kind: Kind, question: Question) -> list[tuple[str, str, bool]]:
    if kind.name != "job":
        return []
    names = {name for _, filters in PRESETS for name in filters}
    now = {name: values for name, values in question.filters.items() if name in names}
    rest = question
    for name in names:
        rest = rest.without(name)
    path = f"/{kind.plural}"
    return [
        (label, rest.href(path, RENAME, filters=rest.filters | filters), now == filters)
        for label, filters in PRESETS
    ]


def _unshown(kind: Kind, question: Question) -> list[tuple[str, str]]:
    """Return what the address asks and the form has no control for: it is handed on as it is."""
    shown = {RENAME.get(name, name) for name in FACETS[kind.name]}
    shown |= {"q", "since", "status", "sort", "page", "price_min", "price_max", "has_price"}
    shown |= {"grain"} if question.grain == "listing" else set()
    shown |= {"has_image"} if kind.name == "ad" and question.has_image is not False else set()
    if question.has_price is False:
        shown.discard("has_price")
    return [(name, value) for name, value in question.pairs(RENAME) if name not in shown]
