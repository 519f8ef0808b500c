"""An instance on PostgreSQL or MySQL does what one on SQLite does, and moves between them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.cli.conftest import Call
from tests.store.conftest import SERVERS, at_server, on
from vigie.config import load
from vigie.wiring import Instance

SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "offres.csv"


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database on a server."""
    server: Any = request.getfixturevalue(request.param)
    at_server(server.url, "CREATE DATABASE chain")
    yield on(server.url, "chain")
    force = " WITH (FORCE)" if request.param == "postgresql" else ""
    at_server(server.url, f"DROP DATABASE chain{force}")


def status(vigie: Call) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(vigie("db", "status", "--json").out)
    return told


def test_from_a_file_to_the_search_and_its_history(
    vigie: Call, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sample is imported, found, changed, shown with its history, served; no password told."""
    monkeypatch.setenv("VIGIE_STORE__URL", url)
    file = tmp_path / "offres.csv"
    file.write_bytes(SAMPLE.read_bytes())
    given = ("import", file, "--map", SAMPLE.with_suffix(".toml"))
    first = vigie(*given)
    assert first.out == "4 found: 4 new\n", first.err
    assert vigie(*given).out == "4 found: 4 unchanged\n"

    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("45-55 k€", "50-60 k€"), encoding="utf-8", newline="")
    assert vigie(*given).out == "4 found: 1 changed, 3 unchanged\n"
    (line,) = vigie("search", "developpeur", "--format", "ndjson").out.splitlines()
    found = json.loads(line)
    history = json.loads(vigie("show", found["id"], "--json").out)["history"]
    assert [(c["old"], c["new"]) for c in history if c["field"] == "pay_raw"] == [
        ("45-55 k€ brut/an", "50-60 k€ brut/an")
    ]
    told = status(vigie)
    assert told["feed"] == told["index"] == 5
    assert told["job"] == 4
    assert "***" in told["url"]
    said = vigie("db", "backup", tmp_path / "copy.db")
    assert said.code == 2
    assert "vigie db copy sqlite:///" in said.err
    with Instance(load({"data_dir": tmp_path / "data", "store": {"url": url}}).settings) as here:
        with TestClient(here.site(), base_url="http://127.0.0.1:8000") as client:
            listed = client.get("/api/v1/jobs", params={"q": "developpeur"}).json()
            pages = ["/", "/jobs", "/sources", "/api/v1/sources", "/api/v1/runs",
                     "/api/v1/coverage", f"/api/v1/jobs/{found['id']}"]  # fmt: skip
            answers = {page: client.get(page).status_code for page in pages}
        assert [item["id"] for item in listed["items"]] == [found["id"]]
        assert set(answers.values()) == {200}, answers
        assert here.erase([found["id"]]) == 1
    assert status(vigie)["job"] == 3
    assert vigie("search", "developpeur", "--format", "ndjson").out == ""


def test_it_moves_to_a_server_and_back(
    offers: Call, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content, feed and index stay what they were: the search goes on without a rebuild."""
    before = status(offers)
    monkeypatch.setenv("VIGIE_COPY_TO", url)  # a command line would show its password to all
    told = offers("db", "copy")
    monkeypatch.delenv("VIGIE_COPY_TO")
    assert told.code == 0, told.err
    assert offers("db", "copy").code == 2
    assert before["content_hash"] in told.out
    assert "://" not in told.out + told.err

    monkeypatch.setenv("VIGIE_STORE__URL", url)
    there = status(offers)
    assert {**there, "url": ""} == {**before, "url": ""}
    assert offers("search", "data", "--format", "ndjson").out.count("\n") >= 1
    again = offers("db", "copy", url)
    assert (again.code, "this is the store itself" in again.err) == (2, True)
    back = tmp_path / "back.db"
    assert offers("db", "copy", f"sqlite:///{back}").code == 0
    full = offers("db", "copy", f"sqlite:///{back}")
    assert (full.code, "is not empty" in full.err) == (1, True)
    monkeypatch.setenv("VIGIE_STORE__URL", f"sqlite:///{back}")
    assert status(offers)["content_hash"] == before["content_hash"]
