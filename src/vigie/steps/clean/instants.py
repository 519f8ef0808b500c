"""A date as a site writes it → an instant and how exact it is.

Own patterns first: they know what listing sites write, take microseconds and never guess.
dateparser reads what is left, in French, English and Arabic only, and only short texts.

Rules: a time without a zone is local to the site. A date without a time is its midnight there. A
date without a year is the latest such date that is not after the reading by more than a day. What
is relative is null when the time of reading is unknown. Of two readings of "03/04/2025" the day
comes first, but in the zones of the Americas, where the month does.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from vigie.steps.clean.ago import AGO, UNIT, read_relative
from vigie.steps.clean.date_words import DAYS, MONTHS, NOT_PUBLISHED, NUMBERS, either
from vigie.steps.clean.iso_dates import YEAR, Read, read_iso, read_number_date
from vigie.steps.clean.zones import month_first, offset_zone, zone_called
from vigie.steps.folding import fold

LONGEST = 120  # characters; a longer text is not a date

CLOCK = r"(\d{1,2})\s?[:h]\s?(\d\d)?(?::(\d\d))?\s*([ap]\.?m\b)?"
OFFSET = r"((?:gmt|utc)?[+-]\d\d:?\d\d|z|utc|gmt)"
TIME_AFTER = re.compile(
    rf"[\s,;|·@-]{{0,3}}(?:(?:a|at|t|الساعه|علي الساعه|في)\s?)?{CLOCK}(?:\s?{OFFSET}(?!\w))?"
)
SLASHED = re.compile(r"(?<!\d)(\d{1,4})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
MONTH_YEAR = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{4})(?!\d)")
_MONTH = rf"({either(MONTHS)})\b\.?"
_YEAR = r"(?:[\s,./-]{0,3}(?:de )?(\d{4}|'?\d{2})(?![\d:]|\s?h))?"
DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:er|st|nd|rd|th|eme)?[\s.-]*(?:de |of )?\s?{_MONTH}{_YEAR}"
)
MONTH_DAY = re.compile(rf"\b{_MONTH}\s*(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:){_YEAR}")
MONTH_ONLY = re.compile(rf"\b{_MONTH}\s*,?\s*(\d{{4}})(?!\d)")
DAY_WORD = re.compile(rf"(?<![\w-])({either(DAYS)})(?!\w)")
WEEKDAY = re.compile(
    r"\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"last|past|dernier|derniere|الاثنين|الثلاثاء|الاربعاء|الخميس|الجمعه|السبت|الاحد)\b"
)
# Several units at once ("1 year, 2 months ago"), composed numbers, zones by abbreviation and
# counts ahead are dateparser's.
PAIR = re.compile(rf"(?<!\w)(?:\d{{1,4}}|{either(NUMBERS)})\s*{UNIT}\b")
DATEPARSERS = re.compile(
    r"\b(?:twenty|thirty|forty|fifty|vingt|trente|quarante)[ -](?:et )?(?:un|one|two|three|"
    r"four|five|six|seven|eight|nine|deux|trois)\b|"
    r"\b(?:e[sd]t|p[sd]t|c[sd]t|m[sd]t|ces?t|bst|wes?t)\b|\b(?:later|from now)\b"
)
HINT = re.compile(
    rf"\d|\b(?:{either(MONTHS)}|{either(NUMBERS)}|next|this|last|past|ago|later|now|prochain|dernier)\b"
)


def _at(day: date, rest: str, zone: tzinfo) -> Read:
    """Return *day* at the time written at the start of *rest*, else at midnight."""
    found = TIME_AFTER.match(rest)
    if found is not None and (found[2] or found[4]):
        hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
        if found[4]:
            hour = hour % 12 + (12 if found[4][0] == "p" else 0)
        if hour < 24 and minute < 60 and second < 60:
            precision = "second" if found[3] else "minute" if found[2] else "hour"
            place = offset_zone(found[5], zone) or zone
            return datetime.combine(day, time(hour, minute, second), place), precision
    return datetime.combine(day, time(), zone), "day"


def _without_year(month: int, day: int, read_on: date | None) -> date | None:
    """Return the latest such date that is at most a day after *read_on*."""
    if read_on is None:
        return None
    for year in range(read_on.year + 1, read_on.year - 9, -1):
        if day <= monthrange(year, month)[1]:
            found = date(year, month, day)
            if found <= read_on + timedelta(days=1):
                return found
    return None


def _year(text: str) -> int:
    """Return the year that two or four digits name."""
    digits = text.lstrip("'")
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)


def _elsewhere(text: str, found: re.Match[str]) -> str | None:
    """Return the year that stands before the date or after its time ("Aug 05 12:00:00 2015")."""
    year = YEAR.search(text[: found.start()]) or YEAR.search(text, found.end())
    return year[0] if year else None


def _calendar(text: str, read: datetime | None, zone: tzinfo, american: bool) -> Read | None:
    """Read a date by day, month and year, wherever it stands in *text*."""
    read_on = read.date() if read else None
    found = SLASHED.search(text)
    if found is not None:
        first, second, third = int(found[1]), int(found[3]), int(found[4])
        if len(found[1]) == 4:
            year, month, day = first, second, third
        elif len(found[1]) > 2:
            return None
        else:
            year = _year(found[4])
            day, month = (second, first) if american else (first, second)
            if month > 12 >= day:
                day, month = month, day
        return _at(date(year, month, day), text[found.end() :], zone)
    for pattern, day_at, month_at in ((DAY_MONTH, 1, 2), (MONTH_DAY, 2, 1)):
        found = pattern.search(text)
        if found is not None:
            day, month = int(found[day_at]), MONTHS[found[month_at]]
            written = found[3] or _elsewhere(text, found)
            if written:
                on: date | None = date(_year(written), month, day)
            else:
                date(2000, month, day)  # 31 June is no date in any year
                on = _without_year(month, day, read_on)
            return None if on is None else _at(on, text[found.end() :], zone)
    found = MONTH_ONLY.search(text)
    if found is not None:
        return datetime(int(found[2]), MONTHS[found[1]], 1, tzinfo=zone), "month"
    found = MONTH_YEAR.search(text)
    if found is not None:
        return datetime(int(found[2]), int(found[1]), 1, tzinfo=zone), "month"
    return None


@lru_cache(maxsize=2)
def _dateparser() -> Any:
    from dateparser.date import DateDataParser

    return DateDataParser


def _fallback(text: str, read: datetime | None, zone: tzinfo, american: bool) -> Read | None:
    """Read what our patterns do not know. Without the time of reading, only a text with a year."""
    if not (HINT.search(text) or WEEKDAY.search(text)):
        return None
    if read is None and not YEAR.search(text):
        return None
    base = read or datetime(2000, 1, 1, tzinfo=zone)
    settings = {
        "RELATIVE_BASE": base.replace(tzinfo=None),
        "PREFER_DATES_FROM": "past",
        "DATE_ORDER": "MDY" if american else "DMY",
        "PARSERS": ["relative-time", "absolute-time"],
    }
    try:
        parser = _dateparser()(languages=["fr", "en", "ar"], settings=settings)
        found = parser.get_date_data(text)
    except Exception:  # a third party's reader of hostile text: whatever it raises, no date
        return None
    at = found.date_obj
    if at is None:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    midnight = (at.hour, at.minute, at.second) == (0, 0, 0)
    precision = (
        found.period
        if found.period in ("week", "month", "year")
        else "day"
        if midnight
        else "minute"
    )
    return at, precision


WHOLE_DAYS = frozenset({"day", "week", "month", "year"})
"""Precisions that say nothing of the time of day."""


def read_instant(shown: str, read_at: datetime | None, zone: str | None) -> Read | None:
    """Return the instant that *shown* names and how exact it is; None when it names none.

    Args:
        shown: As the site writes it; French, English, Arabic, Spanish, ISO, epoch numbers.
        read_at: When the site said it (UTC); None when unknown, then what is relative is None.
        zone: IANA zone of the site, for what names no zone. Unknown: only what names one is read.

    Returns:
        An aware instant, not before 1990 and not after year 2200, and its precision. A day (or
        week, month, year) is the day as the site's calendar names it, at 00:00 UTC.
    """
    if len(shown) > LONGEST:
        return None
    text = fold(shown)
    if not text:
        return None
    local = zone_called(zone)
    try:
        found = read_number_date(text) or read_iso(text, local)
        if found is None and local is not None:
            found = _written(
                text, read_at.astimezone(local) if read_at else None, local, month_first(zone)
            )
        if found is None:
            return None
        at = found[0].astimezone(UTC)
        if found[1] in WHOLE_DAYS:
            # Only the day is known: it is that day for every reader, wherever midnight falls.
            day = found[0].astimezone(local or UTC)
            at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return (at, found[1]) if 1990 <= at.year <= 2200 else None


def _written(text: str, read: datetime | None, zone: tzinfo, american: bool) -> Read | None:
    """Read what a person wrote: relative, by the calendar, or by dateparser."""
    if text.startswith(NOT_PUBLISHED) or "employeractive" in text:
        return None
    simple = AGO.fullmatch(text) is not None
    if not simple and (DATEPARSERS.search(text) or len(PAIR.findall(text)) > 1):
        return _fallback(text, read, zone, american)
    relative = read_relative(text, read)
    if not isinstance(relative, bool):
        return relative
    word = DAY_WORD.search(text)
    if word is not None:
        if read is None:
            return None
        day = read.date() - timedelta(days=DAYS[word[1]])
        return _at(day, text[word.end() :], zone)
    return _calendar(text, read, zone, american) or _fallback(text, read, zone, american)
