"""Reading one card or ad into the model's names, as shown."""

import re
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from vigie.errors import RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown

from .asking import CATEGORIES, SITE
from .page import NATIVE, Item

_FOLDER = re.compile(r"categorie/\d+/(?:[^/]+/)*?([^/]+)/annonce/")
_NO_PHOTO: Final = "no-photo"


def listing_of(item: Item, page: Capture) -> Listing:
    """Return *item* as a listing.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    href = item.href or (page.url if item.full else "")
    native = NATIVE.search(href) or (NATIVE.search(page.url) if item.full else None)
    if native is None:
        raise RecordError("no_id", href[:100])
    if item.title is None:
        raise RecordError("no_title", native[1])
    address = urljoin(SITE, href) if "categorie/" in href else page.url
    images = [urljoin(SITE, source) for source in item.images if _NO_PHOTO not in source]
    values: dict[str, Shown] = {
        "url": address.partition("?")[0].partition("#")[0],
        "title": item.title,
        "posted_raw": item.date,
        "place_raw": item.place,
        "price_raw": item.price,
        "subcategory": _folder(address),
    }
    if category := _category(page):
        values["category"] = category
    if images:  # a card shows one picture, an ad all: the first is the same
        values["images"] = images
    if item.full:
        values["text_raw"] = item.text
        values["attributes"] = [f"{label}: {value}" for label, value in item.facts] or None
    return Listing(
        kind="ad",
        native_id=native[1],
        reading="full" if item.full else "card",
        layer="html",
        values=values,
    )


def _category(page: Capture) -> str | None:
    """Return the category the page was asked for, or that its address names."""
    if category := page.note.get("category"):
        return category
    path = urlsplit(page.url).path
    found = (name for name, url in CATEGORIES.items() if f"/{url.split('/')[1]}/" in path)
    return next(found, None)


def _folder(address: str) -> str | None:
    """Return the section that the address names (``Voitures-occasion``), in words."""
    match = _FOLDER.search(unquote(address))
    return match[1].replace("-", " ") if match else None
