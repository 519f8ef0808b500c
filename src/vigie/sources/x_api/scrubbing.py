"""What is blanked in an answer of X: authors become keys; users and handles go.

So does all that X tells apart in a text: whom it mentions, which profiles elsewhere it links to.
"""

import re
from typing import Any, Final

from vigie.model.capture import Capture
from vigie.sources.authors import AuthorBlanking

REVISION: Final = "3"

PEOPLE: Final = frozenset({
    "users", "author", "user", "entities", "in_reply_to_user", "username",
    "__twarc",  # what a tool asked for: lists of accounts, in its address
})  # fmt: skip

_PROFILE: Final = re.compile(
    r"((?:\b|//)(?:[a-z]+\.)?(?:twitter|x)\.com(?:/|%2F))(?!(?:i|hashtag|search|home|intent|share)\b)\w+",
    re.I,
)
_ASKED: Final = re.compile(r"\b((?:from|to|retweets_of)(?::|%3A))@?\w+", re.I)
"""A question that names somebody, in the address that tools write into their files."""


def scrubbed(source: str, page: Capture, secret: bytes) -> Capture:
    """Return *page* blanked, with how many places in the note ``scrubbed``; twice is as once."""
    blanking = AuthorBlanking(
        revision=REVISION,
        source=source,
        secret=secret,
        people=PEOPLE,
        authors=frozenset({"author_id", "in_reply_to_user_id"}),
        change=_without_users,
        names=((_PROFILE, r"\1[…]"), (_ASKED, r"\1[…]")),
    )
    return blanking.json(page)


def _without_users(here: dict[str, Any]) -> int:
    """Empty a user's object, and what an error says of a user."""
    if "username" in here and "text" not in here:
        here.clear()
        return 1
    if "action" in here and "reason" in here and "text" not in here:  # of a compliance file
        here.clear()
        return 1
    if here.get("resource_type") == "user":
        told = [name for name in ("value", "resource_id", "detail") if here.get(name)]
        here.update(dict.fromkeys(told, ""))
        return len(told)
    return 0
