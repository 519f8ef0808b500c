"""JSON Schemas of the API, derived from the model: no field is named here a second time."""

from typing import Any, Final

from vigie.model.fates import Fate, Fates, State
from vigie.model.fields import Field, Kind, Type
from vigie.model.kinds import KINDS
from vigie.web.envelope import path_of, visible

Json = dict[str, Any]

INSTANT: Final[Json] = {"type": "string", "format": "date-time"}
_TYPES: Final[dict[Type, Json]] = {
    Type.TEXT: {"type": "string"},
    Type.TEXTS: {"type": "array", "items": {"type": "string"}},
    Type.ENUM: {"type": "string"},
    Type.MONEY: {"type": "number", "multipleOf": 0.01},
    Type.INSTANT: INSTANT,
    Type.INTEGER: {"type": "integer"},
    Type.NUMBER: {"type": "number"},
    Type.COORDINATE: {"type": "number", "minimum": -180, "maximum": 180},
    Type.BOOLEAN: {"type": "boolean"},
}
_NEVER_NULL: Final = frozenset({"id", "source", "native_id", "status", "first_seen_at"})


def nullable(schema: Json) -> Json:
    """Return *schema*, null allowed: not observed is null."""
    if "enum" in schema:
        return schema | {"type": ["string", "null"], "enum": [*schema["enum"], None]}
    return schema | {"type": [schema["type"], "null"]}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def record(properties: Json, *, required: list[str] | None = None, about: str = "") -> Json:
    """Return an object that has these properties and no other."""
    made: Json = {"type": "object", "properties": properties, "additionalProperties": False,
                  "required": list(properties) if required is None else required}  # fmt: skip
    return made | ({"description": about} if about else {})


def _field(field: Field) -> Json:
    schema = _TYPES[field.type] | {"description": field.meaning}
    if field.type is Type.ENUM and field.values:
        schema["enum"] = list(field.values)
    return schema if field.name in _NEVER_NULL else nullable(schema)


def listing(kind: Kind) -> Json:
    """Return the schema of one listing of *kind*, as its owner sees it."""
    properties: Json = {}
    for field in visible(kind, owner=True):
        path = path_of(field.name)
        if len(path) == 1:
            properties[path[0]] = _field(field)
        else:
            group = properties.setdefault(
                path[0], {"type": "object", "properties": {}, "additionalProperties": False}
            )
            group["properties"][path[1]] = _field(field)
    if kind.name in {"job", "ad"}:
        properties["also_on"] = {
            "type": "array", "items": {"type": "string"},
            "description": "Sources that show the same offer elsewhere.",
        }  # fmt: skip
        properties["page"] = {"type": "string", "description": "Path of its page on this site."}
    about = "Lists leave the long texts out; `fields` chooses. Null: not observed."
    return record(properties, required=["id"], about=about)


