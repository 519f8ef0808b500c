"""Sites that misbehave: each fault is a reason, is left alone in time, and stays its own."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from vigie.collect.job import utc_now
from vigie.collect.run import collect
from vigie.demo import Fault
from vigie.model.capture import Query, Scan
from vigie.model.fates import State

from .conftest import Outpost

SITE = "marocannonces"
ONE = Query(name="auto", options={"category": "Auto-Moto"})


def _later(by: timedelta) -> datetime:
    return utc_now() + by


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(kind="close"), "broken"),
        (Fault(kind="garbage"), "broken"),
        (Fault(kind="bad_chunks"), "cut_short"),
        (Fault(kind="cut_short"), "cut_short"),
        (Fault(kind="stall", seconds=5), "timeout"),
        (Fault(kind="slow", seconds=5), "timeout"),
        (Fault(kind="trickle", seconds=0.2), "timeout"),
        (Fault(kind="huge", seconds=5), "too_large"),
        (Fault(kind="endless_body"), "too_large"),
        (Fault(kind="bomb"), "too_large"),
        (Fault(kind="bomb", coding="br"), "too_large"),
        (Fault(kind="bomb", coding="zstd", size=64 << 20), "too_large"),
        (Fault(kind="redirect_bomb"), "too_large"),
        (Fault(kind="redirect_loop"), "redirect"),
        (Fault(kind="redirect", location="http://127.0.0.1:9/"), "bad_address"),
        (Fault(kind="redirect", location="http://169.254.169.254/latest/"), "bad_address"),
        (Fault(kind="redirect", location="file:///etc/passwd"), "bad_address"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind}-{value.coding}",
)
def test_a_fault_is_a_failure_with_its_reason(outpost: Outpost, fault: Fault, why: str) -> None:
    """No acceptable answer: no capture, one failure that says why, and a query that is cut."""
    outpost.stage.fail(SITE, fault)

    (report,) = outpost.collect(outpost.job(SITE, ONE), timeout_seconds=0.4, retries=1)

    assert outpost.captures() == []
    assert [failure.why for failure in outpost.failures()] == [why]
    assert (report.scan, report.state) == (Scan.CUT, State.UNREACHABLE)


def test_a_refused_connection_is_retried_and_told(outpost: Outpost) -> None:
    """Nobody listens: the failure says refused, not that the site refuses us."""
    outpost.stage.silence(SITE)

    (report,) = outpost.collect(outpost.job(SITE, ONE))

    assert [failure.why for failure in outpost.failures()] == ["refused"]
    assert report.state is State.UNREACHABLE


def test_a_failing_site_is_asked_four_times_and_then_left_alone(outpost: Outpost) -> None:
    """Three retries, the answer kept as it came, then the breaker: the next run asks nothing."""
    outpost.stage.fail(SITE, Fault(kind="status", status=500))

    (first,) = outpost.collect(outpost.job(SITE, ONE))
    asked = len(outpost.pages(SITE))
    (second,) = outpost.collect(outpost.job(SITE, ONE))

    assert asked == 4
    assert [page.status for page in outpost.captures()] == [500]
    assert first.state is State.UNREACHABLE
    assert second.state is State.UNREACHABLE
    assert outpost.failures()[-1].why == "down"
    assert len(outpost.pages(SITE)) == asked


def test_a_name_that_nobody_has_stays_unreachable(outpost: Outpost) -> None:
    """Its breaker is open in the next run, in this process or another; it did not refuse."""
    places: dict[str, Any] = {"rewrite": {"https://www.marocannonces.com": "http://nobody.invalid"},
              "allow_hosts": frozenset({"nobody.invalid"})}  # fmt: skip
    (first,) = outpost.collect(outpost.job(SITE, ONE), **places)

    two, three = outpost.collect(outpost.job(SITE, ONE, Query(name="all")), **places)

    assert [one.state for one in (first, two, three)] == [State.UNREACHABLE] * 3
    assert [one.why for one in outpost.failures()] == ["dns", "down", "down"]
    assert "did not answer" in two.reason


def test_a_passing_failure_passes(outpost: Outpost) -> None:
    """Two 503 in a row are retried; the query is complete nevertheless."""
    outpost.stage.fail("avito_ma", Fault(kind="status", status=503, after=1, times=2))

    (report,) = outpost.collect(outpost.job("avito_ma"))

    assert report.scan is Scan.COMPLETE
    assert {page.status for page in outpost.captures()} == {200}


def test_one_bad_page_does_not_end_the_query(outpost: Outpost) -> None:
    """A detail page that always fails costs itself: the others are asked, once it was a probe."""
    outpost.stage.fail(SITE, Fault(kind="status", status=500, after=3, times=4))

    (report,) = outpost.collect(outpost.job(SITE, ONE, details=True))

    statuses = [page.status for page in outpost.captures()]
    assert statuses.count(500) == 1
    assert statuses.count(200) > 30
    assert report.scan is Scan.CUT


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_obeyed(outpost: Outpost, form: str) -> None:
    """No request comes before the time that a 429 named, in either form."""
    named = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    value = "1" if form == "seconds" else format_datetime(named, usegmt=True)
    outpost.stage.fail(SITE, Fault(kind="status", status=429, retry_after=value, after=1, times=1))

    (report,) = outpost.collect(outpost.job(SITE, ONE))

    times = [one.at for one in outpost.stage.asked(SITE) if one.path != "/robots.txt"]
    assert report.failures == 0
    if form == "seconds":
        assert (times[2] - times[1]).total_seconds() >= 1.0
    else:
        assert times[2] >= named
    assert all(before <= after for before, after in pairwise(times))


def test_a_long_retry_after_ends_the_query_and_binds_the_next_run(outpost: Outpost) -> None:
    """An hour is not waited for: the query is cut, and nobody asks before the hour is over."""
    outpost.stage.fail(SITE, Fault(kind="status", status=429, retry_after="3600"))
    started = time.monotonic()

    (first,) = outpost.collect(outpost.job(SITE, ONE))
    asked = len(outpost.pages(SITE))
    outpost.collect(outpost.job(SITE, ONE))

    assert time.monotonic() - started < 5
    assert first.state is State.BLOCKED
    assert asked == 1
    assert len(outpost.pages(SITE)) == asked


def test_a_challenge_ends_the_source_for_now(outpost: Outpost) -> None:
    """A challenge is told as blocked and not followed; the other queries are not asked."""
    outpost.stage.fail(SITE, Fault(kind="challenge"))
    other = Query(name="home", options={"category": "Immobilier"})

    first, second = outpost.collect(outpost.job(SITE, ONE, other))

    assert (first.state, second.state) == (State.BLOCKED, State.BLOCKED)
    assert len(outpost.pages(SITE)) == 1
    assert outpost.listed(SITE) == set()
    assert [end.scan for end in outpost.ends()] == [Scan.CUT, Scan.CUT]


def test_a_breaker_waits_twice_as_long_each_time(outpost: Outpost) -> None:
    """One minute, then one probe; two minutes after it fails; closed again once it is well."""
    outpost.stage.fail(SITE, Fault(kind="challenge"))
    job = outpost.job(SITE, ONE)
    asked = []
    for minutes in (0, 0.9, 1.1, 3.0, 3.3):
        later = timedelta(minutes=minutes)
        outpost.collect(job, now=partial(_later, later))
        asked.append(len(outpost.pages(SITE)))
    outpost.stage.fail(SITE, None)
    (report,) = outpost.collect(job, now=partial(_later, timedelta(minutes=8)))

    assert asked == [1, 1, 2, 2, 3]
    assert report.state is State.OK


def test_an_empty_list_is_an_honest_zero(outpost: Outpost) -> None:
    """A list that says it is empty is no failure."""
    outpost.stage.fail("avito_ma", Fault(kind="empty"))

    (report,) = outpost.collect(outpost.job("avito_ma"))

    assert (report.scan, report.state, report.listed) == (Scan.COMPLETE, State.EMPTY, 0)


def test_a_list_without_end_is_cut(outpost: Outpost) -> None:
    """A site that answers page 1 for every page is noticed within a few pages."""
    outpost.stage.fail("avito_ma", Fault(kind="endless"))

    (report,) = outpost.collect(outpost.job("avito_ma"))

    assert (report.scan, report.state) == (Scan.CUT, State.TRUNCATED)
    assert len(outpost.pages("avito_ma")) < 10


def test_a_list_shorter_than_announced_is_cut(outpost: Outpost) -> None:
    """When far fewer listings come than the site announces, absence means nothing."""
    (report,) = outpost.collect(outpost.job("avito_ma", most_pages=1))

    assert (report.scan, report.state) == (Scan.CUT, State.TRUNCATED)


def test_a_changed_layout_is_told(outpost: Outpost) -> None:
    """A page without the part that is read is kept, told, and not followed."""
    outpost.stage.fail(SITE, Fault(kind="layout_changed"))

    (report,) = outpost.collect(outpost.job(SITE, ONE))

    assert report.state is State.LAYOUT_CHANGED
    assert len(outpost.captures()) == 1


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_compressed_answers_are_kept_as_they_read(outpost: Outpost, coding: str) -> None:
    """Whatever the coding on the way, the body in the spool is the page."""
    outpost.stage.fail(SITE, Fault(kind="coded", coding=coding))  # type: ignore[arg-type]  # one of Fault's

    outpost.collect(outpost.job(SITE, ONE))

    assert all(page.body.startswith(b"<!DOCTYPE html>") for page in outpost.captures())


def test_one_sources_fault_does_not_touch_another(outpost: Outpost) -> None:
    """A site that hangs delays and removes nothing of the others: they are done before it."""
    outpost.stage.fail(SITE, Fault(kind="slow", seconds=50))
    stop = threading.Event()

    hanging, well = collect(
        [outpost.job(SITE, ONE), outpost.job("avito_ma")], outpost.spool, outpost.agenda,
        outpost.options(timeout_seconds=40.0), stop=stop,
        on_progress=lambda news: stop.set() if news.done else None,
    )  # fmt: skip

    assert hanging.reason == "interrupted"
    assert well.scan is Scan.COMPLETE


def test_robots_txt_forbids(outpost: Outpost) -> None:
    """A disallowed site is not asked: the failure says robots."""
    outpost.stage.fail(SITE, Fault(kind="robots"))

    (report,) = outpost.collect(outpost.job(SITE, ONE))

    assert outpost.pages(SITE) == []
    assert [failure.why for failure in outpost.failures()] == ["robots"]
    assert report.state is State.BLOCKED


def test_robots_txt_of_a_failing_server_forbids_everything(outpost: Outpost) -> None:
    """A robots.txt that cannot be read for the server's fault means: ask nothing."""
    outpost.stage.fail(SITE, Fault(kind="robots_status", status=503))

    outpost.collect(outpost.job(SITE, ONE))

    assert outpost.pages(SITE) == []
    assert outpost.failures()[0].why == "robots"


