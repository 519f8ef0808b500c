"""The stream: where it is, which of its messages are kept, what they say is deleted.

Everything that anybody writes passes by. Only posts whose text has all words of a query are kept
(in their order and side by side where the query has them in quotes), and every deletion, since a
deletion does not say what it deletes.

Source: github.com/bluesky-social/jetstream, its README and lexicon.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from vigie.model.capture import Capture, Query
from vigie.model.pseudonym import kept_key
from vigie.model.removal import Removal
from vigie.sources.values import part, text, whole

from .answer import COLLECTION, event_identity, events_of, stream_time

LOST: Final = frozenset({"deleted", "takendown", "suspended"})
"""What becomes of an account whose posts are not shown any more."""
OVERLAP_US: Final = 2_000_000
GAP_US: Final = 60_000_000
"""The network is never silent for a minute: a stream that begins later than that after the place
asked for has forgotten what was between (it looks back 36 hours, and says nothing)."""
_WORD: Final = re.compile(r"\w+")
_QUOTED: Final = re.compile(r'"([^"]+)"')


def stream_address(host: str, resume: str | None) -> str:
    """Return the address of the stream of posts, from *resume* (a time in microseconds) on."""
    asked = {"wantedCollections": COLLECTION}
    if resume is not None and resume.isascii() and resume.isdigit():
        # A little earlier: messages of one microsecond may stand on both sides of a break.
        asked["cursor"] = str(max(0, int(resume) - OVERLAP_US))
    return f"wss://{host}/subscribe?{urlencode(asked)}"


def wanted(message: bytes, queries: Sequence[Query]) -> Sequence[str]:
    """Return the names of the queries whose words a post has; one empty name for a deletion.

    What cannot be read is kept too, so that it is seen and counted.
    """
    try:
        event = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ("",)
    if not isinstance(event, dict) or _is_loss(event) or _is_deletion(event):
        return ("",)
    said = text(event, "commit", "record", "text")
    if part(event, "commit").get("collection") != COLLECTION or said is None:
        return ()
    words = _words(said)
    there, line = set(words), f" {' '.join(words)} "
    return [
        query.name for query in queries
        if _sought(query.words) <= there
        and all(phrase in line for phrase in _phrases(query.words))
    ]  # fmt: skip


def time_of(message: bytes) -> str | None:
    """Return the time of a message in microseconds, as text."""
    try:
        time_us = whole(msgspec.json.decode(message), "time_us")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return str(time_us) if time_us is not None and 0 < time_us < 10**17 else None


def missed_between(resume: str, first: str) -> str | None:
    """Return what the stream no longer had when it was asked from *resume* on; None: nothing."""
    if not (resume.isdigit() and first.isdigit()) or int(first) - int(resume) <= GAP_US:
        return None
    start, end = stream_time(int(resume)), stream_time(int(first))
    return f"missed {start} to {end}"


def removed(page: Capture) -> Removal:
    """Return the posts and the authors that *page* says are deleted."""
    events = [event for event in events_of(page.body) or () if isinstance(event, dict)]
    posts = (event_identity(event) for event in events if _is_deletion(event))
    authors = (kept_key(event.get("did")) for event in events if _is_loss(event))
    return Removal(
        native_ids=tuple(dict.fromkeys(one for one in posts if one)),
        author_keys=tuple(dict.fromkeys(one for one in authors if one)),
    )


def _is_deletion(event: dict[str, Any]) -> bool:
    commit = part(event, "commit")
    return commit.get("collection") == COLLECTION and commit.get("operation") == "delete"


def _is_loss(event: dict[str, Any]) -> bool:
    account = part(event, "account")
    return account.get("active") is False and account.get("status") in LOST


@lru_cache(maxsize=1024)
def _sought(words: str) -> frozenset[str]:
    """Return the words of a query; none of them never matches."""
    return frozenset(_words(words)) or frozenset({""})


@lru_cache(maxsize=1024)
def _phrases(words: str) -> tuple[str, ...]:
    """Return what stands in quotes in a query, each as words between single spaces."""
    return tuple(f" {' '.join(_words(one))} " for one in _QUOTED.findall(words) if _words(one))


def _words(said: str) -> list[str]:
    """Return the words of a text, lower case, without accents."""
    bare = unicodedata.normalize("NFD", said.lower())
    return _WORD.findall("".join(char for char in bare if not unicodedata.combining(char)))
