"""Reading a timeline and its posts: Mastodon's fields in the model's names, as they are shown."""

from collections.abc import Sequence
from typing import Any, Final

from vigie.errors import Blocked, Empty, RecordError
from vigie.model.capture import Capture
from vigie.model.identity import digest
from vigie.model.listing import Listing, Shown
from vigie.model.pseudonym import kept_key
from vigie.sources.answers import changed, json_of
from vigie.sources.values import part, text, whole

POST: Final = "post:"
"""What stands before a post's identity once its address, which names its author, is blanked."""


def statuses_of(source: str, page: Capture) -> Sequence[Any]:
    """Return the posts of a timeline, of the answer to a search, or of a file of one post.

    Raises:
        Blocked, Empty, SourceError: the status condemns the page, or the list is empty.
        PageChanged: there is no list.
    """
    if page.status == 422:  # "This method requires an authenticated user"
        raise Blocked(source, page.url, "a timeline for members (status 422)")
    found = json_of(source, page)
    if isinstance(found, dict):
        found = found.get("statuses", [found] if "uri" in found and "content" in found else None)
    if not isinstance(found, list):
        raise changed(source, page, "list of posts")
    if not found:
        raise Empty(source, page.url)
    return found


def identity(status: Any) -> str | None:
    """Return a post's id: a hash of its global address, which is the same on every server."""
    uri = text(status, "uri")
    if uri is None:
        return None
    return uri.removeprefix(POST) if uri.startswith(POST) else digest(uri)


def listing_of(status: Any, topic: str | None) -> Listing:
    """Return *status* as a listing.

    The post that it answers is told by the server's number, its global address is not shown.

    Raises:
        RecordError: ``not_a_post`` or ``no_id``.
    """
    if not isinstance(status, dict) or not isinstance(status.get("content"), str):
        raise RecordError("not_a_post", type(status).__name__)
    native_id = identity(status)
    if native_id is None:
        raise RecordError("no_id")
    repeated = part(status, "reblog")
    told = repeated or status
    counts = {"likes": "favourites_count", "reposts": "reblogs_count", "replies": "replies_count",
              "quotes": "quotes_count"}  # fmt: skip
    values: dict[str, Shown] = {
        "title": text(told, "spoiler_text"),
        "text_raw": text(told, "content"),
        "lang_raw": text(told, "language"),
        "posted_raw": text(status, "created_at"),
        "updated_raw": text(status, "edited_at"),
        "topic": topic,
        "author_key": kept_key(part(status, "account").get("id")),
        "reply_to": text(status, "in_reply_to_id"),
        "repost_of": identity(repeated) if repeated else None,
        **{field: None if repeated else whole(status, name) for field, name in counts.items()},
    }
    return Listing(kind="post", native_id=native_id, reading="full", layer="api", values=values)
