"""A site that ignores what it is asked is found out before anything of it is taken."""

from datetime import datetime, timedelta
from functools import partial

from vigie.collect.job import utc_now
from vigie.demo import Fault
from vigie.model.capture import Query, Scan
from vigie.model.fates import State

from .conftest import Outpost

SITE = "france_travail"
DATA = Query(name="data", words="data")
LYON = Query(name="rhône", options={"departement": "69"})


def checks(outpost: Outpost) -> int:
    """Return how many captures are of sentinels."""
    return sum(page.note.get("check") == "sentinel" for page in outpost.captures())


def test_the_sentinel_is_asked_once_a_day(outpost: Outpost) -> None:
    """Before the first query of a run that asks something, and not again for 24 hours."""
    outpost.collect(outpost.job(SITE, DATA, LYON))
    first = checks(outpost)
    outpost.collect(outpost.job(SITE, DATA), now=partial(_later, 23))
    second = checks(outpost)
    outpost.collect(outpost.job(SITE, DATA), now=partial(_later, 25))

    assert (first, second, checks(outpost)) == (1, 1, 2)
    assert outpost.captures()[0].note["check"] == "sentinel"


def test_nothing_asked_nothing_checked(outpost: Outpost) -> None:
    """A query for everything cannot be ignored."""
    outpost.collect(outpost.job(SITE, Query(name="all", limit=10)))

    assert checks(outpost) == 0


def test_an_end_counts_the_sentinels_pages(outpost: Outpost) -> None:
    """They belong to the run's first query, so that a lost one is noticed."""
    outpost.collect(outpost.job(SITE, DATA, LYON))

    for end in outpost.ends():
        assert end.pages == sum(page.query == end.query for page in outpost.captures())
    assert [end.scan for end in outpost.ends()] == [Scan.COMPLETE, Scan.COMPLETE]


def test_a_site_that_ignores_what_it_is_asked_is_refused(outpost: Outpost) -> None:
    """Nothing but the sentinel is asked; every query is cut with the reason; the next run looks
    again, and goes on once the site is well."""
    outpost.stage.fail(SITE, Fault(kind="ignores_filter"))

    reports = outpost.collect(outpost.job(SITE, DATA, LYON))
    refused = len(outpost.captures())
    outpost.stage.fail(SITE, None)
    after = outpost.collect(outpost.job(SITE, DATA, LYON))

    assert refused == checks(outpost) - 1 == 1
    assert {(report.scan, report.state) for report in reports} == {(Scan.CUT, State.LAYOUT_CHANGED)}
    assert {report.reason for report in reports} == {
        "ignores what it is asked: the sentinel found 150"
    }
    assert [end.reason for end in outpost.ends()[:2]] == [report.reason for report in reports]
    assert {report.state for report in after} == {State.OK}


def test_a_site_that_cannot_be_asked_is_not_said_to_ignore(outpost: Outpost) -> None:
    """A sentinel without an answer tells nothing: the run fails for its own reason, once."""
    outpost.stage.silence("avito_ma")

    (report,) = outpost.collect(outpost.job("avito_ma", Query(name="x", words="voiture")))

    assert report.state is State.UNREACHABLE
    assert [failure.why for failure in outpost.failures()] == ["refused"]


def test_a_refused_sentinel_ends_the_source(outpost: Outpost) -> None:
    """A challenge instead of the sentinel: blocked, nothing more is asked."""
    outpost.stage.fail("avito_ma", Fault(kind="challenge"))

    (report,) = outpost.collect(outpost.job("avito_ma", Query(name="x", words="voiture")))

    assert report.state is State.BLOCKED
    assert len(outpost.pages("avito_ma")) == 1


def _later(hours: float) -> datetime:
    return utc_now() + timedelta(hours=hours)
