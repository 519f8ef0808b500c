"""A stand-in for X's API v2: search of the last seven days or of all, in pages, newest first."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.contents import Contents
from vigie.demo.posts import DemoPost, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

PATHS: Final = {"/2/tweets/search/recent": timedelta(days=7), "/2/tweets/search/all": None}
_JSON: Final = "application/json; charset=utf-8"
_EPOCH_MS: Final = 1_288_834_974_657
"""X's ids are times since then, in milliseconds, and 22 more bits (Twitter's Snowflake)."""
_CUT: Final = 140


class XApiSite:
    """The API on one port."""

    name = "x_api"
    origins: tuple[str, ...] = ("https://api.x.com",)
    robots = "User-agent: *\nDisallow: /login\n"
    anchor = b'"data"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a search."""
        if ask.path not in PATHS:
            return NOT_FOUND
        if not ask.headers.get("authorization", "").startswith("Bearer demo"):
            return _told(401, {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"})
        return _search(ask.query, contents, PATHS[ask.path])

    def first_page(self, ask: Ask) -> Ask:
        """Return the question without the place to go on from."""
        return ask._replace(query={k: v for k, v in ask.query.items() if k != "next_token"})


def post_id(post: DemoPost) -> str:
    """Return a post's id on X: newer posts have larger ones."""
    return _id(post.written, post.number)


def _id(written: datetime, number: int) -> str:
    return str((int(written.timestamp() * 1000) - _EPOCH_MS) << 22 | number)


def _search(asked: Mapping[str, str], contents: Contents, reach: timedelta | None) -> Page:
    size, since = asked.get("max_results", "10"), asked.get("since_id", "0")
    token = asked.get("next_token", "demo0").removeprefix("demo")
    if not asked.get("query"):
        return _refused("query", "query can not be empty")
    if not (size.isdigit() and 10 <= int(size) <= 100):
        return _refused("max_results", "max_results is not between 10 and 100")
    if not (since.isdigit() and token.isdigit()):
        return _refused("next_token", "next_token is invalid")
    oldest = contents.today - reach if reach else None
    if oldest is not None and since != "0" and int(since) < int(_id(oldest, 0)):
        return _refused("since_id", "'since_id' must be a tweet id created after a week ago")
    found = [
        post
        for post in _found(contents, asked["query"])
        if (oldest is None or post.written >= oldest) and int(post_id(post)) > int(since)
    ]
    first = int(token)
    chosen = found[first : first + int(size)]
    if not chosen:
        return _told(200, {"meta": {"result_count": 0}})
    held = _held(contents)
    originals = {post.repeats: held[post.repeats] for post in chosen if post.repeats in held}
    accounts = {post.account for post in (*chosen, *originals.values())}
    meta: dict[str, Any] = {
        "newest_id": post_id(chosen[0]), "oldest_id": post_id(chosen[-1]),
        "result_count": len(chosen),
    }  # fmt: skip
    if first + len(chosen) < len(found):
        meta["next_token"] = f"demo{first + len(chosen)}"
    included: dict[str, Any] = {"users": [_user(account) for account in sorted(accounts)]}
    if originals:
        included["tweets"] = [_tweet(post, held) for post in originals.values()]
    posts = [_tweet(post, held) for post in chosen]
    return _told(200, {"data": posts, "includes": included, "meta": meta})


@lru_cache(maxsize=3)
def _held(contents: Contents) -> dict[int | None, DemoPost]:
    return {post.number: post for post in contents.posts}


@lru_cache(maxsize=64)
def _found(contents: Contents, query: str) -> tuple[DemoPost, ...]:
    """Return the posts that a query finds: words that are all there, ``OR``, ``lang:``, ``-``."""
    choices = [part.strip(" ()").split() for part in query.split(" OR ")]
    return tuple(
        post
        for post in contents.posts
        if any(all(_has(post, word) for word in words) for words in choices)
    )


def _has(post: DemoPost, word: str) -> bool:
    word = word.strip('()"')
    if word.startswith("-"):
        return not _has(post, word[1:])
    if word == "is:retweet":
        return post.repeats is not None
    if word.startswith("lang:"):
        return post.lang == word[5:]
    return folded(word) in post.search


def _tweet(post: DemoPost, held: Mapping[int | None, DemoPost]) -> dict[str, Any]:
    tweet: dict[str, Any] = {
        "id": post_id(post), "author_id": _account_id(post.account), "lang": post.lang,
        "created_at": f"{post.written:%Y-%m-%dT%H:%M:%S}.000Z", "text": post.text,
        "conversation_id": post_id(post), "possibly_sensitive": False,
        "public_metrics": {
            "retweet_count": post.reposts, "reply_count": post.replies, "like_count": post.likes,
            "quote_count": 0,
        },
    }  # fmt: skip
    original = held.get(post.repeats) if post.repeats is not None else None
    if original is not None:
        text = f"RT @compte_{original.account}: {original.text}"
        tweet["text"] = text if len(text) <= _CUT else f"{text[: _CUT - 1]}…"
        tweet["referenced_tweets"] = [{"type": "retweeted", "id": post_id(original)}]
    elif post.answers in held:
        answered = held[post.answers]
        tweet["referenced_tweets"] = [{"type": "replied_to", "id": post_id(answered)}]
        tweet["in_reply_to_user_id"] = _account_id(answered.account)
    return tweet


def _user(account: int) -> dict[str, Any]:
    return {"id": _account_id(account), "username": f"compte_{account}",
            "name": f"Personne Fictive {account}"}  # fmt: skip


def _account_id(account: int) -> str:
    return str(7_000_000_000 + account)


def _refused(parameter: str, message: str) -> Page:
    return _told(400, {
        "errors": [{"parameters": {parameter: []}, "message": message}], "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    })  # fmt: skip


def _told(status: int, words: dict[str, Any]) -> Page:
    return Page(status, msgspec.json.encode(words), _JSON)


STAND_IN = XApiSite
