"""Coverage and alarms over the API: null where nothing was seen, every fault named."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.cargo import NOW

COUNTS = ("found", "new", "changed", "unchanged", "duplicate", "rejected", "quarantined")


def covered(client: TestClient, **params: str) -> list[dict[str, Any]]:
    response = client.get("/api/v1/coverage", params=params)
    assert response.status_code == 200, response.text
    return list(response.json()["items"])


def test_coverage_is_the_last_day_unless_asked_otherwise(passer_by: TestClient) -> None:
    """Whole hours up to now, each query in each of them; source, watch and query narrow."""
    answer = passer_by.get("/api/v1/coverage").json()
    assert (answer["since"], answer["until"]) == ("2026-11-19T18:00:00Z", "2026-11-20T18:00:00Z")
    hours = {item["hour"] for item in answer["items"] if item["source"] == "souk"}
    assert len(hours) == 24
    only = covered(passer_by, source="souk", watch="harbour", query="all")
    assert only == [item for item in answer["items"] if item["source"] == "souk"]
    assert covered(passer_by, query="something else") == []


def test_what_was_not_observed_is_null(passer_by: TestClient) -> None:
    """An hour without a visit, and a visit that was refused, found nothing out: that is no zero."""
    items = covered(passer_by, since="2026-11-13T18:00:00Z")
    by_state: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        by_state.setdefault(item["state"], []).append(item)
    assert {"ok", "empty", "late", "not_scheduled", "blocked"} <= set(by_state)
    for state in ("late", "not_scheduled"):
        assert {item[name] for item in by_state[state] for name in (*COUNTS, "pages")} == {None}
    assert {item[name] for item in by_state["blocked"] for name in COUNTS} == {None}
    assert {item["pages"] for item in by_state["blocked"]} == {1}, "it was asked"
    assert {item["found"] for item in by_state["empty"]} == {0}, "it was seen to be empty"
    for item in by_state["ok"]:
        assert item["found"] == sum(item[name] for name in COUNTS[1:])


def test_hours_to_come_are_no_gap(passer_by: TestClient) -> None:
    """What has not happened yet is left out, however far one asks."""
    later = f"{NOW + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"
    items = covered(passer_by, since="2026-11-20T12:00:00+01:00", until=later)
    assert max(item["hour"] for item in items) == "2026-11-20T17:00:00Z"
    assert min(item["hour"] for item in items) == "2026-11-20T11:00:00Z"
    assert (
        covered(passer_by, since=f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", until=later) == []
    )


@pytest.mark.parametrize(
    "params",
    [
        {"since": "2026-11-20"},
        {"since": "7d"},
        {"since": "2026-11-20T12:00:00"},
        {"since": "2026-13-20T12:00:00Z"},
        {"since": "2026-11-20T12:00:00Z\n"},
        {"until": "0001-01-01T00:00:00Z"},
        {"until": "0001-01-01T00:00:00+14:00"},
        {"since": "9999-12-31T23:59:59-14:00"},
        {"since": "2026-11-20T12:00:00Z", "until": "2026-11-20T12:00:00Z"},
        {"since": "2026-11-20T12:00:00Z", "until": "2026-11-19T12:00:00Z"},
        {"since": "2026-10-01T12:00:00Z"},
    ],
    ids=str,
)
def test_a_span_that_cannot_be_answered_is_422(
    passer_by: TestClient, params: dict[str, str]
) -> None:
    """Not an instant of RFC 3339, backwards, or longer than 31 days: the parameter is named."""
    response = passer_by.get("/api/v1/coverage", params=params)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"][0]["pointer"] in {"/query/since", "/query/until"}


def test_a_plus_in_an_address_may_be_a_space(passer_by: TestClient) -> None:
    """`+01:00` written bare is still an offset."""
    bare = passer_by.get("/api/v1/coverage?since=2026-11-20T12:00:00+01:00").json()
    assert bare["since"] == "2026-11-20T11:00:00Z"


@pytest.mark.parametrize("path", ["coverage?source=a&source=b", "coverage?limit=3",
                                  "alarms?status=closed", "alarms?state=open"])  # fmt: skip
def test_an_unknown_or_repeated_parameter_is_refused(passer_by: TestClient, path: str) -> None:
    """Nothing is left out silently."""
    assert passer_by.get(f"/api/v1/{path}").status_code == 422


def test_alarms_tell_what_was_expected_and_seen(passer_by: TestClient) -> None:
    """Newest first; open ones unless another status is asked; a source narrows."""
    items = passer_by.get("/api/v1/alarms").json()["items"]
    price = next(one for one in items if (one["alarm"], one["field"]) == ("vanished", "price"))
    assert (price["source"], price["status"], price["pages"]) == ("souk", "open", 1)
    assert (price["expected"], price["seen"]) == ("100% to 100%", "filled in 0 of 26")
    times = [datetime.fromisoformat(one["at"]) for one in items]
    assert times == sorted(times, reverse=True)
    assert passer_by.get("/api/v1/alarms?status=open&source=souk").json()["items"] == [
        one for one in items if one["source"] == "souk"
    ]
    assert passer_by.get("/api/v1/alarms?status=mended").json()["items"] == []
    assert passer_by.get("/api/v1/alarms?status=all").json()["items"] == items
    assert passer_by.get("/api/v1/alarms?source=annonces").json()["items"] == []


def test_a_source_carries_its_open_alarms(passer_by: TestClient) -> None:
    """The same as under /alarms, less what the source says already."""
    souk = passer_by.get("/api/v1/sources/souk").json()
    alarms = passer_by.get("/api/v1/alarms?source=souk").json()["items"]
    names = ("alarm", "field", "expected", "seen", "pages", "at")
    assert souk["alarms"] == [{name: one[name] for name in names} for one in alarms]
    assert passer_by.get("/api/v1/sources/annonces").json()["alarms"] == []


@pytest.mark.parametrize("path", ["coverage", "alarms", "sources"])
def test_what_has_not_changed_is_not_sent_again(passer_by: TestClient, path: str) -> None:
    """An hour's coverage keeps its tag for that hour."""
    first = passer_by.get(f"/api/v1/{path}")
    held = {"if-none-match": first.headers["etag"]}
    assert passer_by.get(f"/api/v1/{path}", headers=held).status_code == 304
