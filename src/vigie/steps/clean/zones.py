"""Time zones: a site's by its name, a text's by what it writes."""

from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=256)
def zone_called(name: str | None) -> tzinfo | None:
    """Return the zone called *name*; None when there is no such zone."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def month_first(zone: str | None) -> bool:
    return bool(zone) and str(zone).startswith(("America/", "US/", "Pacific/Honolulu"))


def offset_zone(text: str | None, local: tzinfo | None) -> tzinfo | None:
    """Return the zone an ISO text names, else the site's."""
    if not text:
        return local
    if text in ("z", "utc", "gmt"):
        return UTC
    sign = "-" if "-" in text else "+"
    digits = text.partition(sign)[2].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes >= 24 * 60:
        return local
    return timezone_of(-minutes if sign == "-" else minutes)


@lru_cache(maxsize=128)
def timezone_of(minutes: int) -> tzinfo:
    """Return the zone that is *minutes* ahead of UTC."""
    return timezone(timedelta(minutes=minutes))
