"""Cursors: the place in a list where the next page begins, kept while listings come and go.

A place counted from the start would shift with every listing that appears before it. A cursor
therefore remembers the last listings given. The next page is read around the old place, and
begins after them wherever they stand now. A listing that moved (it was bumped to the top) must
not drag the place along, so the place is where most of them stand.
"""

import base64
import binascii
import hashlib
import re
from statistics import median_low
from typing import Final

import msgspec

from vigie.contracts import Search
from vigie.model.ask import Answer, Ask
from vigie.web.api.problems import Problem, wrong_value

ANCHORS: Final = 8
_SLACK: Final = 100
_REACH: Final = 2_000_000
_ID = re.compile(r"[a-z2-7]{16}\Z")


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: its place, the last ids it gave, and a digest of its question."""

    place: int
    last: tuple[str, ...]
    question: str


class Found(msgspec.Struct, frozen=True):
    """One page of a list."""

    ids: tuple[str, ...]
    answer: Answer
    following: str | None
    """The next page's cursor; None at the end."""


def digest_of(ask: Ask) -> str:
    """Return a digest of what is asked, whatever page of it. Instants are left out: the one of
    "last 24 hours" moves between two pages."""
    plain = msgspec.structs.replace(ask, limit=0, offset=0, facets=(), since=None, until=None)
    told = msgspec.json.encode(plain, order="deterministic")
    return hashlib.blake2b(told, digest_size=6).hexdigest()


def write(cursor: Cursor) -> str:
    """Return the cursor as a parameter."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(cursor)).decode().rstrip("=")


def read(text: str, ask: Ask) -> Cursor:
    """Return the cursor that a parameter holds.

    Raises:
        Problem: it is none, or of another question.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        cursor = msgspec.msgpack.decode(raw, type=Cursor)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise wrong_value("cursor", "cursor is none that this API gave.") from None
    sound = 0 <= cursor.place <= _REACH and 0 < len(cursor.last) <= ANCHORS
    if not sound or not all(_ID.match(one) for one in cursor.last):
        raise wrong_value("cursor", "cursor is none that this API gave.")
    if cursor.question != digest_of(ask):
        raise wrong_value("cursor", "cursor belongs to another question: leave it out to start.")
    return cursor


def page(search: Search, ask: Ask, cursor: Cursor | None, limit: int) -> Found:
    """Return the page after *cursor*, or the first.

    Raises:
        Problem: none of the listings that the cursor remembers is in the list any more (410).
    """
    if cursor is None:
        answer = search.ask(msgspec.structs.replace(ask, limit=limit, offset=0))
        return _found(answer, answer.ids, 0, ask)
    start, size = max(0, cursor.place - _SLACK), limit + 2 * _SLACK
    while True:
        answer = search.ask(msgspec.structs.replace(ask, limit=size, offset=start))
        whole = start == 0 and len(answer.ids) >= answer.total
        reaches_end = start + len(answer.ids) >= answer.total
        after = _place_after(answer.ids, cursor.last)
        if after is not None and (after + limit <= len(answer.ids) or reaches_end):
            return _found(answer, answer.ids[after : after + limit], start + after, ask)
        if after is not None:
            # They moved towards the end: the page begins near the end of what was read.
            start, size = max(0, start + after - _SLACK), limit + 2 * _SLACK
        elif whole:
            raise Problem(
                410, "the listings that this cursor ended at are gone: leave it out to start again."
            )
        else:
            start, size = max(0, start - 4 * size), 8 * size


def _found(answer: Answer, ids: tuple[str, ...], place: int, ask: Ask) -> Found:
    end = place + len(ids)
    if not ids or end >= answer.total:
        return Found(ids, answer, None)
    return Found(ids, answer, write(Cursor(end, ids[-ANCHORS:], digest_of(ask))))


def _place_after(ids: tuple[str, ...], last: tuple[str, ...]) -> int | None:
    wanted = set(last)
    places = [place for place, one in enumerate(ids) if one in wanted]
    if not places:
        return None
    middle = median_low(places)
    return 1 + max(place for place in places if place - middle <= 2 * ANCHORS)
