"""Sources and runs: what was visited, how it went, what it gave."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.model.fates import State
from vigie.web.api.parameters import nothing_asked
from vigie.web.api.problems import Problem, wrong_value
from vigie.web.envelope import encode
from vigie.web.facts import fill_rates, found_by, word
from vigie.web.freshness import answer, tag_of
from vigie.web.ledger import hour_of, ledger, next_hour
from vigie.web.site import Site

RUNS_LIMIT: Final = 200
COVERAGE_DAYS: Final = 31
"""Days that one answer covers at most: an hour of every query is a row."""
STATUSES: Final = ("open", "released", "mended", "all")
ALARM: Final = ("alarm", "field", "expected", "seen", "pages", "at")
"""What a source tells of each of its open alarms."""
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII
)
_RUN = re.compile(r"[\w.:-]{1,64}\Z", re.ASCII)


class OperationsApi:
    """``/api/v1/sources``, ``/api/v1/runs`` and one of each; ``coverage`` and ``alarms``."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        return [
            Route("/api/v1/sources", self.sources, methods=["GET"]),
            Route("/api/v1/sources/{name}", self.source, methods=["GET"]),
            Route("/api/v1/runs", self.runs, methods=["GET"]),
            Route("/api/v1/runs/{id}", self.run, methods=["GET"]),
            Route("/api/v1/coverage", self.coverage, methods=["GET"]),
            Route("/api/v1/alarms", self.alarms, methods=["GET"]),
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
            rows = whole or self._site.shelf.run(cut).to_dicts()
            following = rows[-1]["run"]
        return _send(request, {"items": rows, "before": following})

    def run(self, request: Request) -> Response:
        """Return one run: its queries and its pages."""
        nothing_asked(request)
        run = request.path_params["id"]
        rows = self._site.shelf.run(run) if _RUN.match(run) else None
        if rows is None or rows.is_empty():
            raise Problem(404, f"there is no run {run[:64]!r}.")
        pages = self._site.shelf.pages(run)
        return _send(request, {"run": run, "queries": rows.to_dicts(), "pages": pages.to_dicts()})

    def coverage(self, request: Request) -> Response:
        """Return what was seen of each source, watch and query, and what was not, hour by hour."""
        asked = _asked(request, ("since", "until", "source", "watch", "query"))
        now = self._site.now()
        until = _instant(asked, "until") or now
        try:
            since = _instant(asked, "since") or until - timedelta(hours=24)
        except OverflowError as error:
            raise wrong_value("until", "there is no day before that.") from error
        if since >= until:
            raise wrong_value("since", "since is before until.")
        if until - since > timedelta(days=COVERAGE_DAYS):
            raise wrong_value("since", f"{COVERAGE_DAYS} days at most lie in one answer.")
        # Hours that have not begun are no gap; whole hours keep the answer's tag for an hour.
        since, until = hour_of(since), next_hour(min(until, now))
        rows = ledger(self._site.shelf, since, until)
        for name in ("source", "watch", "query"):
            if name in asked:
                rows = rows.filter(pl.col(name) == asked[name])
        return _send(request, {"items": rows.to_dicts(), "since": since, "until": until})

    def alarms(self, request: Request) -> Response:
        """Return what was not as usual, newest first; what is not settled unless `status` says."""
        asked = _asked(request, ("source", "status"))
        status = asked.get("status", "open")
        if status not in STATUSES:
            raise wrong_value("status", f"status is one of {', '.join(STATUSES)}.")
        rows = self._site.shelf.alarms(asked.get("source"), every=status != "open")
        if status != "all":
            rows = rows.filter(pl.col("status") == status)
        return _send(request, {"items": [_alarm(row) for row in rows.to_dicts()]})

    def _sources(self) -> list[dict[str, Any]]:
        seen = {row["source"]: row for row in self._site.shelf.sources().iter_rows(named=True)}
        open_alarms: dict[str, list[dict[str, Any]]] = {}
        for alarm in self._site.shelf.alarms().to_dicts():
            told = {key: value for key, value in _alarm(alarm).items() if key in ALARM}
            open_alarms.setdefault(alarm["source"], []).append(told)
        found = []
        for name in sorted({*seen, *self._site.sources}):
            facts, row = self._site.sources.get(name), seen.get(name, {})
            # A source known from files alone was never looked at: it has no state.
            state = row.get("state") if row.get("last_run") else None
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
                "imported_run": row.get("imported_run"),
                "imported_at": row.get("imported_at"),
                "imported_found": row.get("imported_found"),
                "open": row.get("open"),
                "total": row.get("total"),
                "fill_rates": fill_rates(row),
                "alarms": open_alarms.get(name, []),
                "pause_seconds": facts.pause if facts else None,
                "terms": facts.terms if facts else None,
            })  # fmt: skip
        return found


def _asked(request: Request, known: tuple[str, ...]) -> dict[str, str]:
    """Return the parameters by name; each is given once."""
    asked: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise wrong_value(name, f"there is no parameter {name!r}. Known: {', '.join(known)}.")
        if name in asked:
            raise wrong_value(name, f"{name} may be given once.")
        asked[name] = value
    return asked


def _instant(asked: dict[str, str], name: str) -> datetime | None:
    """Return an instant as RFC 3339 writes it; None when it is not asked for."""
    if name not in asked:
        return None
    # In a query string an unescaped + is a space.
    text = asked[name].replace(" ", "+")
    try:
        if not _INSTANT.match(text):
            raise ValueError
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        said = f"{name} cannot be {text[:40]!r}: it is an instant such as 2026-11-20T18:00:00Z."
        raise wrong_value(name, said) from error


def _alarm(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of `Shelf.alarms`; null where an alarm is about no field or no one page."""
    return row | {"field": row["field"] or None, "capture_id": row["capture_id"] or None}


def _send(request: Request, body: dict[str, Any]) -> Response:
    made = encode(body)
    return answer(
        request, made, "application/json", tag=tag_of(made), cache="public, max-age=30",
        vary="Accept", headers={"access-control-allow-origin": "*"},
    )  # fmt: skip
