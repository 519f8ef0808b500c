"""What the spool holds: captures, failures and ends of runs; and what a source asks for.

A capture is one answer as it was received, less what `Source.scrub` blanks. A failure says that
no answer came. The end of a run says how far the run looked, so that absence can be judged.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from vigie.model.identity import digest

Headers = tuple[tuple[str, str], ...]
LONGEST_NAME: Final = 120
"""Characters of a query's or a watch's name: what every store keeps."""


class Query(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a watch asks of a source. Its `name` is the scope of closing and of the ledger."""

    name: str = ""
    words: str = ""
    place: str = ""
    since_hours: int | None = None
    """Only what was published in the last so many hours. Null: everything."""
    limit: int | None = None
    """Stop after so many listings. Null: all."""
    options: dict[str, str] = {}
    """What only this source understands (a category, a département)."""


def name_of(told: str) -> str:
    """Return *told*, or when it is long its beginning and a digest, as the name of a query."""
    if len(told) <= LONGEST_NAME:
        return told
    return f"{told[: LONGEST_NAME - 18]}… {digest(told)}"


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page that a source wants. `note` travels with the page and comes back in `Capture.note`."""

    url: str
    method: str = "GET"
    headers: Headers = ()
    body: bytes | None = None
    note: dict[str, str] = {}


class Capture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="capture"):
    """One answer of a site, or one piece of an imported file (which has no status)."""

    id: str
    at: datetime
    """When it was received, UTC, to the millisecond. For an undated import: when imported."""
    source: str
    url: str
    body: bytes
    run: str
    watch: str = ""
    query: str = ""
    method: str = "GET"
    status: int | None = None
    headers: Headers = ()
    request_body: bytes | None = None
    dated: bool = True
    """False: `at` is not when the site said this, so relative dates cannot be read."""
    note: dict[str, str] = {}
    """Facts that travel along: the request's note, the scrub's revision and counts."""

    def header(self, name: str) -> str | None:
        """Return the first header called *name*, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="failure"):
    """No answer came: the name, the connection or the time failed, or the site was not asked."""

    at: datetime
    source: str
    url: str
    run: str
    why: str
    """Short, fixed and countable: dns, refused, timeout, tls, robots, breaker, too_large…"""
    watch: str = ""
    query: str = ""
    detail: str = ""


class Scan(StrEnum):
    """How far one query of a run looked."""

    COMPLETE = "complete"
    """Everything the site lists for the query: absence means something."""
    NEWEST = "newest"
    """Only the newest: page 1, the last 24 hours."""
    CUT = "cut"
    """Stopped on the way: an error, a limit, a kill."""


class RunEnd(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="run_end"):
    """One query of a run is over."""

    at: datetime
    source: str
    run: str
    scan: Scan
    watch: str = ""
    query: str = ""
    started_at: datetime
    pages: int = 0
    """Captures that this query wrote, so that a lost one is noticed."""
    failures: int = 0
    reason: str = ""
    """Why it was cut, or what refused it; empty when it was not."""
    resume: str | None = None
    """Where the next run goes on."""
    announced: int | None = None
    """Total that the site announced. Null: it does not say."""
    misses: int = 2
    """Complete runs without a listing after which it is closed."""


Entry = Capture | Failure | RunEnd

BODY_LIMIT_BYTES: Final = 10 * 1024 * 1024
"""A page whose decompressed body is larger is not kept."""

CHUNK_LIMIT_BYTES: Final = 8 * 1024 * 1024
"""An imported file is cut into captures of at most this size, between records."""


def capture_id(
    *,
    source: str,
    url: str,
    body: bytes,
    at: datetime | None,
    method: str = "GET",
    status: int | None = None,
    request_body: bytes | None = None,
) -> str:
    """Return the id of a capture: the same bytes said at the same time have the same id.

    Args:
        at: When the site said it. None for an import whose time is unknown: then the bytes
            alone decide, so that importing them again is not news.
    """
    when = None if at is None else at.isoformat(timespec="milliseconds")
    return digest(source, method, url, str(status), request_body, when, body)


def merge_notes(*notes: Mapping[str, str]) -> dict[str, str]:
    """Return all notes in one, later ones winning."""
    return {key: value for note in notes for key, value in note.items()}
