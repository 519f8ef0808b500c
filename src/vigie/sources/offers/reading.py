"""The ads that a page carries as JSON-LD: products with their offers, or offers of a thing."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.errors import Empty, RecordError
from vigie.model.capture import Capture
from vigie.model.listing import Listing, Shown
from vigie.model.web_address import canonical_url
from vigie.sources.answers import changed, condemn, is_challenge
from vigie.sources.jsonld import objects
from vigie.sources.sitemap import PAGE, condemned
from vigie.sources.values import joined, part, parts, text
from vigie.sources.webpage import linked, text_of

PRODUCTS: Final = ("Product", "IndividualProduct", "ProductModel", "Vehicle", "Car", "Motorcycle")
"""A page says one of them of what it offers; the first that is found counts."""

_ADDRESS: Final = ("http://schema.org/", "https://schema.org/", "schema:")


class Product(msgspec.Struct, frozen=True):
    """One thing that is offered, and whether its page offers no other."""

    told: dict[str, Any]
    offer: dict[str, Any]
    alone: bool


def products_of(source: str, page: Capture) -> tuple[Product, ...]:
    """Return the ads of *page*.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    condemn(source, page)
    if (error := condemned(source, page)) is not None:
        raise error
    found = _read(text_of(page))
    if found:
        return tuple(Product(told, offer, len(found) == 1) for told, offer in found)
    if page.note.get(PAGE) == "named" and not is_challenge(page.body):
        raise Empty(source, page.url)
    raise changed(source, page, "sitemap, or Product or Offer in JSON-LD")


@lru_cache(maxsize=2)  # items and follow ask for the same page one after another
def _read(page: str) -> tuple[tuple[dict[str, Any], dict[str, Any]], ...]:
    for kind in PRODUCTS:
        if found := tuple((told, _offer(told)) for told in objects(page, kind)):
            return found
    return tuple(_things(page))


def _things(page: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the offers that name what they offer, or are named themselves."""
    for offer in objects(page, "Offer"):
        thing = part(offer, "itemOffered")
        if thing or text(offer, "name"):
            yield (thing or offer), offer


def _offer(told: dict[str, Any]) -> dict[str, Any]:
    """Return the offer of a product; the first of several."""
    several = parts(told, "offers")
    return several[0] if several else part(told, "offers")


def listing_of(product: Product, page: Capture) -> Listing:
    """Return *product* as a listing, read in full.

    Raises:
        RecordError: ``no_id`` or ``no_title``.
    """
    told, offer = product.told, product.offer
    own = linked(page, text(told, "url") or text(offer, "url"))
    if product.alone:
        # The address that was asked for: the page may lie behind a redirect.
        native_id: str | None = page.note.get("native_id") or canonical_url(page.url)
    else:
        native_id = canonical_url(own) or text(told, "sku") or text(told, "productID")
    if native_id is None:
        raise RecordError("no_id", (text(told, "name") or "")[:100])
    title = text(told, "name") or text(offer, "name")
    if title is None:
        raise RecordError("no_title", native_id[:200])
    price = part(offer, "priceSpecification")
    category, *below = _categories(told) or _categories(offer) or [None]
    values: dict[str, Shown] = {
        "url": page.url if product.alone else own,
        "title": title,
        "text_raw": text(told, "description") or text(offer, "description"),
        "posted_raw": text(offer, "availabilityStarts") or text(told, "datePosted"),
        "place_raw": _place(offer) or _place(told),
        "category": category,
        "subcategory": below[0] if below else None,
        "offer_raw": _word(text(offer, "businessFunction")),
        "price_raw": text(offer, "price") or text(offer, "lowPrice") or text(price, "price"),
        "price_currency_raw": text(offer, "priceCurrency") or text(price, "priceCurrency"),
        "images": _images(told.get("image"), page),
        "attributes": _attributes(told, offer),
    }
    return Listing(kind="ad", native_id=native_id, reading="full", layer="json-ld", values=values)


def _categories(told: dict[str, Any]) -> list[str | None]:
    """Return the categories from the top: ``Maison > Meubles``, or a list of texts."""
    value = told.get("category")
    several = value if isinstance(value, list) else [value]
    names = [name if isinstance(name, str) else text(name, "name") for name in several]
    words = [word.strip() for name in names if name for word in name.split(">")]
    return [word for word in words if word]


def _place(told: dict[str, Any]) -> str | None:
    for name in ("availableAtOrFrom", "areaServed", "location"):
        place = told.get(name)
        if isinstance(place, str) and place.strip():
            return place
        address = part(place, "address")
        shown = joined(
            (text(address, "addressLocality"), text(address, "addressRegion"),
             text(address, "addressCountry")), ", ",
        ) or text(place, "address") or text(place, "name")  # fmt: skip
        if shown:
            return shown
    return None


def _images(value: Any, page: Capture) -> list[str] | None:
    """Return the pictures' addresses: texts or objects, one or many."""
    several = value if isinstance(value, list) else [value]
    told = (
        one if isinstance(one, str) else text(one, "url") or text(one, "contentUrl")
        for one in several
    )  # fmt: skip
    found = [url for one in told if one and (url := _picture(one.strip(), page))]
    return list(dict.fromkeys(found)) or None


def _picture(url: str, page: Capture) -> str | None:
    """Return a picture's address: another host may serve it, over https."""
    if url.startswith("//"):
        url = f"https:{url}"
    return url if url.startswith("https://") and " " not in url else linked(page, url)


def _attributes(told: dict[str, Any], offer: dict[str, Any]) -> list[str] | None:
    """Return the other facts, each as ``label: value unit``."""
    found = [
        ("availability", _word(text(offer, "availability"))),
        ("condition", _word(text(offer, "itemCondition") or text(told, "itemCondition"))),
        ("brand", text(told, "brand", "name") or text(told, "brand")),
        ("model", text(told, "model", "name") or text(told, "model")),
        ("high price", text(offer, "highPrice")),
    ]
    for one in parts(told, "additionalProperty"):
        value = joined((text(one, "value"), text(one, "unitText")), " ")
        found.append((text(one, "name") or "", value))
    return [f"{label}: {value}" for label, value in found if label and value] or None


def _word(value: str | None) -> str | None:
    """Return the word of schema.org that an address names: ``InStock``."""
    for start in _ADDRESS:
        if value and value.startswith(start):
            return value.removeprefix(start) or None
    return value.rpartition("#")[2] or None if value else None
