"""What a page of Bluesky holds: an answer of the search, or a piece of the stream.

The stream is one event a line, ``{"did", "time_us", "kind": "commit", "commit": {"operation",
"collection", "rkey", "record"}}``. Accounts and identities are told of whatever was asked for; a
deletion carries no record. (Seen in a captured stream.)
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.errors import Empty, PageChanged
from vigie.model.capture import Capture
from vigie.model.identity import digest
from vigie.sources.answers import changed, condemn, decoded
from vigie.sources.values import part, text, whole

COLLECTION: Final = "app.bsky.feed.post"
POST: Final = "post:"
"""What stands before a post's identity once its address, which names its author, is blanked."""
KINDS: Final = frozenset({"commit", "identity", "account"})
BAD_LINE: Final = "bad line"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def items_of(source: str, page: Capture) -> Sequence[Any]:
    """Return the posts of *page*; a piece of the stream without posts has none.

    Raises:
        Blocked, Empty, SourceError: the status condemns the page, or its list is empty.
        PageChanged: neither an answer of the search nor a piece of the stream, or the question was
            refused (400).
    """
    if page.status == 400:
        why = " ".join((text(decoded(page.body), "message") or "status 400").split())[:200]
        raise PageChanged(source, page.url, f"posts: the question was refused ({why})")
    condemn(source, page)
    events = events_of(page.body)
    if events is not None:
        return [one for one in events if one == BAD_LINE or _is_post(one)]
    found = part(decoded(page.body)).get("posts")
    if not isinstance(found, list):
        raise changed(source, page, '"posts" list')
    if not found:
        raise Empty(source, page.url)
    return found


@lru_cache(maxsize=2)  # items and removed ask for the same page one after another
def events_of(body: bytes) -> tuple[Any, ...] | None:
    """Return the events of a piece of the stream; None when *body* is none."""
    found = tuple(_lines(body))
    return found if any(one != BAD_LINE for one in found) else None


def announced(page: Capture) -> int | None:
    """Return ``hitsTotal`` of an answer."""
    return None if events_of(page.body) is not None else whole(decoded(page.body), "hitsTotal")


def identity(uri: str | None) -> str | None:
    """Return a post's id: a hash of its address, which names its author."""
    if uri is None:
        return None
    return uri.removeprefix(POST) if uri.startswith(POST) else digest(uri)


def event_identity(event: Any) -> str | None:
    """Return the id of the post that an event tells of."""
    did, rkey = text(event, "did"), text(event, "commit", "rkey")
    if rkey is None or rkey.startswith(POST):
        return identity(rkey)
    collection = text(event, "commit", "collection")
    return digest(f"at://{did}/{collection}/{rkey}") if did and collection else None


def _lines(body: bytes) -> Iterator[Any]:
    for line in body.split(b"\n"):
        if line.strip():
            try:
                event = msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                event = None
            known = isinstance(event, dict) and event.get("kind") in KINDS and "time_us" in event
            yield event if known else BAD_LINE


def _is_post(event: Any) -> bool:
    commit = part(event, "commit")
    return commit.get("collection") == COLLECTION and commit.get("operation") != "delete"


def stream_time(time_us: int | None) -> str | None:
    """Return an event's time as ISO text."""
    if time_us is None or not 0 < time_us < 10**17:
        return None
    return (_EPOCH + timedelta(microseconds=time_us)).isoformat(timespec="milliseconds")
