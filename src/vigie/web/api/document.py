"""The API's own description (OpenAPI 3.1) and the page that lets one try it, both offline."""

from functools import cached_property
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie import __version__
from vigie.model.fates import State
from vigie.model.fields import Kind, Type
from vigie.model.kinds import KINDS
from vigie.web.address import choices, facet_names
from vigie.web.api.operations import COVERAGE_DAYS, RUNS_LIMIT, STATUSES
from vigie.web.api.parameters import LIMIT, USUAL_LIMIT
from vigie.web.api.problems import MEDIA_TYPE
from vigie.web.api.schema import INSTANT, Json, ref, schemas
from vigie.web.envelope import encode
from vigie.web.freshness import answer
from vigie.web.guard import content_policy
from vigie.web.labels import FIELDS
from vigie.web.pages.draw import Pages

_ID: Final[Json] = {"name": "id", "in": "path", "required": True,
                    "schema": {"type": "string", "pattern": "^[a-z2-7]{16}$"}}  # fmt: skip
_HELD: Final[Json] = {
    "name": "If-None-Match", "in": "header", "schema": {"type": "string"},
    "description": "The ETag of the answer held; 304 when it still stands.",
}  # fmt: skip


class Documentation:
    """``/openapi.json`` and ``/docs``."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return [
            Route("/openapi.json", self.schema, methods=["GET"]),
            Route("/docs", self.docs, methods=["GET"]),
        ]

    @cached_property
    def _schema(self) -> bytes:
        return encode(describe())

    def schema(self, request: Request) -> Response:
        """Return the OpenAPI document."""
        return answer(request, self._schema, "application/json", cache="public, max-age=300",
                      vary="Accept")  # fmt: skip

    def docs(self, request: Request) -> Response:
        """Return the page where the API is read and tried."""
        policy = content_policy(demo=False, drawn_data=True)
        return self._pages.draw(request, "docs.html", {},
                                headers={"content-security-policy": policy})  # fmt: skip


def describe() -> Json:
    """Return the OpenAPI 3.1 document: every path, parameter, schema and status."""
    paths: Json = {}
    for kind in KINDS.values():
        name, root = kind.name.capitalize(), f"/api/v1/{kind.plural}"
        lists = [*_filters(kind), *_paging(kind)]
        paths[root] = _get(f"List {kind.plural}.", f"list_{kind.plural}", f"{name}List",
                           [*lists, _HELD], gone=True, tag=kind.plural)  # fmt: skip
        paths[f"{root}/facets"] = _get(
            f"Count {kind.plural} by facet.", f"count_{kind.plural}", "Facets",
            [*_filters(kind), _facets_parameter(kind), _HELD], tag=kind.plural,
        )  # fmt: skip
        paths[f"{root}/{{id}}"] = _get(f"Return one {kind.name}.", f"get_{kind.name}", name,
                                       [_ID, _HELD], missing=True, tag=kind.plural)  # fmt: skip
        paths[f"{root}/{{id}}/history"] = _get(
            f"Return what changed in one {kind.name}, oldest first.", f"history_of_{kind.name}",
            "History", [_ID, _HELD], missing=True, tag=kind.plural,
        )  # fmt: skip
    states = {"type": "array", "items": {"type": "string", "enum": [str(s) for s in State]}}
    paths["/api/v1/sources"] = _get(
        "List sources with their states.", "list_sources", "SourceList",
        [_query("state", states, "Only sources in one of these states."), _HELD], tag="operations",
    )  # fmt: skip
    name_parameter = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    paths["/api/v1/sources/{name}"] = _get("Return one source.", "get_source", "Source",
                                           [name_parameter, _HELD], missing=True,
                                           tag="operations")  # fmt: skip
    limit = {"type": "integer", "minimum": 1, "maximum": RUNS_LIMIT, "default": 50}
    paths["/api/v1/runs"] = _get(
        "List runs, newest first.", "list_runs", "RunList",
        [_query("limit", limit, "Rows at most; a run is never cut in two."),
         _query("before", {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"},
                "Only runs before this one: `before` of the last answer."), _HELD],
        tag="operations",
    )  # fmt: skip
    run_parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths["/api/v1/runs/{id}"] = _get("Return one run.", "get_run", "Run",
                                      [run_parameter, _HELD], missing=True,
                                      tag="operations")  # fmt: skip
    text: Json = {"type": "string"}
    paths["/api/v1/coverage"] = _get(
        "Tell hour by hour what was seen of each query, and what was not.", "list_coverage",
        "Coverage",
        [_query("since", INSTANT, "From the hour of this instant on; 24 hours before `until`."),
         _query("until", INSTANT, f"Before this instant; now. {COVERAGE_DAYS} days at most."),
         _query("source", text, "Only this source."), _query("watch", text, "Only this watch."),
         _query("query", text, "Only this query."), _HELD],
        tag="operations",
    )  # fmt: skip
    status = {"type": "string", "enum": list(STATUSES), "default": STATUSES[0]}
    paths["/api/v1/alarms"] = _get(
        "List what was not as usual, newest first.", "list_alarms", "AlarmList",
        [_query("source", text, "Only this source."),
         _query("status", status, "What became of it."), _HELD],
        tag="operations",
    )  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vigie",
            "version": __version__,
            "description": "Listings, their history, and how they were collected. Names are those "
            "of the data dictionary; null means not observed. Values of a facet may be repeated "
            "(any of them) and excluded with a leading `!`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas()},
    }


def _get(
    summary: str, operation: str, schema: str, parameters: list[Json], *, tag: str,
    missing: bool = False, gone: bool = False,
) -> Json:  # fmt: skip
    problem = {"content": {MEDIA_TYPE: {"schema": ref("Problem")}}}
    etag = {"ETag": {"schema": {"type": "string"}}, "Cache-Control": {"schema": {"type": "string"}}}
    responses: Json = {
        "200": {"description": "As asked.", "headers": etag,
                "content": {"application/json": {"schema": ref(schema)}}},
        "304": {"description": "What the caller holds still stands.", "headers": etag},
    }  # fmt: skip
    if missing:
        responses["404"] = {"description": "There is none."} | problem
    if gone:
        responses["410"] = {"description": "The cursor's place is gone."} | problem
    responses |= {
        "405": {"description": "Only GET and HEAD are answered."} | problem,
        "422": {"description": "A parameter is unknown or wrong; `errors` names it."} | problem,
        "500": {"description": "A fault of Vigie."} | problem,
        "503": {"description": "Store or search does not answer; try again."} | problem,
    }
    return {"get": {"summary": summary, "operationId": operation, "tags": [tag],
                    "parameters": parameters, "responses": responses}}  # fmt: skip


def _query(name: str, schema: Json, about: str) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": about}


def _filters(kind: Kind) -> list[Json]:
    text: Json = {"type": "string", "maxLength": 500}
    amount: Json = {"type": "string", "pattern": r"^\d{1,12}(\.\d{1,2})?$"}
    about = {
        "status": "Whether the site still shows it.",
        "has_price": "Whether a price (jobs: pay) is known.",
        "has_image": "Whether it has a picture.",
        "grain": "One per offer (cluster), or every listing.",
        "sort": "Order; - before a field: descending. Listings without the value come last.",
    }
    found = [_query("q", text, 'Words; "quotes" hold a phrase, -word excludes.')]
    for name in facet_names(kind):
        field = kind[name]
        item: Json = {"type": "string", "maxLength": 500}
        if field.type is Type.ENUM and field.values:
            item = {"type": "string",
                    "enum": ["", *field.values, *(f"!{v}" for v in field.values), "!"]}  # fmt: skip
        meaning = f"{field.meaning} Any of these; `!` excludes; empty: not said."
        found.append(_query(name, {"type": "array", "items": item}, meaning))
    for name, values in choices(kind).items():
        found.append(_query(name, {"type": "string", "enum": list(values)}, about[name]))
    when = "24h, 7d, a date or an ISO instant; by publication, else by first sight."
    money = "Ads: price. Jobs: pay per year."
    return [
        *found,
        _query("since", text, f"{FIELDS['since']}: {when}"),
        _query("until", text, f"{FIELDS['until']}: {when}"),
        _query("price_min", amount, money),
        _query("price_max", amount, money),
    ]


def _facets_parameter(kind: Kind) -> Json:
    names = ", ".join(facet_names(kind))
    return _query("facets", {"type": "string"}, f"Facets to count, separated by commas: {names}.")


def _paging(kind: Kind) -> list[Json]:
    limit = {"type": "integer", "minimum": 1, "maximum": LIMIT, "default": USUAL_LIMIT}
    return [
        _query("limit", limit, "Listings a page."),
        _query("cursor", {"type": "string"}, "`next_cursor` of the page before."),
        _facets_parameter(kind),
        _query("fields", {"type": "string"}, "Fields to return, separated by commas."),
    ]
