"""A stand-in for Bluesky's public API: the search of posts, paged by a cursor."""

import base64
import hashlib
import re
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.contents import Contents
from vigie.demo.posts import DemoPost, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

PATH: Final = "/xrpc/app.bsky.feed.searchPosts"
COLLECTION: Final = "app.bsky.feed.post"
_JSON: Final = "application/json; charset=utf-8"
_ADDRESSED: Final = re.compile(r"@compte_(\d+)")


class BlueskySite:
    """The API on one port. Reposts are no posts there: the search has none."""

    name = "bluesky"
    origins: tuple[str, ...] = ("https://public.api.bsky.app",)
    robots = "User-agent: *\nAllow: /\n"
    anchor = b'"posts"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a search."""
        if ask.path != PATH:
            return NOT_FOUND
        limit, cursor = ask.query.get("limit", "25"), ask.query.get("cursor", "0")
        words = ask.query.get("q", "")
        if not (words and limit.isdigit() and 1 <= int(limit) <= 100 and cursor.isdigit()):
            return Page(400, b'{"error":"InvalidRequest","message":"Error: bad params"}', _JSON)
        found = _found(contents, words)
        first, size = int(cursor), int(limit)
        answer: dict[str, Any] = {
            "posts": [_view(post) for post in found[first : first + size]],
            "hitsTotal": len(found),
        }
        if first + size < len(found):
            answer["cursor"] = str(first + size)
        return Page(200, msgspec.json.encode(answer), _JSON)

    def first_page(self, ask: Ask) -> Ask:
        """Return the question without a cursor."""
        return ask._replace(query={k: v for k, v in ask.query.items() if k != "cursor"})


@lru_cache(maxsize=40)
def _found(contents: Contents, query: str) -> tuple[DemoPost, ...]:
    words = folded(query).replace('"', " ").split()
    return tuple(
        post
        for post in contents.posts
        if post.repeats is None and all(word in post.search for word in words)
    )


def did(account: int) -> str:
    """Return an account's lasting id."""
    name = hashlib.blake2b(f"compte {account}".encode(), digest_size=15).digest()
    return f"did:plc:{base64.b32encode(name).decode().lower()}"


def rkey(post: DemoPost) -> str:
    """Return a post's key in its author's collection."""
    return f"3k{post.number:011d}"


def record(post: DemoPost) -> dict[str, Any]:
    """Return a post as its author's client wrote it."""
    text = _ADDRESSED.sub(r"@compte-\1.bsky.social", post.text)
    found: dict[str, Any] = {
        "$type": COLLECTION, "text": text, "langs": [post.lang],
        "createdAt": f"{post.written:%Y-%m-%dT%H:%M:%S}.000Z",
    }  # fmt: skip
    if post.answers is not None:
        uri = f"at://{did(post.answers % 160)}/{COLLECTION}/3k{post.answers:011d}"
        parent = {"uri": uri, "cid": "bafyreidemo"}
        found["reply"] = {"root": parent, "parent": parent}
    return found


def _view(post: DemoPost) -> dict[str, Any]:
    author = did(post.account)
    return {
        "uri": f"at://{author}/{COLLECTION}/{rkey(post)}", "cid": f"bafyreidemo{post.number}",
        "author": {
            "did": author, "handle": f"compte-{post.account}.bsky.social",
            "displayName": f"Personne Fictive {post.account}", "labels": [],
        },
        "record": record(post), "replyCount": post.replies, "repostCount": post.reposts,
        "likeCount": post.likes, "quoteCount": 0, "labels": [],
        "indexedAt": f"{post.written:%Y-%m-%dT%H:%M:%S}.500Z",
    }  # fmt: skip


STAND_IN = BlueskySite
