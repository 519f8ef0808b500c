"""What a collection is given and what it tells: jobs, options, progress, reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from vigie.contracts import AnySource, Login
from vigie.model.capture import BODY_LIMIT_BYTES, Query, Scan
from vigie.model.fates import State

PRODUCT: Final = "Vigie"
"""Name under which robots.txt files address us."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One source and what one watch asks of it."""

    name: str
    """The source's name."""
    source: AnySource
    watch: str
    queries: tuple[Query, ...]
    login: Login | None = None
    misses: int = 2
    """Complete runs without a listing after which it is closed."""
    pause_rule: str = "source"
    """Whose the source's pause is: its own, or the ``settings``'."""

    @property
    def sentinel(self) -> Query | None:
        """The question to ask first, once a day; None when nothing is asked that a site could
        ignore, or when it cannot be asked for nothing."""
        asks = any(query.words or query.place or query.options for query in self.queries)
        return self.source.sentinel if asks else None


@dataclass(frozen=True, kw_only=True)
class Options:
    """How politely and how long to ask. The same for every source of a collection."""

    user_agent: str = PRODUCT
    """See `user_agent`: it names us and a contact."""
    pause_seconds: float | None = None
    """Least pause between two requests to a host, instead of each source's own. Never a setting:
    only the demo and tests, whose sites are on loopback, ask without a pause."""
    timeout_seconds: float = 30.0
    """From connecting to the last byte."""
    retries: int = 3
    """Asked again after a network failure, 408, 429 or 5xx."""
    backoff_seconds: float = 2.0
    """Wait before the first retry when the site names none; doubled each time, ± half."""
    patience_seconds: float = 120.0
    """A longer wait that a site asks for ends its query; the next collection goes on."""
    redirects: int = 5
    body_limit_bytes: int = BODY_LIMIT_BYTES
    """Of the decompressed body."""
    most_pages: int = 10_000
    """Of one query: a site whose pages never end is cut there."""
    proxy: str | None = None
    """Address of a proxy, credentials included. It resolves names in our place."""
    allow_hosts: frozenset[str] = frozenset()
    """``host:port`` on loopback that may be asked although loopback is forbidden."""
    rewrite: Mapping[str, str] = field(default_factory=dict)
    """Site's origin → stand-in's origin. Captures keep the site's address."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far one query has come: told after each page or failure, and at its end."""

    source: str
    watch: str
    query: str
    pages: int
    failures: int
    listed: int
    """Distinct listings seen so far."""
    announced: int | None
    done: bool = False


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became of one query."""

    source: str
    watch: str
    query: str
    run: str
    pages: int
    failures: int
    listed: int
    announced: int | None
    scan: Scan
    state: State
    """As seen while collecting; the store judges again when the captures are read."""
    reason: str
    """Why it was cut; empty when it was not."""


def user_agent(version: str, contact: str = "") -> str:
    """Return the name under which we ask: ``Vigie/1.0 (+https://example.org/contact)``."""
    return f"{PRODUCT}/{version} (+{contact})" if contact else f"{PRODUCT}/{version}"


def utc_now() -> datetime:
    """Return the time in UTC, to the millisecond."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
