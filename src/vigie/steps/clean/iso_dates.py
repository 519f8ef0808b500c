"""Dates that machines write: epoch numbers, ISO 8601, YYYYMMDD, a bare year."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from vigie.steps.clean.zones import offset_zone

Read = tuple[datetime, str]
"""An aware instant and one of `vigie.model.kinds.PRECISIONS`."""

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}

NUMBER = re.compile(r"[+-]?(\d{1,20})(?:\.(\d{1,12}))?(?:e\+?(\d{1,2}))?")
ISO = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:[t ]+(\d\d)[:h](\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?"
    r"\s*(z|utc|gmt|[+-]\d\d(?::?\d\d)?)?)?(?:\[[\w/+-]+\])?"
)
COMPACT = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def read_number_date(text: str) -> Read | None:
    """Read an epoch in seconds, milliseconds or microseconds, told apart by size, or YYYYMMDD."""
    found = NUMBER.fullmatch(text)
    if found is None:
        return None
    whole, fraction, power = found[1], found[2] or "", int(found[3] or 0)
    if power > 18:
        return None
    digits = (whole + fraction)[: len(whole) + power].ljust(len(whole) + power, "0")
    value = int(digits)
    for unit_ms, low in ((0.001, 10**14), (1.0, 10**11), (1000.0, 10**8)):
        if low <= value < low * 1000:
            at = datetime.fromtimestamp(value * unit_ms / 1000, UTC)
            # "1.6928E12" was rounded by a spreadsheet: it is off by up to half its last digit.
            off = 10 ** max(0, power - len(fraction)) * unit_ms / 2000 if power else 0
            precision = next((n for n, s in SECONDS.items() if off <= s), "week")
            return at, precision
    return None


def read_iso(text: str, zone: tzinfo | None) -> Read | None:
    if COMPACT.fullmatch(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = ISO.fullmatch(text)
    if found is None:
        bare = zone is not None and YEAR.fullmatch(text)
        return (datetime(int(text), 1, 1, tzinfo=zone), "year") if bare else None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    local = offset_zone(offset, zone)
    if local is None:
        return None
    if day is None:
        return datetime(int(year), int(month), 1, tzinfo=local), "month"
    at = datetime(int(year), int(month), int(day), tzinfo=local)
    if hour is None:
        return at, "day"
    if hour == "24" and minute == "00":
        return at + timedelta(days=1), "minute"
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    at = at.replace(hour=int(hour), minute=int(minute), second=int(second or 0), microsecond=micro)
    return at, "second" if second else "minute"
