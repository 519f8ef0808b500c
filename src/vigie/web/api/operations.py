"""Sources and runs: what was visited, how it went, what it gave."""

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.model.fates import State
from vigie.web.api.parameters import nothing_asked
from vigie.web.api.problems import Problem, wrong_value
from vigie.web.envelope import encode
from vigie.web.facts import fill_rates, found_by, word
from vigie.web.freshness import answer, tag_of
from vigie.web.journal import run_rows
from vigie.web.site import Site

RUNS_LIMIT: Final = 200
_RUN = re.compile(r"[\w.:-]{1,64}\Z", re.ASCII)


class OperationsApi:
    """``/api/v1/sources``, ``/api/v1/runs`` and one of each."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        return [
            Route("/api/v1/sources", self.sources, methods=["GET"]),
            Route("/api/v1/sources/{name}", self.source, methods=["GET"]),
            Route("/api/v1/runs", self.runs, methods=["GET"]),
            Route("/api/v1/runs/{id}", self.run, methods=["GET"]),
        ]

    def sources(self, request: Request) -> Response:
        """Return every source with its state, coverage and terms; `state` narrows."""
        states = []
        for name, value in request.query_params.multi_items():
            if name != "state":
                raise wrong_value(name, f"there is no parameter {name!r}. Known: state.")
            if value not in list(State):
                raise wrong_value("state", f"state is one of {', '.join(State)}.")
            states.append(value)
        found = [s for s in self._sources() if not states or s["state"] in states]
        return _send(request, {"items": found})

    def source(self, request: Request) -> Response:
        """Return one source."""
        nothing_asked(request)
        name = request.path_params["name"]
        for found in self._sources():
            if found["key"] == name:
                return _send(request, found)
        raise Problem(404, f"there is no source {name[:64]!r}.")

    def runs(self, request: Request) -> Response:
        """Return the newest rows of the ledger, one a run, source, watch and query."""
        limit, before = 50, None
        for name, value in request.query_params.multi_items():
            if name == "limit":
                if not (value.isascii() and value.isdigit() and 1 <= int(value[:6]) <= RUNS_LIMIT):
                    raise wrong_value("limit", f"limit is a number, 1 to {RUNS_LIMIT}.")
                limit = int(value)
            elif name == "before":
                if not _RUN.match(value):
                    raise wrong_value("before", "before is the id of a run.")
                before = value
            else:
                raise wrong_value(name, f"there is no parameter {name!r}. Known: limit, before.")
        rows = self._site.shelf.runs(limit + 1, before).to_dicts()
        following = None
        if len(rows) > limit:
            # A run is never cut in two: its rows stand on one page, however many they are.
            cut = rows[-1]["run"]
            whole = [row for row in rows if row["run"] != cut]
            rows = whole or run_rows(self._site.shelf, cut).to_dicts()
            following = rows[-1]["run"]
        return _send(request, {"items": rows, "before": following})

    def run(self, request: Request) -> Response:
        """Return one run: its queries and its pages."""
        nothing_asked(request)
        run = request.path_params["id"]
        rows = run_rows(self._site.shelf, run) if _RUN.match(run) else None
        if rows is None or rows.is_empty():
            raise Problem(404, f"there is no run {run[:64]!r}.")
        pages = self._site.shelf.pages(run)
        return _send(request, {"run": run, "queries": rows.to_dicts(), "pages": pages.to_dicts()})

    def _sources(self) -> list[dict[str, Any]]:
        seen = {row["source"]: row for row in self._site.shelf.sources().iter_rows(named=True)}
        found = []
        for name in sorted({*seen, *self._site.sources}):
            facts, row = self._site.sources.get(name), seen.get(name, {})
            state = row.get("state")
            found.append({
                "key": name,
                "label": facts.label if facts else name,
                "kind": facts.kind if facts else row.get("kind"),
                "state": state,
                "word": word(state),
                "reason": row.get("why"),
                "held": row.get("held"),
                "last_run": row.get("last_run"),
                "last_run_at": row.get("last_run_at"),
                "last_success_at": row.get("last_success_at"),
                "found": found_by(row),
                "found_usual": row.get("found_usual"),
                "open": row.get("open"),
                "total": row.get("total"),
                "fill_rates": fill_rates(row),
                "pause_seconds": facts.pause if facts else None,
                "terms": facts.terms if facts else None,
            })  # fmt: skip
        return found


def _send(request: Request, body: dict[str, Any]) -> Response:
    made = encode(body)
    return answer(
        request, made, "application/json", tag=tag_of(made), cache="public, max-age=30",
        vary="Accept", headers={"access-control-allow-origin": "*"},
    )  # fmt: skip
