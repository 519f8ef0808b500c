"""No key in what is told of a failure; a check asks a bounded number of pages."""

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Response

from vigie import sources
from vigie.collect.address import host_of, without_keys_in
from vigie.collect.check import PINS, _Checker
from vigie.collect.fetch import Fetcher
from vigie.collect.job import Job, Options, utc_now
from vigie.collect.ledger import Ledger
from vigie.collect.sentinel import ignored
from vigie.collect.study import Study
from vigie.collect.turns import Turns
from vigie.collect.unanswered import Unanswered
from vigie.demo import Fault
from vigie.model.capture import Query, Request
from vigie.model.listing import Listing
from vigie.store import StoreAgenda, open_store

from .conftest import Outpost

KEY = "SECRETKEY0123456789"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="redirect_loop"),
        Fault(kind="redirect", location=f"file:///etc/passwd?app_key={KEY}"),
        Fault(kind="redirect", location=f"https://[x/?app_key={KEY}"),
    ],
)
def test_no_failure_tells_a_key(outpost: Outpost, fault: Fault) -> None:
    """A signed address that is redirected is quoted without its key, wherever it is quoted."""
    outpost.stage.fail("adzuna", fault)
    login_class: Any = sources.login_class("adzuna")
    job = outpost.job("france_travail", Query(name="q", words="bi"))
    login = login_class(app_id="myid", app_key=KEY)
    job = dataclasses.replace(job, name="adzuna", source=sources.make("adzuna"), login=login)

    (report,) = outpost.collect(job)

    assert outpost.failures()
    assert KEY not in "".join(failure.detail for failure in outpost.failures())
    assert KEY not in report.reason


def test_a_refused_address_is_told_without_its_key() -> None:
    """So in the message of the address guard itself, and in any text."""
    with pytest.raises(Unanswered) as refused:
        host_of(f"ftp://a.example/?app_key={KEY}&what=bi")

    assert refused.value.detail == "not an http address: ftp://a.example/?what=bi"
    told = without_keys_in(f"from https://me:{KEY}@a.example/?token={KEY} to https://b.example/x")
    assert told == "from https://a.example/ to https://b.example/x"


def test_pages_that_cannot_be_read_count_for_the_sentinel() -> None:
    """A list of what cannot be read is a list all the same."""
    assert ignored(Study(ids={"1"}, unreadable=40)) == 41
    assert ignored(Study()) == 0


def test_pages_that_fail_are_not_asked_without_end(tmp_path: Path) -> None:
    """Of a site whose own pages are all gone, twice the pins are tried and no more."""
    asked: list[str] = []

    async def download(request: Any) -> Response:
        asked.append(request.url)
        return Response(request.url, status=404)

    source = sources.make("avito_ma")
    store = open_store(f"sqlite:///{tmp_path / 'vigie.db'}")
    agenda = StoreAgenda(store.database)

    async def pinned() -> list[Any]:
        ledger = Ledger(agenda)
        turns = Turns(agenda, utc_now, 60)
        options = Options(pause_seconds=0.0)
        fetcher = Fetcher(download, turns, options, utc_now, withheld={}, ledger=ledger)
        checker = _Checker(Job(name="avito_ma", source=source, watch="", queries=()), fetcher)
        for n in range(100):
            name = str(n)
            listing = Listing(kind="ad", native_id=name, reading="card", layer="x", values={})
            checker._shown[name] = Request(url="https://a.example/"), listing
            checker._details[name] = Request(url=f"https://a.example/{n}")
        try:
            return await checker._new_pins(PINS, set())
        finally:
            await ledger.close()

    assert asyncio.run(pinned()) == []
    assert sum("robots" not in url for url in asked) == 2 * PINS
    store.close()