def test_a_missing_robots_txt_allows_everything(outpost: Outpost) -> None:
    """404 for robots.txt: the site has no rules."""
    outpost.stage.fail(SITE, Fault(kind="robots_status", status=404))

    (report,) = outpost.collect(outpost.job(SITE, ONE))

    assert report.state is State.OK


def test_a_crawl_delay_is_kept(outpost: Outpost) -> None:
    """The site's own delay is longer than ours: it is kept between two requests."""
    outpost.stage.fail(SITE, Fault(kind="robots", text="User-agent: *\nCrawl-delay: 0.3\n"))

    outpost.collect(outpost.job(SITE, Query(name="few", limit=30)))

    times = [one.at for one in outpost.stage.asked(SITE)][1:]
    assert len(times) >= 2
    assert all((b - a).total_seconds() >= 0.29 for a, b in pairwise(times))


def test_two_collectors_share_a_hosts_turns(outpost: Outpost) -> None:
    """The pause holds between the requests of two jobs that ask the same host."""
    outpost.collect(
        outpost.job("avito_ma", Query(name="a", limit=60), watch="one"),
        outpost.job("avito_ma", Query(name="b", limit=60), watch="two"),
        pause_seconds=0.2,
    )

    turns = outpost.agenda.asked(utc_now() - timedelta(hours=1))
    assert len(outpost.stage.asked("avito_ma")) == len(turns) == 5
    # Where turns are given, not where requests arrive: a busy machine shifts those.
    assert all((b.at - a.at).total_seconds() >= 0.2 for a, b in pairwise(turns))


def test_a_refused_login_is_told_without_the_secret(outpost: Outpost) -> None:
    """A login that fails ends the source with its reason; no page is asked."""
    outpost.stage.fail("france_travail", Fault(kind="status", status=401))

    (report,) = outpost.collect(outpost.job("france_travail"))

    assert [failure.why for failure in outpost.failures()] == ["login"]
    assert report.state is State.BLOCKED
    assert "hush" not in report.reason
