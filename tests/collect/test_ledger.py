"""The book of requests: every one is in it, with the pause that was kept, and without secrets."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from vigie.collect.job import Options
from vigie.demo import Fault
from vigie.model.capture import Query
from vigie.model.politeness import Asked, without_keys

from .conftest import Outpost

SITE = "marocannonces"
ONE = Query(name="auto", options={"category": "Auto-Moto"})
EVER = datetime(2000, 1, 1, tzinfo=UTC)


def book(outpost: Outpost, source: str | None = None) -> list[Asked]:
    return [row for row in outpost.agenda.asked(EVER) if source in (None, row.source)]


def test_every_request_is_a_line(outpost: Outpost) -> None:
    """What the sites received, in their order: pages, robots.txt, the login, retries."""
    outpost.stage.fail("avito_ma", Fault(kind="status", status=503, after=1, times=2))

    outpost.collect(outpost.job("avito_ma"), outpost.job("france_travail"))

    for name in ("avito_ma", "france_travail"):
        seen = [(one.method, one.path) for one in outpost.stage.asked(name)]
        rows = book(outpost, name)
        assert [row.method for row in rows] == [method for method, _ in seen]
        assert all(path in row.url for row, (_, path) in zip(rows, seen, strict=True))
    assert [row.status for row in book(outpost, "avito_ma")].count(503) == 2
    assert any("oauth2" in row.url for row in book(outpost, "france_travail"))
    assert not any("hush" in str(row) for row in book(outpost))


def test_a_request_that_was_not_made_says_why(outpost: Outpost) -> None:
    """robots.txt, a wait and a breaker refuse a request: a line without a status."""
    outpost.stage.fail(SITE, Fault(kind="robots"))
    outpost.stage.fail("avito_ma", Fault(kind="status", status=429, retry_after="3600"))

    for _ in range(2):
        outpost.collect(outpost.job(SITE, ONE), outpost.job("avito_ma"))

    assert [row.outcome for row in book(outpost, SITE)] == ["answered", "robots"] * 2
    refused = book(outpost, "avito_ma")
    assert [(row.status, row.outcome) for row in refused] == [
        (200, "answered"), (429, "answered"), (None, "breaker"),
    ]  # fmt: skip
    assert refused[1].next_at is not None
    assert refused[1].next_at >= refused[1].at + timedelta(seconds=3599)
    assert refused[2].rule == "breaker"
    assert refused[2].next_at is not None
    assert refused[2].next_at >= refused[1].at + timedelta(seconds=3599)


@pytest.mark.parametrize(
    ("fault", "rule", "seconds"),
    [
        (Fault(kind="status", status=429, retry_after="1", after=1, times=1), "retry-after", 1.0),
        (Fault(kind="status", status=503, after=1, times=1), "backoff", 0.3),
        (Fault(kind="robots", text="User-agent: *\nCrawl-delay: 0.4\n"), "crawl-delay", 0.4),
    ],
)
def test_a_pause_is_told_with_its_rule(
    outpost: Outpost, fault: Fault, rule: str, seconds: float
) -> None:
    """The line after a longer wait says whose it was and how long it was, and it was so long."""
    outpost.stage.fail(SITE, fault)

    outpost.collect(outpost.job(SITE, ONE), backoff_seconds=0.6)

    rows = book(outpost, SITE)
    told = [row for row in rows if row.rule == rule]
    assert told
    for row in told:
        before = rows[rows.index(row) - 1]
        assert row.pause_seconds >= seconds
        assert (row.at - before.at).total_seconds() >= row.pause_seconds - 0.002
    assert {row.rule for row in rows} == {rule, "settings"}


def test_a_sources_own_pause_is_kept_and_named(outpost: Outpost) -> None:
    """Without the demo's setting, the source's pause stands between two requests."""
    job = outpost.job("avito_ma", Query(name="few", limit=30))
    outpost.collect(job, pause_seconds=None)
    pause = job.source.pause_seconds

    rows = book(outpost, "avito_ma")
    assert len(rows) >= 2
    assert {(row.rule, row.pause_seconds) for row in rows} == {("source", pause)}
    assert all((b.at - a.at).total_seconds() >= pause for a, b in pairwise(rows))
    assert all(row.next_at and row.next_at >= row.at + timedelta(seconds=pause) for row in rows)


def test_no_answer_is_a_line_for_each_attempt(outpost: Outpost) -> None:
    """Four attempts at a site that nobody serves are four lines."""
    outpost.stage.silence(SITE)

    outpost.collect(outpost.job(SITE, ONE))

    assert [row.outcome for row in book(outpost)] == ["refused"] * (Options().retries + 1)


def test_a_book_forgets_after_ninety_days(outpost: Outpost) -> None:
    """Old lines go when new ones are written; a host is found with and without its port."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    lines = [
        Asked(at=now - timedelta(days=days), host=host, source="s", method="GET", url="https://x.org/",
              outcome="answered", rule="source", pause_seconds=1.0)
        for days, host in ((91, "x.org:443"), (89, "x.org:443"), (0, "y.org:443"))
    ]  # fmt: skip

    outpost.agenda.note(lines)

    assert outpost.agenda.asked(EVER) == lines[1:]
    assert outpost.agenda.asked(EVER, "x.org") == lines[1:2]
    assert outpost.agenda.asked(EVER, "y.org:443") == lines[2:]
    assert outpost.agenda.asked(EVER, limit=1) == lines[2:]
    assert outpost.agenda.asked(now) == lines[2:]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://us:hush@x.org/a?q=data#f", "https://x.org/a?q=data"),
        ("https://x.org/?app_id=u&app_key=h&page=2", "https://x.org/?page=2"),
        ("https://x.org/?access_token=h&keywords=key", "https://x.org/?keywords=key"),
        ("https://x.org/?X-Amz-Signature=h&apikey=h&sid=h", "https://x.org/"),
        ("https://x.org/?motsCles=sens%20de%20la%20cl%C3%A9&codeROME=M1", None),
        ("https://[::1", ""),
    ],
)
def test_a_line_carries_no_key(url: str, kept: str | None) -> None:
    """Names, passwords and parameters that may be keys are left out; what is searched stays."""
    assert without_keys(url) == (url if kept is None else kept)