def schemas() -> Json:
    """Return every schema of the API by its name."""
    count: Json = {"type": "integer", "minimum": 0}
    text: Json = {"type": "string"}
    maybe_text, maybe_instant = nullable(text), nullable(INSTANT)
    maybe_count: Json = {"type": ["integer", "null"]}
    fates = dict.fromkeys(Fates().counts(), maybe_count)
    bucket = record({"value": text, "label": text, "count": count, "selected": {"type": "boolean"}})
    facets = {"type": "object", "additionalProperties": {"type": "array", "items": bucket},
              "description": "A facet's own filter does not narrow its own counts."}  # fmt: skip
    relation = {"type": "string", "enum": ["eq", "lt"]}
    about = "lt: fewer than; so few posts are not counted for the public."
    total = record({"value": count, "relation": relation}, about=about)
    envelope: Json = {
        "total": total, "next_cursor": maybe_text, "next": maybe_text, "facets": facets,
        "query": {"type": "object"}, "data_version": count, "generated_at": INSTANT,
    }  # fmt: skip
    found: Json = {}
    for kind in KINDS.values():
        name = kind.name.capitalize()
        found[name] = listing(kind)
        found[f"{name}List"] = record(
            {"items": {"type": "array", "items": ref(name)}} | envelope,
        )
    paging = {"next_cursor", "next"}
    found["Facets"] = record({k: v for k, v in envelope.items() if k not in paging})
    change = record({"at": INSTANT, "field": text, "old": {}, "new": {},
                     "cause": {"type": "string", "enum": ["site", "reread", "closed", "reopened"]},
                     "capture_id": maybe_text})  # fmt: skip
    found["History"] = record({"items": {"type": "array", "items": change},
                               "generated_at": INSTANT})  # fmt: skip
    terms = record({"url": text, "read_on": maybe_text, "attribution": text, "reuse": text})
    alarm = {"alarm": text | {"description": "What is not as usual, in one word."},
             "field": maybe_text, "expected": text, "seen": text,
             "pages": {"type": "integer", "minimum": 1}, "at": INSTANT}  # fmt: skip
    found["SourceAlarm"] = record(alarm, about="An alarm that nobody has settled yet.")
    found["Source"] = record({
        "key": text, "label": text, "kind": maybe_text,
        "state": nullable({"type": "string", "enum": [str(state) for state in State]}),
        "word": nullable({"type": "string", "enum": ["ok", "empty", "late", "failing"]}),
        "reason": maybe_text, "held": maybe_text, "last_run": maybe_text,
        "last_run_at": maybe_instant, "last_success_at": maybe_instant, "found": maybe_count,
        "found_usual": {"type": ["number", "null"]}, "imported_run": maybe_text,
        "imported_at": maybe_instant, "imported_found": maybe_count,
        "open": maybe_count, "total": maybe_count,
        "fill_rates": {"type": "object",
                       "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}},
        "alarms": {"type": "array", "items": ref("SourceAlarm")},
        "pause_seconds": {"type": ["number", "null"]},
        "terms": {"anyOf": [terms, {"type": "null"}]},
    })  # fmt: skip
    found["SourceList"] = record({"items": {"type": "array", "items": ref("Source")}})
    query = {"run": text, "source": text, "watch": text, "query": text,
             "started_at": maybe_instant, "last_at": maybe_instant, "ended_at": maybe_instant,
             "scan": maybe_text, "state": maybe_text, "why": maybe_text, "held": maybe_text,
             "misses": maybe_count, "announced": maybe_count, "pages": maybe_count,
             "failures": maybe_count} | fates  # fmt: skip
    found["RunQuery"] = {"type": "object", "properties": query,
                         "required": ["run", "source", "state"]}  # fmt: skip
    found["RunList"] = record({"items": {"type": "array", "items": ref("RunQuery")},
                               "before": maybe_text})  # fmt: skip
    found["Run"] = record({"run": text, "queries": {"type": "array", "items": ref("RunQuery")},
                           "pages": {"type": "array", "items": {"type": "object"}}})  # fmt: skip
    scope: Json = {"source": text, "watch": text, "query": text}
    hour = record(
        scope | {
            "hour": INSTANT,
            "state": {"type": "string", "enum": [str(state) for state in State]},
            "pages": maybe_count, "found": maybe_count,
        } | dict.fromkeys(map(str, Fate), maybe_count),
        about="One hour of one query. Null: nothing was observed, which is not zero.",
    )  # fmt: skip
    found["CoverageHour"] = hour
    found["Coverage"] = record({"items": {"type": "array", "items": ref("CoverageHour")},
                                "since": INSTANT, "until": INSTANT})  # fmt: skip
    found["Alarm"] = record(scope | alarm | {
        "run": text, "capture_id": maybe_text,
        "status": {"type": "string", "enum": ["open", "released", "mended"]},
    })  # fmt: skip
    found["AlarmList"] = record({"items": {"type": "array", "items": ref("Alarm")}})
    error = record({"pointer": text, "detail": text})
    found["Problem"] = record(
        {"type": text, "title": text, "status": {"type": "integer"}, "detail": text,
         "instance": text, "request_id": text, "errors": {"type": "array", "items": error}},
        required=["type", "title", "status", "detail", "instance", "request_id"],
        about="RFC 9457 problem details.",
    )  # fmt: skip
    return found
