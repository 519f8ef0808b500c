"""Reading one post: X's fields in the model's names, as they are shown."""

import re
from typing import Any, Final

from vigie.errors import RecordError
from vigie.model.listing import Listing, Shown
from vigie.model.pseudonym import kept_key
from vigie.sources.values import part, parts, text, whole

from .answer import BAD_LINE, Post

ADDRESS: Final = "https://x.com/i/web/status/"
"""Leads to a post without naming its author."""
_REPEATED: Final = re.compile(r"RT @(?:\[…\]|\w+): ")


def listing_of(post: Post, topic: str | None) -> Listing:
    """Return *post* as a listing.

    Raises:
        RecordError: ``bad_line``, ``not_a_post`` or ``no_id``.
    """
    told = post.told
    if told is BAD_LINE:
        raise RecordError("bad_line", f"line {post.line + 1}")
    if not isinstance(told, dict) or "text" not in told:
        raise RecordError("not_a_post", type(told).__name__)
    native_id = text(told, "id")
    if native_id is None:
        raise RecordError("no_id")
    refers = {text(one, "type"): text(one, "id") for one in parts(told, "referenced_tweets")}
    repeated = refers.get("retweeted")
    shown, whole_text = _text(told), True
    if repeated is not None:
        original = post.others.get(repeated)
        if original is not None and "text" in original:
            shown = _text(original)
        elif shown is not None:
            whole_text = not shown.rstrip().endswith("…")
            shown = _REPEATED.sub("", shown, count=1)
    values: dict[str, Shown] = {
        "url": f"{ADDRESS}{native_id}",
        "text_raw": shown if whole_text else None,
        "summary": None if whole_text else shown,
        "lang_raw": text(told, "lang"),
        "posted_raw": text(told, "created_at"),
        "place_raw": _place(told, post),
        "topic": topic,
        "author_key": kept_key(told.get("author_id")),
        "reply_to": refers.get("replied_to"),
        "repost_of": repeated,
        **_counts(told, own=repeated is None),
    }
    return Listing(
        kind="post", native_id=native_id, reading="full" if whole_text else "card", layer="api",
        values=values,
    )  # fmt: skip


def _text(told: dict[str, Any]) -> str | None:
    """Return the text: of a long post ``text`` is only the beginning."""
    return text(told, "note_tweet", "text") or text(told, "text")


def _place(told: dict[str, Any], post: Post) -> str | None:
    place = post.places.get(text(told, "geo", "place_id") or "") or part(told, "geo")
    return text(place, "full_name") or text(place, "name")


def _counts(told: dict[str, Any], *, own: bool) -> dict[str, Shown]:
    """Return the counts. A repost shows its original's reposts and zero likes: neither is its."""
    counts = part(told, "public_metrics")
    names = {"likes": "like_count", "reposts": "retweet_count", "replies": "reply_count",
             "quotes": "quote_count"}  # fmt: skip
    return {field: whole(counts, name) if own else None for field, name in names.items()}
