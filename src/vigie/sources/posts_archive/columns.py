"""Which column of an archive is what, by the names that tools give it."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "id_str", "tweet_id", "tweetid", "status_id", "post_id", "uri"),
    "text": ("full_text", "text", "tweet", "tweet_text", "rawcontent", "content", "message"),
    "posted": ("created_at", "datetime", "date", "posted_at", "published_at", "timestamp"),
    "lang": ("lang", "language"),
    "author": (
        "author_id", "author.id", "user_id", "userid", "user.id", "username", "author.username",
        "screen_name", "user.screen_name", "user_name", "user.username", "user", "author", "handle",
    ),
    "likes": ("public_metrics.like_count", "like_count", "likecount", "likes", "favorite_count",
              "favourites_count", "nlikes"),
    "reposts": ("public_metrics.retweet_count", "retweet_count", "retweetcount", "retweets",
                "reposts", "reblogs_count", "nretweets"),
    "replies": ("public_metrics.reply_count", "reply_count", "replycount", "replies",
                "replies_count", "nreplies"),
    "quotes": ("public_metrics.quote_count", "quote_count", "quotecount", "quotes"),
    "repost_of": ("referenced_tweets.retweeted.id", "retweeted_status_id", "retweeted_id",
                  "retweet_status_id", "repost_of"),
    "reply_to": ("referenced_tweets.replied_to.id", "in_reply_to_status_id", "in_reply_to_tweet_id",
                 "in_reply_to_id", "reply_to_status_id", "reply_to"),
    "topic": ("topic", "candidate", "candidat"),
    "place": ("geo.full_name", "place.full_name", "place"),
    # An archive may say apart what a post refers to, how, and what that one says.
    "how": ("type", "referenced_tweet_type"),
    "other_id": ("referenced_tweet_id",),
    "other_text": ("referenced_tweet_text", "retweet_text"),
}  # fmt: skip
"""What a column is → its names, in lower case, the best first."""


def columns_of(names: Iterable[str], named: Mapping[str, str]) -> dict[str, str]:
    """Return what each column is → its name in the file.

    Args:
        named: What the settings say; it goes before what is found.
    """
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(re.sub(r"[\s_]+", "_", name.strip().lower()), name)
    found: dict[str, str] = {}
    for what, choices in NAMES.items():
        if what in named:
            if named[what] in folded.values():
                found[what] = named[what]
            continue
        for choice in choices:
            if choice in folded and folded[choice] not in found.values():
                found[what] = folded[choice]
                break
    return found
