"""The glass box: sources with honest states, runs with what they gave."""

import re
from typing import Final

import polars as pl
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.model.fates import Fates
from vigie.web.alarms import ToldAlarm, held_rows, of_run, set_aside, tell
from vigie.web.charts.coverage_strip import CoverageStrip, coverage_strip, week
from vigie.web.facts import ORDER
from vigie.web.ledger import ledger
from vigie.web.owner import is_owner
from vigie.web.pages.draw import Pages, Visitor
from vigie.web.pages.refusal import not_found
from vigie.web.pages.source_states import IMPORTED, NEVER, SourceState, source_states

_RUN = re.compile(r"[\w.:-]{1,64}\Z", re.ASCII)
NEWEST: Final = 40
"""Rows of the ledger under the sources."""
MOST_ASKED: Final = 20
"""Captures of one run that are looked up to say what they were asked for."""
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
        visitor = self._pages.visitor(request)
        wanted = request.query_params.get("state")
        words = (*ORDER, IMPORTED)
        shown = [s for s in states if wanted not in words or s.word == wanted]
        counts = [(name, sum(s.word == name for s in states)) for name in (*words, NEVER)]
        visited = [state for state in shown if state.word != NEVER]
        facts = {
            "states": visited,
            "idle": [state for state in shown if state.word == NEVER],
            "wanted": wanted if wanted in words else None,
            "counts": [pair for pair in counts if pair[1]],
            "every": len(states),
            "strips": self._strips(visitor) if visited else {},
            "alarms": {state.name: self._alarms(state, visitor) for state in visited},
            "held": {s.name: held_rows(self._site.shelf, s.name) for s in visited if s.alarms},
            "owner": is_owner(request),
            "runs": self._site.shelf.runs(NEWEST).to_dicts(),
            "fates": FATES,
        }
        return self._pages.draw(request, "sources.html", facts, visitor=visitor)

    def _strips(self, visitor: Visitor) -> dict[str, CoverageStrip]:
        """Return the last week of every source that was visited."""
        language = self._pages.languages[visitor.language]
        rows = ledger(self._site.shelf, week(visitor.now, language)[0], visitor.now)
        return {
            str(source): coverage_strip(part, visitor.now, language)
            for (source,), part in rows.group_by("source")
        }

    def _alarms(self, state: SourceState, visitor: Visitor) -> list[ToldAlarm]:
        code = visitor.language
        return tell(state.alarms, self._pages.labels[code], self._pages.languages[code])

    def run(self, request: Request) -> Response:
        """Return one run: its queries, whether the sum is right, what was not as usual, what was
        set aside, and its pages."""
        run = request.path_params["id"]
        rows = self._site.shelf.run(run) if _RUN.match(run) else pl.DataFrame()
        if rows.is_empty():
            return not_found(self._pages, request)
        sums = {name: int(rows[name].sum()) for name in FATES}
        pages = self._site.shelf.pages(run)
        sources = rows["source"].unique(maintain_order=True).to_list()
        aside = rows.filter(pl.col("quarantined") + pl.col("rejected") > 0)["source"].unique()
        groups, cut = set_aside(
            self._site.shelf, run, sorted(aside.to_list()), pages, owner=is_owner(request)
        )
        visitor = self._pages.visitor(request)
        alarms = of_run(self._site.shelf, run, sources)
        facts = {
            "alarms": tell(
                alarms,
                self._pages.labels[visitor.language],
                self._pages.languages[visitor.language],
            ),
            "groups": groups,
            "cut": cut,
            "run": run,
            "rows": rows.to_dicts(),
            "fates": FATES,
            "sums": sums,
            "balanced": sums["found"] == sum(sums[name] for name in FATES[1:7]),
            "pages": pages.to_dicts(),
            "asked": self._asked(pages) if is_owner(request) else {},
            "started": rows["started_at"].min(),
            "ended": None if rows["ended_at"].null_count() else rows["ended_at"].max(),
        }
        return self._pages.draw(request, "run.html", facts, visitor=visitor)

    def _asked(self, pages: pl.DataFrame) -> dict[str, str]:
        """Return capture id → what was asked, for pages that share one address (POST requests)."""
        shared = pages.filter(
            pl.col("url").is_duplicated() & (pl.col("capture_id") != ""),
        )["capture_id"].head(MOST_ASKED)
        told = {one: self._site.asked(one) for one in shared.unique(maintain_order=True)}
        return {one: text for one, text in told.items() if text}
