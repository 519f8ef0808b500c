"""Reading one ad, in any of the three forms Avito gives it, into the same words.

A card, an ad page and a GraphQL answer of the same ad give equal title, text, place, price,
category, pictures and address, so that the next form seen does not look like a change of the ad.
Texts of cards are whole: on the captured pages they equal those of the ads' own pages. Cards tell
three facts of an ad where its page tells all of them, so a card gives no `attributes` at all.
"""

import re
from typing import Any, Final

from vigie.errors import RecordError
from vigie.model.listing import Listing, Shown

from .answer import Item

SITE: Final = "https://www.avito.ma"
WHOLE_CITY: Final = "Toute la ville"
"""The area of an ad that names none."""

_GROUPS = ("primary", "secondary", "extra")


def listing_of(item: Item) -> Listing:
    """Return *item* as a listing.

    Raises:
        RecordError: ``not_an_ad``, ``no_id`` or ``no_title``.
    """
    ad = item.ad
    if not isinstance(ad, dict):
        raise RecordError("not_an_ad", type(ad).__name__)
    if item.form == "graphql":
        kind = ad.get("__typename", "PublishedAd")
        if kind == "NewConstructionAd":
            return _development(ad.get("externalLink"), _from_graphql(ad), _media(ad), "api")
        if kind != "PublishedAd":
            raise RecordError("not_an_ad", str(kind)[:60])
        return _ad(ad, _from_graphql(ad), "full", "api")
    if item.form == "ad":
        return _ad(ad, _from_page(ad, item.units), "full", "next-data")
    if ad.get("isNc"):
        images = _texts([ad.get("defaultImage")])
        return _development(ad.get("id"), _from_card(ad), images, "next-data")
    return _ad(ad, _from_card(ad), "card", "next-data")


def _ad(ad: dict[str, Any], values: dict[str, Shown], reading: Any, layer: str) -> Listing:
    native_id = _text(ad.get("listId"))
    if native_id is None:
        raise RecordError("no_id")
    if values["title"] is None:
        raise RecordError("no_title", native_id)
    values.setdefault("url", _address(ad, native_id))
    values["new_development"] = False
    return Listing(kind="ad", native_id=native_id, reading=reading, layer=layer, values=values)


def _development(link: Any, values: dict[str, Shown], images: list[str], layer: str) -> Listing:
    """Return a developer's building; its address without tracking is its id and its url."""
    url = link.partition("?")[0].partition("#")[0].rstrip("/") if isinstance(link, str) else ""
    if not url:
        raise RecordError("no_id")
    if values["title"] is None:
        raise RecordError("no_title", url)
    kept = ("title", "place_raw", "price_raw", "price_currency_raw")
    return Listing(
        kind="ad",
        native_id=url.partition("://")[2] or url,
        reading="card",
        layer=layer,
        values={
            **{name: values[name] for name in kept},
            "url": url,
            "category": "Immobilier neuf",
            "images": images or None,
            "new_development": True,
        },
    )


def _from_card(ad: dict[str, Any]) -> dict[str, Shown]:
    category = _dict(ad.get("category"))
    name = _text(category.get("name"))
    parent = _text(category.get("formatted"))
    if parent and name:  # "Ventes Immobilières - Appartements"
        parent = parent.removesuffix(name).rstrip().removesuffix("-").rstrip() or None
    href = _text(ad.get("href"))
    return {
        "title": _text(ad.get("subject")),
        "text_raw": _text(ad.get("description")),
        "posted_raw": _text(ad.get("date")),
        "place_raw": _text(ad.get("location")),
        "category": parent,
        "subcategory": name,
        "offer_raw": _text(_dict(ad.get("adType")).get("label")),
        **_price(ad.get("price")),
        "price_old_raw": _price(ad.get("oldPrice"))["price_raw"],
        "seller_type_raw": _text(_dict(ad.get("seller")).get("type")),
        "images": _texts(ad.get("images")) or None,
        **({"url": href.partition("?")[0]} if href else {}),
    }


def _from_page(ad: dict[str, Any], units: dict[str, str]) -> dict[str, Shown]:
    category, place = _dict(ad.get("category")), _dict(ad.get("location"))
    kind = _dict(ad.get("type"))
    url = _text(_dict(ad.get("friendlyUrl")).get("url"))
    # The page repeats the offer and the area among the facts, under their ids.
    repeated = {"SELL", "LET", "RENT", _text(_dict(place.get("area")).get("id"))}
    return {
        "title": _text(ad.get("subject")),
        "text_raw": _text(ad.get("description")),
        "posted_raw": _text(ad.get("listTime")),
        "place_raw": _place(place),
        "category": _text(_dict(category.get("parent")).get("name")),
        "subcategory": _text(category.get("name")),
        "offer_raw": _text(kind.get("label")),
        **_price(ad.get("price")),
        "price_old_raw": _price(ad.get("oldPrice"))["price_raw"],
        "seller_type_raw": _text(_dict(ad.get("seller")).get("type")),
        "images": _pictures(ad.get("images")) or None,
        "attributes": [
            _fact(param.get("label"), "oui" if group == "extra" else param.get("value"), unit)
            for group, param in _params(ad)
            if param.get("key") not in repeated and param.get("value") is not None
            for unit in (param.get("unit") or units.get(param.get("key", "")),)
        ]
        or None,
        **({"url": url} if url else {}),
    }


