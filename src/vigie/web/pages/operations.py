"""The glass box: sources with honest states, runs with what they gave."""

import re
from typing import Final

import polars as pl
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.model.fates import Fates
from vigie.web.facts import ORDER
from vigie.web.journal import run_rows
from vigie.web.pages.draw import Pages
from vigie.web.pages.refusal import not_found
from vigie.web.pages.source_states import source_states

_RUN = re.compile(r"[\w.:-]{1,64}\Z", re.ASCII)
NEWEST: Final = 40
"""Rows of the ledger under the sources."""
FATES: Final = tuple(Fates().counts())
"""`found`, the six fates it is the sum of, and the two events beside."""


class Operations:
    """``/sources`` and ``/runs/{id}``."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._site = pages.site

    def routes(self) -> list[Route]:
        return [
            Route("/sources", self.sources, methods=["GET"]),
            Route("/runs/{id}", self.run, methods=["GET"]),
        ]

    def sources(self, request: Request) -> Response:
        """Return every source; `state` (a word) narrows."""
        states = source_states(self._site)
        wanted = request.query_params.get("state")
        shown = [s for s in states if wanted not in ORDER or s.word == wanted]
        counts = [(name, sum(s.word == name for s in states)) for name in (*ORDER, "never")]
        facts = {
            "states": shown,
            "wanted": wanted if wanted in ORDER else None,
            "counts": [pair for pair in counts if pair[1]],
            "every": len(states),
            "runs": self._site.shelf.runs(NEWEST).to_dicts(),
            "fates": FATES,
        }
        return self._pages.draw(request, "sources.html", facts)

    def run(self, request: Request) -> Response:
        """Return one run: its queries, whether the sum is right, and its pages."""
        run = request.path_params["id"]
        rows = run_rows(self._site.shelf, run) if _RUN.match(run) else pl.DataFrame()
        if rows.is_empty():
            return not_found(self._pages, request)
        sums = {name: int(rows[name].sum()) for name in FATES}
        pages = self._site.shelf.pages(run)
        facts = {
            "run": run,
            "rows": rows.to_dicts(),
            "fates": FATES,
            "sums": sums,
            "balanced": sums["found"] == sum(sums[name] for name in FATES[1:7]),
            "pages": pages.to_dicts(),
            "started": rows["started_at"].min(),
            "ended": None if rows["ended_at"].null_count() else rows["ended_at"].max(),
        }
        return self._pages.draw(request, "run.html", facts)
