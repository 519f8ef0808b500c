"""What an answer of X, or a file of its answers, holds: its posts, each with what it refers to.

A page is ``{"data": […], "includes": {…}, "errors": […], "meta": {…}}``; ``errors`` stand beside
posts for what those refer to and X withholds. Without results there is no ``data`` at all. A
stream's file has one ``{"data": {…}}`` a line and may end in a broken one; a flattened file has one
post a line, what it refers to inside. (Seen in captured answers.)
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from vigie.errors import Empty, PageChanged
from vigie.model.capture import Capture
from vigie.sources.answers import changed, condemn, decoded
from vigie.sources.values import part, parts, text, whole


class Post(NamedTuple):
    """One post, with the posts and places that it may refer to."""

    told: Any
    """Decoded, whatever stood in its place; `BAD_LINE`: a line that is no JSON."""
    others: dict[str, dict[str, Any]]
    """Posts by id."""
    places: dict[str, dict[str, Any]]
    line: int = 0


BAD_LINE: Final = object()


def posts_of(source: str, page: Capture) -> Sequence[Post]:
    """Return the posts of an answer or a file.

    Raises:
        Blocked, Empty, SourceError: the status condemns the page, or it holds nothing.
        PageChanged: it is no answer of the API.
    """
    if page.status == 400:
        if too_old(page):
            raise Empty(source, page.url)
        raise PageChanged(source, page.url, f"posts: the question was refused ({_why(page)})")
    condemn(source, page)
    found, known = [], False
    for number, line in _lines(page.body):
        posts, told = _posts(line, number)
        found += posts
        known = known or told
    if not known:
        raise changed(source, page, '"data" or "meta"')
    if not found:
        raise Empty(source, page.url)
    return found


def too_old(page: Capture) -> bool:
    """Return whether the API refused ``since_id`` because posts of its age are not searched."""
    if page.status != 400:
        return False
    return any("since_id" in part(error, "parameters") for error in _errors(decoded(page.body)))


def newest(page: Capture) -> str | None:
    """Return the newest id that a page announces; None when it found nothing."""
    return text(decoded(page.body), "meta", "newest_id") if page.status == 200 else None


def _errors(answer: Any) -> list[dict[str, Any]]:
    return parts(answer, "errors")


def _why(page: Capture) -> str:
    """Return the API's own words for a refused question, cut to one short line."""
    answer = decoded(page.body)
    said = [text(error, "message") for error in _errors(answer)] + [text(answer, "detail")]
    return " ".join(next((one for one in said if one), "status 400").split())[:200]


def _lines(body: bytes) -> Iterator[tuple[int, Any]]:
    """Yield what a body holds: one JSON value, or one a line, each with its line's number."""
    whole_body = decoded(body)
    if whole_body is not None:
        yield from enumerate(whole_body) if isinstance(whole_body, list) else [(0, whole_body)]
        return
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) < 2:
        return
    for number, line in enumerate(lines):
        try:
            yield number, msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            yield number, BAD_LINE


def _posts(answer: Any, number: int) -> tuple[list[Post], bool]:
    """Return the posts of one value, and whether the API writes such a value."""
    if not isinstance(answer, dict):
        return [Post(answer, {}, {}, number)], False
    included = part(answer, "includes")
    others = {name: one for one in parts(included, "tweets") if (name := text(one, "id"))}
    places = {name: one for one in parts(included, "places") if (name := text(one, "id"))}
    if "data" in answer:
        held = answer["data"]
        posts = held if isinstance(held, list) else [held]
        return [Post(one, others, places, number) for one in posts], isinstance(held, list | dict)
    if "id" in answer and "text" in answer:
        inner = {
            name: one for one in parts(answer, "referenced_tweets") if (name := text(one, "id"))
        }
        return [Post(answer, inner, {}, number)], True
    if "meta" in answer:
        return [], whole(answer, "meta", "result_count") == 0
    return [], False  # a stream's file ends with what ended it: no post
