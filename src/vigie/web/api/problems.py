"""Errors of the API, as RFC 9457 problem details: which parameter, why, and what was meant."""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from vigie.web.address import TEXT_LIMIT, Wrong

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    410: "Gone",
    422: "Wrong parameter",
    500: "Unexpected failure",
    503: "Not ready",
}


class Problem(Exception):  # RFC 9457's own word
    """An answer that says what is wrong; raised anywhere below an API endpoint."""

    def __init__(
        self, status: int, detail: str, errors: Sequence[dict[str, Any]] = (),
        kind: str = "about:blank",
    ) -> None:  # fmt: skip
        self.status, self.detail, self.errors, self.kind = status, detail, tuple(errors), kind
        super().__init__(detail)


def wrong_parameters(wrong: Sequence[Wrong]) -> Problem:
    """Return the problem of a query string that cannot be followed, every fault named."""
    errors = [{"pointer": f"/query/{w.name}", "detail": _explain(w)} for w in wrong]
    return Problem(422, str(errors[0]["detail"]), errors, "/problems/invalid-parameter")


def wrong_value(name: str, detail: str) -> Problem:
    """Return the problem of one parameter."""
    errors = [{"pointer": f"/query/{name}", "detail": detail}]
    return Problem(422, detail, errors, "/problems/invalid-parameter")


def answer_problem(request: Request, problem: Problem, request_id: str = "") -> Response:
    """Return *problem* as an answer.

    Args:
        request_id: The id under which the log tells more; a new one when there is nothing more.
    """
    body: dict[str, Any] = {
        "type": problem.kind,
        "title": TITLES.get(problem.status, "Refused"),
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
        "request_id": request_id or secrets.token_hex(6),
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    headers = {"cache-control": "no-store"}
    if problem.status == 503:
        headers["retry-after"] = "5"
    return Response(msgspec.json.encode(body), problem.status, headers, MEDIA_TYPE)


def _explain(wrong: Wrong) -> str:
    meant = f" Did you mean {wrong.near!r}?" if wrong.near else ""
    if wrong.why == "unknown":
        return f"there is no parameter {wrong.name!r}.{meant}"
    if wrong.why == "repeated":
        return f"{wrong.name} may be given once."
    if wrong.why == "too_long":
        return f"{wrong.name} is longer than {TEXT_LIMIT} characters."
    allowed = f" Allowed: {', '.join(wrong.allowed)}." if wrong.allowed else ""
    return f"{wrong.name} cannot be {wrong.value!r}.{meant}{allowed}"
