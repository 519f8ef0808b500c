"""A week of one source, an hour a column: solid where it was seen, hatched where it was not."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
import polars as pl
from babel.dates import format_date

from vigie.web.charts.gaps import LOOKS, Look, by_hour, stretches
from vigie.web.language import Language
from vigie.web.ledger import next_hour

DAYS: Final = 7
DRAWN: Final[tuple[Look, ...]] = ("ok", "empty", "late", "failing")
"""What stands out from the ground, which is hatched: nothing was observed, and nothing was due."""


class Bar(msgspec.Struct, frozen=True):
    """Hours on end that look alike, in per cent of the strip's width."""

    x: float
    width: float


class Day(msgspec.Struct, frozen=True):
    """One local day in figures."""

    label: str
    weekday: str
    number: str
    """Under its part of the strip, the number only where there is room."""
    seen: int
    late: int
    failing: int
    """Hours of it."""
    found: int | None
    """None: nothing was learned on that day."""


class CoverageStrip(msgspec.Struct, frozen=True):
    """What the template draws."""

    bars: dict[Look, tuple[Bar, ...]]
    ground: float
    """Where the strip ends today, in per cent: what comes after has not happened."""
    days: tuple[Day, ...]
    sentence: str


def week(now: datetime, language: Language) -> list[datetime]:
    """Return where the seven local days up to today begin, and where today ends."""
    # A day has 23 or 25 hours when clocks change: midnights are counted without a zone.
    today = language.local(now).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    midnights = [today + timedelta(days=day) for day in range(1 - DAYS, 2)]
    if language.zone is None:
        return [midnight.astimezone(UTC) for midnight in midnights]
    return [midnight.replace(tzinfo=language.zone).astimezone(UTC) for midnight in midnights]


def coverage_strip(rows: pl.DataFrame, now: datetime, language: Language) -> CoverageStrip:
    """Return the strip of one source.

    Args:
        rows: The source's hours of that `week`, of every watch and query, as `ledger` gives them.
    """
    midnights = week(now, language)
    since, end = midnights[0], midnights[-1]
    # The hour that has begun is drawn whole: its first minutes would not be seen.
    until = min(next_hour(now), end)
    span = (end - since).total_seconds()

    def place(when: datetime) -> float:
        return round(100 * (when - since).total_seconds() / span, 2)

    bars: dict[Look, tuple[Bar, ...]] = {}
    for part in stretches(rows, since, until):
        if part.look in DRAWN:
            bar = Bar(place(part.start), round(place(part.end) - place(part.start), 2))
            bars[part.look] = (*bars.get(part.look, ()), bar)
    days = tuple(
        _day(rows, midnights[n], midnights[n + 1], language) for n in range(len(midnights) - 1)
    )
    told = language.gettext("Hours seen: %(seen)s. Late: %(late)s. Failing: %(failing)s.") % {
        name: language.number_text(sum(getattr(day, name) for day in days))
        for name in ("seen", "late", "failing")
    }
    return CoverageStrip(bars=bars, ground=place(until), days=days, sentence=told)


def _day(rows: pl.DataFrame, start: datetime, end: datetime, language: Language) -> Day:
    part = rows.filter((pl.col("hour") >= start) & (pl.col("hour") < end))
    looks = [LOOKS.get(state, "failing") for state in by_hour(part).values()]
    learned = part["found"].drop_nulls()
    day: date = language.local(start + (end - start) / 2).date()
    return Day(
        label=format_date(day, "EEEE d", locale=language.locale),
        weekday=format_date(day, "EEE", locale=language.locale),
        number=format_date(day, "d", locale=language.locale),
        seen=sum(look in {"ok", "empty"} for look in looks),
        late=looks.count("late"),
        failing=looks.count("failing"),
        found=int(learned.sum()) if learned.len() else None,
    )
