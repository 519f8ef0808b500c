"""How long to wait before asking again: what the site says, else longer each time."""

import secrets
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST: Final = timedelta(days=7)
"""A site that asks for more is asked again after this."""

_random = secrets.SystemRandom()


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Return until when ``Retry-After`` asks to wait; None when it says nothing readable.

    Both forms of RFC 9110 §10.2.3 are read: seconds, and an HTTP date.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=min(int(text), 10**9)), LONGEST)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until.astimezone(UTC)
    return min(max(until, now), now + LONGEST)


def backoff(attempt: int, first_seconds: float) -> timedelta:
    """Return the wait before retry *attempt* (from 0): doubled each time, half more or less.

    The jitter keeps collectors that failed together from coming back together.
    """
    return timedelta(seconds=first_seconds * 2**attempt * _random.uniform(0.5, 1.5))
