"""Searches of posts go on where the last run ended, and close nothing."""

from typing import Any

from vigie import sources
from vigie.collect.job import Job
from vigie.model.capture import Query, Scan
from vigie.model.fates import State


def job(*queries: Query) -> Job:
    login = sources.login_class("x_api")
    assert login is not None
    source = sources.find_all()["x_api"](author_secret=b"s")
    return Job(
        name="x_api", source=source, watch="w", queries=queries, login=login(bearer_token="demo")
    )


def test_the_next_run_asks_for_what_is_newer(outpost: Any) -> None:
    """The second run finds nothing new; after a day it finds the day's posts alone."""
    query = Query(name="macron", words="Macron")

    first = outpost.collect(job(query))[0]
    second = outpost.collect(job(query))[0]
    outpost.stage.next_visit()
    third = outpost.collect(job(query))[0]

    assert first.state is State.OK
    assert first.scan is Scan.NEWEST
    assert first.listed > 20
    assert second.state is State.EMPTY
    assert 0 < third.listed < first.listed / 2
    ends = outpost.ends()
    assert ends[0].resume is not None
    assert int(ends[2].resume or 0) > int(ends[0].resume)
    assert outpost.agenda.resume("x_api", "macron") == ends[2].resume


def test_a_limit_is_an_end(outpost: Any) -> None:
    """A run that stops at its limit has seen the newest: its place is noted."""
    query = Query(name="all", words="lang:fr", limit=100)

    outpost.collect(job(query))

    assert outpost.agenda.resume("x_api", "all") is not None
