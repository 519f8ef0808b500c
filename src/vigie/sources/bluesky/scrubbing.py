"""What is blanked in a page of Bluesky: authors become keys; addresses that name an author become
the post's identity; handles, accounts and profiles go."""

import re
from typing import Any, Final

from vigie.model.capture import Capture
from vigie.model.identity import digest
from vigie.sources.authors import AuthorBlanking

from .answer import POST, event_identity

REVISION: Final = "2"

_ADDRESS: Final = re.compile(r"at://[^\s\"'<>\\]+")
_DID: Final = re.compile(r"\bdid(?::|%3A)(?:plc|web)(?::|%3A)[\w.%\-]+", re.I)
_PROFILE: Final = re.compile(r"(bsky\.app/profile/)(?!\[…\])[^/\s\"'<>\\]+")
_HANDLE: Final = re.compile(r"(?<![\w.@\-])[\w\-]+\.bsky\.social\b")


def scrubbed(source: str, page: Capture, secret: bytes) -> Capture:
    """Return *page* blanked, with how many places in the note ``scrubbed``; twice is as once."""
    blanking = AuthorBlanking(
        revision=REVISION,
        source=source,
        secret=secret,
        people=frozenset(
            {"handle", "displayName", "avatar", "creator", "viewer", "knownFollowers"}
        ),
        authors=frozenset({"did"}),
        change=lambda here: _without_author(here, blanking),
        names=(
            (_ADDRESS, lambda found: f"{POST}{digest(found[0])}"),
            (_DID, "[…]"),
            (_PROFILE, r"\1[…]"),
            (_HANDLE, "[…]"),
        ),
    )
    return blanking.json(page)


def _without_author(here: dict[str, Any], blanking: AuthorBlanking) -> int:
    """Keep of an author the key alone, and of an event's place the post's identity."""
    count = 0
    author = here.get("author")
    if isinstance(author, dict):
        kept = {"did": blanking.key(author.get("did"))}
        if author not in (kept, {}):
            here["author"] = kept
            count += 1
    commit = here.get("commit")
    if isinstance(commit, dict) and not str(commit.get("rkey", POST)).startswith(POST):
        native_id = event_identity(here)
        commit["rkey"] = f"{POST}{native_id}" if native_id else ""
        count += 1
    return count
