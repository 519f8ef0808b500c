"""Which boards of SmartRecruiters a query asks, by name or address, and how lists go on."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

from vigie.errors import SourceError
from vigie.model.capture import Capture, Request
from vigie.sources.answers import decoded
from vigie.sources.boards import Boards
from vigie.sources.values import text, whole, without_scrub

from .reading import is_posting, postings_of

ADDRESS: Final = re.compile(
    r"(?:https?://)?(?:(?:jobs|careers)\.smartrecruiters\.com/"
    r"|api\.smartrecruiters\.com/v1/companies/)(?P<name>[\w.-]+)(?:[/?#].*)?",
    re.I,
)
API: Final = "https://api.smartrecruiters.com/v1/companies"
_LIST = re.compile(rf"{re.escape(API)}/[A-Za-z0-9._-]+/postings")
PAGE: Final = 100
"""How many postings one answer holds at most."""


def _asked(name: str, _found: re.Match[str] | None) -> str:
    """Return where the board *name* is asked."""
    return f"{API}/{name}/postings?limit={PAGE}&offset=0"


BOARDS: Final = Boards(
    known=ADDRESS,
    shown="https://jobs.smartrecruiters.com/Acme",
    ask=_asked,
)


def next_requests(source: str, page: Capture, *, details: bool) -> Iterator[Request]:
    """Yield the postings of a list when *details*, then the next list while more is announced."""
    try:
        postings = postings_of(source, page)
        place = urlsplit(page.url)
        asked = parse_qs(place.query)
    except (SourceError, ValueError):
        return
    told = decoded(page.body)
    found = _LIST.fullmatch(f"{place.scheme}://{place.netloc}{place.path}")
    if is_posting(told) or found is None:
        return
    note, list_url = without_scrub(page.note), found[0]
    if details:
        for posting in postings:
            if native_id := text(posting, "id"):
                # Should the posting be gone, its note says which listing that closes.
                known = note | {"native_id": native_id}
                yield Request(url=f"{list_url}/{quote(native_id, safe='')}", note=known)
    offset = _number(asked, "offset") or 0
    limit = min(_number(asked, "limit") or PAGE, PAGE)
    shown, total = whole(told, "offset"), whole(told, "totalFound")
    if shown is not None and shown != offset:
        return  # another list than the one asked for: going on would never end
    if total is not None and offset + limit < total:
        yield Request(url=f"{list_url}?limit={limit}&offset={offset + limit}", note=note)


def _number(asked: dict[str, list[str]], name: str) -> int | None:
    told = asked.get(name, [""])[0]
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else None
