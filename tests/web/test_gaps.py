"""What was not observed is hatched: no hour is lost, none is taken for a zero."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from tests.web.cargo import NOW
from vigie.model.fates import WORSE, State
from vigie.web.charts.coverage_strip import coverage_strip, week
from vigie.web.charts.gaps import LOOKS, gaps, stretches, worst
from vigie.web.language import Language

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
SCHEMA = {"hour": pl.Datetime("ms", "UTC"), "state": pl.String(), "found": pl.Int64()}


def hours(*told: tuple[int, str, int | None]) -> pl.DataFrame:
    """Coverage rows: hours after midnight, state, found."""
    rows = [(MIDNIGHT + timedelta(hours=hour), state, found) for hour, state, found in told]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def test_gaps_are_the_hours_without_an_observation() -> None:
    """Late, not due, failing and before the first visit are gaps, each with its look."""
    rows = hours((2, "ok", 8), (3, "not_scheduled", None), (4, "not_scheduled", None),
                 (5, "late", None), (6, "blocked", 0), (7, "empty", 0))  # fmt: skip
    found = [(gap.start, gap.end, gap.look) for gap in gaps(rows, at(0), at(8))]
    assert found == [
        (at(0), at(2), "never"),
        (at(3), at(5), "not_scheduled"),
        (at(5), at(6), "late"),
        (at(6), at(7), "failing"),
    ]


@pytest.mark.parametrize(("since", "until"), [(0.0, 8.0), (2.5, 6.25), (5.1, 5.2), (4.0, 4.0)])
def test_stretches_leave_no_hole(since: float, until: float) -> None:
    """They follow each other from the first instant to the last, whatever the instants."""
    rows = hours((2, "ok", 8), (3, "late", None), (4, "late", None), (5, "ok", 1))
    found = stretches(rows, at(since), at(until))
    ends = [at(since), *(part.end for part in found)]
    assert [part.start for part in found] == ends[:-1]
    assert ends[-1] == at(until)
    assert all(one.look != two.look for one, two in pairwise(found))


def test_nothing_known_is_one_gap() -> None:
    """A source without a row was never observed."""
    (gap,) = gaps(hours(), at(0), at(5))
    assert (gap.start, gap.end, gap.look) == (at(0), at(5), "never")


def test_the_worst_query_decides() -> None:
    """As a run judges its pages; an empty query beside a full one is no alarm."""
    assert set(LOOKS) == set(State)
    troubles = [str(state) for state in WORSE if state not in {State.OK, State.EMPTY}]
    assert [worst(troubles[:end]) for end in range(1, len(troubles) + 1)] == troubles
    assert worst(["empty", "ok"]) == "ok"
    assert worst(["not_scheduled", "ok"]) == "ok"
    assert worst(["late", "ok"]) == "late"
    assert worst(["ok", "a state of tomorrow"]) == "a state of tomorrow"


def test_a_strip_ends_now_and_counts_what_it_draws() -> None:
    """The days' figures are those of the columns; what has not happened yet is not drawn."""
    rows = hours((1, "ok", 8), (2, "ok", 5), (3, "late", None), (4, "unreachable", None))
    strip = coverage_strip(rows, at(12), Language("en", UTC))
    assert strip.ground == pytest.approx(100 * 6.5 / 7, abs=0.01)
    assert set(strip.bars) == {"ok", "late", "failing"}
    (bar,) = strip.bars["ok"]
    assert bar.x == pytest.approx(100 * (6 + 1 / 24) / 7, abs=0.01)
    assert bar.width == pytest.approx(100 * 2 / 24 / 7, abs=0.02)
    today = strip.days[-1]
    assert (today.seen, today.late, today.failing, today.found) == (2, 1, 1, 13)
    assert {day.found for day in strip.days[:-1]} == {None}, "not seen is not zero"
    assert strip.sentence == "Hours seen: 2. Late: 1. Failing: 1."


def test_the_hour_that_has_begun_is_drawn_whole() -> None:
    """A visit one minute ago is seen at once, and the day ends where it ends."""
    for now in (at(12 + 1 / 60), at(23.99)):
        hour = now.hour
        strip = coverage_strip(hours((hour, "blocked", None)), now, Language("en", UTC))
        (bar,) = strip.bars["failing"]
        assert bar.width == pytest.approx(100 / 24 / 7, abs=0.01)
        assert strip.ground == pytest.approx(100 * (6 + (hour + 1) / 24) / 7, abs=0.01)


@pytest.mark.parametrize(("now", "hours_long"), [
    (datetime(2026, 10, 27, 12, tzinfo=UTC), 169),
    (datetime(2026, 3, 30, 12, tzinfo=UTC), 167),
    (NOW, 168),
])  # fmt: skip
def test_a_week_is_seven_local_days(now: datetime, hours_long: int) -> None:
    """From midnight to midnight where the clocks hang, also when they change."""
    zone = ZoneInfo("Europe/Paris")
    midnights = week(now, Language("fr", zone))
    assert len(midnights) == 8
    assert {when.astimezone(zone).hour for when in midnights} == {0}
    assert midnights[-1] - midnights[0] == timedelta(hours=hours_long)
    assert midnights[-2] <= now < midnights[-1]
