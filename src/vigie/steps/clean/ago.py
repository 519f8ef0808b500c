"""Dates relative to the reading: "il y a 3 jours", "30+ days ago", "منذ ساعة", "in 2 weeks"."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from vigie.steps.clean.date_words import DUALS, NOW, NUMBERS, UNITS, either
from vigie.steps.clean.iso_dates import SECONDS, Read

AMOUNT = rf"(\d{{1,4}}|{either(NUMBERS)})"
UNIT = rf"({either(UNITS)})"
AGO = re.compile(
    rf"(?:il y a|ya|depuis|hace|منذ|قبل)\s*(plus d['e]\s?|plus de |more than |over |mas de |"
    rf"اكثر من )?\s*"
    rf"(?:environ |about |\+)?{AMOUNT}?\s*(\+)?\s*{UNIT}\b\.?"
)
BACK = re.compile(
    rf"(?<![\w.,/:])(plus d['e]\s?|plus de |more than |over )?(?:environ |about "
    rf")?{AMOUNT}\s*(\+)?\s*{UNIT}\b\.?\s*(\+)?\s*(ago|back|plus tot)"
)
SHORT = re.compile(rf"(?:posted |publie |publiee )?(\d{{1,3}})\s*(\+)?\s*{UNIT}\.?")
IN_TIME = re.compile(rf"\b(?:dans|in)\s+{AMOUNT}\s*{UNIT}\b")


def _back(read: datetime, amount: int, unit: str) -> datetime | None:
    """Return *read* (local) less *amount* units, cut to the unit."""
    if unit in ("second", "minute", "hour"):
        at = (read.astimezone(UTC) - timedelta(seconds=amount * SECONDS[unit])).astimezone(
            read.tzinfo
        )
        at = at.replace(microsecond=0)
        if unit != "second":
            at = at.replace(second=0)
        return at.replace(minute=0) if unit == "hour" else at
    if unit in ("day", "week"):
        day = read.date() - timedelta(days=amount * (7 if unit == "week" else 1))
    else:
        months = read.year * 12 + read.month - 1 - amount * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        if year < 1:
            return None
        day = date(year, month + 1, min(read.day, monthrange(year, month + 1)[1]))
    return datetime.combine(day, time(), read.tzinfo)


def read_relative(text: str, read: datetime | None) -> Read | bool | None:
    """Read a text relative to *read*; False when the text is not relative."""
    if text in NOW or text.startswith(NOW[:4]):
        return (read.replace(second=0, microsecond=0), "hour") if read else None
    more = False
    found = AGO.search(text)
    if found is not None:
        more, amount, unit = bool(found[1] or found[3]), found[2], found[4]
    else:
        found = BACK.search(text)
        if found is not None:
            more, amount, unit = bool(found[1] or found[3] or found[5]), found[2], found[4]
        else:
            found = SHORT.fullmatch(text)
            if found is None:
                ahead = IN_TIME.search(text)
                if ahead is None:
                    return False
                amount, unit = f"-{NUMBERS.get(ahead[1], ahead[1])}", ahead[2]
            else:
                more, amount, unit = bool(found[2]), found[1], found[3]
    if amount is None:
        count = 2 if unit in DUALS else 1
    else:
        count = NUMBERS[amount] if amount in NUMBERS else int(amount)
    if read is None:
        return None
    precision = UNITS[unit]
    at = _back(read, count, precision)
    if at is None:
        return None
    # "30+ days ago" only says: at least so long. The month is all that is known of it.
    return at, ("month" if more and precision in ("day", "week") else precision)
