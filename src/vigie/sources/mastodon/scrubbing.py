"""What is blanked in a timeline: accounts become keys; addresses that name an author become the
post's identity; mentions go, in markup too."""

import re
from typing import Any, Final

from vigie.model.capture import Capture
from vigie.model.pseudonym import HANDLE_MARK
from vigie.sources.authors import AuthorBlanking
from vigie.sources.values import text

from .reading import POST, identity

REVISION: Final = "2"

_MENTION: Final = re.compile(
    r"(?:<span\b[^<>]*\bh-card\b[^<>]*>)?<a\b[^<>]*>\s*@\s*(?:<span\b[^<>]*>)?[^<>]*(?:</span>)?</a>"
    r"(?:(?<=</a>)</span>)?"
)
_PROFILE: Final = re.compile(r"(/users/)(?!\[…\])[^/\s\"'<>]+")


def scrubbed(source: str, page: Capture, secret: bytes) -> Capture:
    """Return *page* blanked, with how many places in the note ``scrubbed``; twice is as once."""
    blanking = AuthorBlanking(
        revision=REVISION,
        source=source,
        secret=secret,
        people=frozenset({
            "accounts", "mentions", "in_reply_to_account_id", "author_name", "author_url",
            "authors", "display_name", "username", "acct", "avatar", "avatar_static", "note",
        }),
        change=lambda here: _without_author(here, blanking),
        names=((_MENTION, HANDLE_MARK), (_PROFILE, r"\1[…]")),
    )  # fmt: skip
    return blanking.json(page)


def _without_author(here: dict[str, Any], blanking: AuthorBlanking) -> int:
    """Put the author's key in place of an account, and the identity in place of the address."""
    count = 0
    account = here.get("account")
    if isinstance(account, dict):
        told = (text(account, name) for name in ("url", "uri", "acct", "id"))
        kept = {"id": blanking.key(next((one for one in told if one), ""))}
        if account not in (kept, {}):
            here["account"] = kept
            count += 1
    if "uri" in here and "content" in here:
        native_id = identity(here)
        kept_uri = f"{POST}{native_id}" if native_id else here["uri"]
        count += int(kept_uri != here["uri"]) + int(bool(here.get("url")))
        here["uri"] = kept_uri
        if here.get("url"):
            here["url"] = ""
    return count