def _from_graphql(ad: dict[str, Any]) -> dict[str, Shown]:
    category = _dict(ad.get("category"))
    facts = []
    for _, param in _params(ad):
        value = param.get("textValue") or param.get("numericValue")
        if param.get("booleanValue") is True:
            value = "oui"
        # The site's own pages leave out facts that are 0 or false here: nobody gave them.
        if value:
            facts.append(_fact(param.get("name"), value, param.get("unit")))
    return {
        "title": _text(ad.get("title")),
        "text_raw": _text(ad.get("description")),
        "posted_raw": _text(ad.get("listTime")),
        "place_raw": _place(_dict(ad.get("location"))),
        "category": _text(_dict(category.get("parent")).get("name")),
        "subcategory": _text(category.get("name")),
        "offer_raw": _text(_dict(ad.get("type")).get("name")),
        **_price(ad.get("price")),
        "price_old_raw": _price(ad.get("oldPrice"))["price_raw"],
        "seller_type_raw": _text(ad.get("sellerType")),
        "images": _pictures(_dict(_dict(ad.get("media")).get("media")).get("images")) or None,
        "attributes": facts or None,
    }


def _price(price: Any) -> dict[str, Shown]:
    """Return amount and currency; an empty or absent price is one that is not shown."""
    price = _dict(price)
    amount = price.get("value", price.get("withoutCurrency"))
    if isinstance(amount, bool) or not isinstance(amount, int | float | str) or amount == "":
        return {"price_raw": None, "price_currency_raw": None}
    currency = _text(price.get("currency"))
    if currency is None and (shown := _text(price.get("withCurrency"))):
        currency = re.sub(r"[\d\s.,]+", "", shown) or None
    shown = f"{amount} {currency}" if currency else str(amount)
    return {"price_raw": shown, "price_currency_raw": currency}


def _place(place: dict[str, Any]) -> str | None:
    names = (_text(_dict(place.get(part)).get("name")) for part in ("city", "area"))
    return ", ".join(name for name in names if name) or None


def _address(ad: dict[str, Any], native_id: str) -> str | None:
    """Return the address as the site builds it: area, category, title, id (GraphQL has none).

    Every character that is no letter or digit becomes ``_``; this rule gives the addresses of all
    182 cards that were captured.
    """
    place = _dict(ad.get("location"))
    area = _text(_dict(place.get("area")).get("name"))
    if area is None or area == WHOLE_CITY:
        area = _text(_dict(place.get("city")).get("name"))
    category = _text(_dict(ad.get("category")).get("name"))
    title = ad.get("title")
    if area is None or category is None or not isinstance(title, str):
        return None
    area, category = (re.sub(r"[^\w']", "_", part.lower()) for part in (area, category))
    slug = re.sub(r"\W", "_", title)
    return f"{SITE}/fr/{area}/{category}/{slug}_{native_id}.htm"


def _params(ad: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    params = _dict(ad.get("params"))
    groups = ((group, params.get(group)) for group in _GROUPS)
    return [
        (group, param)
        for group, held in groups
        if isinstance(held, list)
        for param in held
        if isinstance(param, dict)
    ]


def _fact(label: Any, value: Any, unit: Any) -> str:
    shown = f"{label}: {value}"
    return f"{shown} {unit}" if isinstance(unit, str) and unit else shown


def _pictures(images: Any) -> list[str]:
    images = images if isinstance(images, list) else ()
    return _texts([_dict(_dict(image).get("paths")).get("standard") for image in images])


def _media(ad: dict[str, Any]) -> list[str]:
    return _texts([_dict(_dict(ad.get("media")).get("defaultImage")).get("defaultPath")])


def _texts(values: Any) -> list[str]:
    """Return the web addresses among *values*; the site's own placeholder has none."""
    values = values if isinstance(values, list) else ()
    return [value for value in values if isinstance(value, str) and value.startswith("https://")]


def _dict(part: Any) -> dict[str, Any]:
    return part if isinstance(part, dict) else {}


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value if value.strip() else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
