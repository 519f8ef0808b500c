"""What an answer of the API holds: its offers, its total, and what condemns it."""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from vigie.errors import Blocked, Empty, PageChanged, SourceError
from vigie.model.capture import Capture

Offer = Any
"""A decoded offer: a dict, or whatever stood in its place."""

_RANGE = re.compile(r"(?:offres\s{1,9})?(?:(\d{1,12})-(\d{1,12})|\*)/(\d{1,12})$")
_REFUSED = {401, 403, 407, 429}


def content_range(page: Capture) -> tuple[int, int, int] | None:
    """Return first index, last index and total of ``Content-Range`` (``offres 0-149/353``).

    First and last are -1 when nothing was found (``*/0``). None: no such header.
    """
    match = _RANGE.match((page.header("Content-Range") or "").strip())
    if not match:
        return None
    first, last, total = match.groups()
    return (int(first), int(last), int(total)) if first else (-1, -1, int(total))


def announced(page: Capture) -> int | None:
    """Return the total that the API announces; None when it does not say."""
    if page.status == 204:
        return 0
    found = content_range(page)
    return found[2] if found else None


def condemn(source: str, page: Capture) -> None:
    """Raise what the status says of the whole page; nothing when it may hold offers."""
    status = page.status
    if status is None or status in (200, 206):
        return
    if status == 204:
        raise Empty(source, page.url)
    if status in _REFUSED:
        raise Blocked(source, page.url, f"a refusal (status {status})")
    if status == 400:
        raise PageChanged(source, page.url, f"offers: the question was refused ({_why(page)})")
    if status in (404, 410):
        raise Empty(source, page.url)
    raise SourceError(f"{source}: {page.url} answered with status {status}; it is asked again")


def _why(page: Capture) -> str:
    """Return the API's own words for a refused question, cut to one short line."""
    try:
        said = msgspec.json.decode(page.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "status 400"
    text = said.get("message") if isinstance(said, dict) else None
    return f"status 400: {' '.join(text.split())[:200]}" if isinstance(text, str) else "status 400"


def offers_of(source: str, page: Capture) -> Sequence[Offer]:
    """Return the offers of an answer or a file.

    Raises:
        Empty: the list is there and holds nothing.
        PageChanged: the body is not JSON or holds no list of offers.
    """
    offers = _decoded(page.body)
    if offers is None:
        raise PageChanged(source, page.url, 'JSON with a "resultats" list')
    if not offers:
        raise Empty(source, page.url)
    return offers


@lru_cache(maxsize=2)  # items, follow and total ask for the same page one after another
def _decoded(body: bytes) -> tuple[Offer, ...] | None:
    answer = _told(body.removeprefix(b"\xef\xbb\xbf"))
    if isinstance(answer, list):
        return tuple(answer)
    if not isinstance(answer, dict):
        return None
    found = answer.get("resultats")
    if isinstance(found, list):
        return tuple(found)
    return (answer,) if "id" in answer and "intitule" in answer else None


def _told(body: bytes) -> Any:
    """Return the JSON of *body*: one value, or a list of one a line; None when it is neither.

    One wrong byte or escape does not cost a page: what msgspec refuses, the lenient reader of the
    standard library may still tell.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    lines = []
    for line in text.split("\n"):
        if line.strip():
            try:
                lines.append(json.loads(line))
            except (ValueError, RecursionError):
                lines.append(line)  # no offer: an item in error
    return lines if any(isinstance(line, dict) for line in lines) else None
