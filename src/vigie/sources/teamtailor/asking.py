"""Which boards of Teamtailor a query asks, by name or address, and the pages of its feed."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from vigie.model.capture import Capture, Request
from vigie.sources.answers import decoded
from vigie.sources.boards import Boards
from vigie.sources.values import text, without_scrub

ADDRESS: Final = re.compile(
    r"(?:https?://)?(?P<name>[a-z0-9-]{1,63}(?:\.[a-z]{2,4})?)\.teamtailor\.com(?:[/?#].*)?",
    re.I,
)

NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[a-z]{2,4})?")


def _asked(name: str, _found: re.Match[str] | None) -> str:
    """Return where the board *name* is asked."""
    return f"https://{name.lower()}.teamtailor.com/jobs.json"


BOARDS: Final = Boards(
    known=ADDRESS,
    shown="https://acme.teamtailor.com",
    ask=_asked,
    name=NAME,
)


def next_requests(page: Capture) -> Iterator[Request]:
    """Yield the next page of the feed (``next_url`` of JSON Feed), never one of another host."""
    url = text(decoded(page.body), "next_url")
    if url is None or not url.isascii() or url == page.url:
        return
    try:
        here, there = urlsplit(page.url), urlsplit(url)
    except ValueError:
        return
    if there.scheme == "https" and there.netloc == here.netloc and not any(map(str.isspace, url)):
        yield Request(url=url, note=without_scrub(page.note))
