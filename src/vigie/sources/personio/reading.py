"""Reading a Personio board: the positions of its XML, and one in the model's names.

Source: the feed's description ("Retrieving open positions") and captured feeds.
"""

import html
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree as Tree

from vigie.errors import Empty, PageChanged, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.sources.answers import GONE, changed, condemn
from vigie.sources.blanking import Blanking
from vigie.sources.values import joined

BLANKING: Final = Blanking(revision="1")
ROOT: Final = "workzag-jobs"

# What may stand before the root: declarations and comments, never a DTD.
_START = re.compile(rf"(?:\s|<\?.*?\?>|<!--.*?-->)*+<{ROOT}\b", re.S)
_HOST = re.compile(r"[a-z0-9-]{1,63}\.jobs\.personio\.(?:de|com)")


def positions_of(source: str, page: Capture) -> Sequence[Tree.Element]:
    """Return the positions of the feed.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned. A document with a
            DTD is no feed: entities could make kilobytes gigabytes.
    """
    if page.status in GONE:
        raise PageChanged(source, page.url, "board (misspelt, or gone)")
    condemn(source, page)
    positions = _positions(page.body)
    if positions is None:
        raise changed(source, page, f"XML of positions (<{ROOT}>)")
    if not positions:
        raise Empty(source, page.url)
    return positions


@lru_cache(maxsize=2)
def _positions(body: bytes) -> tuple[Tree.Element, ...] | None:
    # Decoded here, so that no other encoding hides a DTD, and one wrong byte costs no page.
    text = body.decode("utf-8-sig", "replace")
    if not _START.match(text):
        return None
    try:
        root = Tree.fromstring(text)  # noqa: S314 - without a DTD there are no entities
    except (Tree.ParseError, ValueError):
        return None
    return tuple(root.iter("position"))


def listing_of(position: Tree.Element, page: Capture) -> Listing:
    """Return one position; its address is made of the board's.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    native_id = _text(position, "id")
    if native_id is None:
        raise RecordError("no_id")
    title = _text(position, "name")
    if title is None:
        raise RecordError("no_title", native_id)
    others = (_plain(one) for one in position.iterfind("additionalOffices/office"))
    keywords = [word.strip() for word in (_text(position, "keywords") or "").split(",")]
    values: dict[str, Shown] = {
        "url": _address(page.url, native_id),
        "title": title,
        "company": _text(position, "subcompany"),
        "posted_raw": _text(position, "createdAt"),
        "place_raw": joined((_text(position, "office"), *others)),
        "contract_raw": _text(position, "employmentType"),
        "hours_raw": _text(position, "schedule"),
        "experience_raw": _experience(position),
        "occupation_raw": (_text(position, "occupation") or "").replace("_", " ")
        or _text(position, "department"),
        "skills_raw": list(dict.fromkeys(word for word in keywords if word)) or None,
    }
    full = position.find("jobDescriptions") is not None
    if full:
        values["text_raw"] = _description(position)
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full" if full else "card",
        layer="xml",
        values=values,
    )


def _description(position: Tree.Element) -> str | None:
    """Return the blocks of the text, each under its heading, as HTML."""
    pieces: list[str] = []
    for block in position.iterfind("jobDescriptions/jobDescription"):
        heading, value = _text(block, "name"), _text(block, "value")
        if heading and value:
            pieces.append(f"<h3>{html.escape(heading, quote=False)}</h3>")
        if value:
            pieces.append(value)
    return "\n".join(pieces) or None


def _experience(position: Tree.Element) -> str | None:
    """Return years and level asked: ``7-10 years; experienced``."""
    years = _text(position, "yearsOfExperience")
    return joined((f"{years} years" if years else None, _text(position, "seniority")))


def _address(feed: str, native_id: str) -> str | None:
    """Return the position's page on the board that the feed is of."""
    try:
        host = urlsplit(feed).hostname or ""
    except ValueError:
        return None
    known = _HOST.fullmatch(host) and native_id.isascii() and native_id.isdigit()
    return f"https://{host}/job/{native_id}" if known else None


def _text(element: Tree.Element, name: str) -> str | None:
    found = element.find(name)
    return None if found is None else _plain(found)


def _plain(element: Tree.Element) -> str | None:
    """Return the text of an element, of those inside it too: HTML that nobody escaped."""
    return "".join(element.itertext()).strip() or None
