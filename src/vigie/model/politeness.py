"""What was asked of whom, and how long we waited first: one line of the book of requests."""

import re
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

RULES: Final = (
    "source", "settings", "crawl-delay", "retry-after", "backoff", "breaker", "agenda",
)  # fmt: skip
"""Who asked for the pause: the source, the settings, the site's robots.txt, the site's answer, our
own wait before a retry, the breaker; ``agenda``: another collector, for one of these reasons."""

NOT_MADE: Final = frozenset({"robots", "breaker", "down", "waiting", "bad_address"})
"""Outcomes of requests that we refused ourselves: nothing has left."""

ROBOTS_PATH: Final = "/robots.txt"

_URL_LIMIT: Final = 500
_KEY_NAMES: Final = re.compile(
    r"(?i)(^|[^a-z])(api|app|client|access|auth|secret)?[-_.]?(key|token|secret|id_secret|pass(word)?"
    r"|sig(nature)?|auth|app_?id|client_?id|credential|session(id)?|sid|jwt|code)$"
)
"""Parameters that may carry a key. One too many is left out rather than one too few."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request that left, or that we refused to let leave. Without keys and without bodies."""

    at: datetime
    """When it left; when it was refused."""
    host: str
    """``host:port`` that was connected to: turns are given per host."""
    source: str
    method: str
    url: str
    status: int | None = None
    """Null: no answer came."""
    outcome: str
    """``answered``, or why no answer came: dns, refused, timeout, tls, robots, breaker…"""
    rule: str
    """Who asked for the pause before it (`RULES`)."""
    pause_seconds: float
    """The least pause that was kept before it."""
    next_at: datetime | None = None
    """When the host may be asked next, as was known then. Null: nothing was reserved."""

    @property
    def made(self) -> bool:
        """Whether a request has left."""
        return self.outcome not in NOT_MADE


def without_keys(url: str) -> str:
    """Return *url* without name, password, fragment, and parameters that may carry a key."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    kept = "&".join(
        part for part in parts.query.split("&") if part and not _KEY_NAMES.search(_name(part))
    )
    return parts._replace(netloc=host, query=kept, fragment="").geturl()[:_URL_LIMIT]


def _name(part: str) -> str:
    pairs = parse_qsl(part, keep_blank_values=True)
    return pairs[0][0] if pairs else part
