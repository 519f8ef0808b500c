"""Reading one post, from the search or from the stream, in the model's names."""

from datetime import datetime
from typing import Any

from vigie.errors import RecordError
from vigie.model.listing import Listing, Shown
from vigie.model.pseudonym import kept_key
from vigie.sources.values import part, text, texts, whole

from .answer import BAD_LINE, event_identity, identity, stream_time


def listing_of(item: Any, topic: str | None) -> Listing:
    """Return a post as a listing.

    Raises:
        RecordError: ``bad_line``, ``not_a_post`` or ``no_id``.
    """
    if item == BAD_LINE:
        raise RecordError("bad_line")
    streamed = isinstance(item, dict) and "commit" in item
    record = part(item, "commit", "record") if streamed else part(item, "record")
    if not isinstance(record.get("text"), str):
        raise RecordError("not_a_post", type(item).__name__)
    native_id = event_identity(item) if streamed else identity(text(item, "uri"))
    if native_id is None:
        raise RecordError("no_id")
    seen = stream_time(whole(item, "time_us")) if streamed else text(item, "indexedAt")
    author = item.get("did") if streamed else part(item, "author").get("did")
    counts = {"likes": "likeCount", "reposts": "repostCount", "replies": "replyCount",
              "quotes": "quoteCount"}  # fmt: skip
    values: dict[str, Shown] = {
        "text_raw": text(record, "text"),
        "lang_raw": next(iter(texts(record, "langs") or ()), None),
        "posted_raw": _earlier(text(record, "createdAt"), seen),
        "topic": topic,
        "author_key": kept_key(author),
        "reply_to": identity(text(record, "reply", "parent", "uri")),
        "repost_of": None,
    }
    if not streamed:  # the stream does not count
        values |= {field: whole(item, name) for field, name in counts.items()}
    return Listing(
        kind="post", native_id=native_id, reading="full", layer="stream" if streamed else "api",
        values=values,
    )  # fmt: skip


def _earlier(written: str | None, seen: str | None) -> str | None:
    """Return when a post was written, by its author's clock unless the network saw it before."""
    try:
        if written and seen and datetime.fromisoformat(written) > datetime.fromisoformat(seen):
            return seen
    except (ValueError, TypeError):
        pass
    return written or seen
