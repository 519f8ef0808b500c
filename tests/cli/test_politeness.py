"""`vigie sources politeness` and `check`, called as a person calls them."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vigie.model.politeness import Asked
from vigie.store import StoreAgenda, open_store

from .conftest import Call

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def asked(tmp_path: Path) -> list[Asked]:
    """A book of six requests to two hosts, one of them refused by us."""
    folder = tmp_path / "data"
    folder.mkdir()
    start = NOW - timedelta(hours=1)
    lines = [
        Asked(
            at=start + timedelta(seconds=seconds), host=host, source=source, method="GET",
            url=f"https://{host.removesuffix(':443')}{path}", status=status, outcome=outcome,
            rule=rule, pause_seconds=pause, next_at=start + timedelta(seconds=seconds + pause),
        )
        for seconds, host, source, path, status, outcome, rule, pause in (
            (0.0, "a.org:443", "avito_ma", "/robots.txt", 200, "answered", "source", 2.0),
            (2.5, "a.org:443", "avito_ma", "/1", 200, "answered", "source", 2.0),
            (7.5, "a.org:443", "avito_ma", "/2", 429, "answered", "crawl-delay", 5.0),
            (7.6, "a.org:443", "avito_ma", "/3", None, "waiting", "retry-after", 600.0),
            (0.0, "b.org:443", "marocannonces", "/robots.txt", 404, "answered", "source", 1.0),
            (1.0, "b.org:443", "marocannonces", "/x", None, "timeout", "source", 1.0),
        )
    ]  # fmt: skip
    store = open_store(f"sqlite:///{folder / 'vigie.db'}")
    StoreAgenda(store.database).note(lines)
    store.close()
    return lines


def test_each_host_has_its_figures(vigie: Call, asked: list[Asked]) -> None:
    """Requests, refusals, the least pause seen, whose rule it was, and when it may be asked."""
    told = vigie("sources", "politeness", "--json")

    first, second = json.loads(told.out)
    assert told.code == 0
    assert (first["host"], first["requests"], first["refusals"], first["not_asked"]) == (
        "a.org:443", 3, 1, 1,
    )  # fmt: skip
    assert (first["least_seconds"], first["pause_seconds"]) == (2.5, 2.0)
    assert first["rule"] == "crawl-delay, retry-after, source"
    assert datetime.fromisoformat(first["next_at"]) == asked[3].next_at
    assert first["robots"].startswith("status 200, ")
    assert first["terms"].startswith("avito_ma: ")
    assert (second["requests"], second["least_seconds"]) == (2, 1.0)


@pytest.mark.parametrize(
    ("arguments", "hosts"),
    [
        (("marocannonces",), {"b.org:443"}),
        (("--host", "a.org"), {"a.org:443"}),
        (("--since", "30m"), set()),
        (("--since", "2h", "--host", "c.org"), set()),
    ],
)
@pytest.mark.usefixtures("asked")
def test_it_can_be_narrowed(vigie: Call, arguments: tuple[str, ...], hosts: set[str]) -> None:
    """By source, by host, by time; nothing asked is no error."""
    told = vigie("sources", "politeness", *arguments, "--json")

    assert told.code == 0
    assert {row["host"] for row in json.loads(told.out)} == hosts


def test_each_request_can_be_had(vigie: Call, asked: list[Asked]) -> None:
    """As CSV every request is a line, with everything that is known of it."""
    told = vigie("sources", "politeness", "--each", "--csv")

    rows = list(csv.DictReader(io.StringIO(told.out)))
    assert len(rows) == len(asked)
    assert set(rows[0]) == set(Asked.__struct_fields__)
    assert [row["outcome"] for row in rows].count("waiting") == 1


@pytest.mark.usefixtures("asked")
def test_a_table_is_for_people(vigie: Call) -> None:
    """Without a format, one line a host."""
    told = vigie("sources", "politeness")

    assert told.code == 0
    assert len(told.out.splitlines()) == 3


@pytest.mark.parametrize(
    "arguments",
    [("politeness", "nobody"), ("politeness", "--since", "soon"), ("check", "nobody"),
     ("politeness", "--csv", "--json")],
)  # fmt: skip
def test_what_cannot_be_is_told(vigie: Call, arguments: tuple[str, ...]) -> None:
    """A source or a duration that is none is a usage error of one line."""
    told = vigie("sources", *arguments)

    assert told.code == 2
    assert told.err.startswith("error: ")
