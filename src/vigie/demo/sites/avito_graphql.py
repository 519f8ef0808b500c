"""The stand-in's GraphQL gateway: the operation that lists ads."""

from typing import Any, Final

import msgspec

from vigie.demo.ads import Ad
from vigie.demo.contents import Contents
from vigie.demo.jobs import folded
from vigie.demo.site import Ask, Page
from vigie.demo.sites.avito_parts import (
    DEVELOPMENTS,
    PAGES_WITH_THEM,
    ad_id,
    area_id,
    construction,
    list_id,
    money,
    pictures_of,
    shown,
    stamp,
)

_JSON: Final = "application/json; charset=utf-8"


def graphql(ask: Ask, contents: Contents) -> Page:
    """Answer the operation ``getListingAds``."""
    try:
        wanted: Any = msgspec.json.decode(ask.body)["variables"]["query"]
        filters, page = wanted["filters"]["ad"], wanted["page"]
        number, size = int(page["number"]), int(page["size"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        wrong = {"errors": [{"message": 'Variable "$query" is missing'}]}
        return Page(200, msgspec.json.encode(wrong), _JSON)
    found = [ad for ad in shown(contents) if _matches(ad, filters)]
    details: list[Any] = [_published(ad) for ad in found[(number - 1) * size : number * size]]
    mixed = wanted["filters"].get("extension", {}).get("includeNewConstructionAds")
    if mixed and number <= PAGES_WITH_THEM and details:
        details[3:3] = [construction(name) for name in DEVELOPMENTS]
    if number == 3 and details:
        details.append(None)  # seen on the site: an item that is no ad
    answer = {
        "data": {"getListingAds": {"count": {"total": len(found)}, "ads": {"details": details}}}
    }
    return Page(200, msgspec.json.encode(answer), _JSON)


def _matches(ad: Ad, filters: dict[str, Any]) -> bool:
    category = filters.get("categoryId")
    if category and category not in (ad.ware.category_id, ad.ware.parent_id):
        return False
    cities = filters.get("location", {}).get("cityIds")
    if cities and ad.town.id not in cities:
        return False
    words = folded(filters.get("text", "")).split()
    return not words or all(word in folded(f"{ad.title} {ad.text}") for word in words)


def _published(ad: Ad) -> dict[str, Any]:
    groups: dict[str, list[Any]] = {"primary": [], "secondary": [], "extra": []}
    for place, (key, label, value, unit) in enumerate(ad.facts):
        digits = value.replace(" ", "")
        if digits.isdigit() and unit:
            told = {"__typename": "NumericAdParam", "id": key, "name": label,
                    "numericValue": int(digits), "unit": unit}  # fmt: skip
        else:
            told = {"__typename": "TextAdParam", "id": key, "name": label, "textValue": value}
        groups["primary" if place < 2 else "secondary"].append(told)
    return {
        "__typename": "PublishedAd", "adId": ad_id(ad), "listId": list_id(ad),
        "title": ad.title, "description": ad.text, "listTime": stamp(ad.listed),
        "sellerType": "STORE" if ad.store else "PRIVATE",
        "category": {"id": ad.ware.category_id, "name": ad.ware.category,
                     "parent": {"id": ad.ware.parent_id, "name": ad.ware.parent}},
        "type": {"key": ad.ware.offer[0], "name": ad.ware.offer[1]},
        "price": money(ad.price), "oldPrice": money(ad.old_price),
        "location": {"city": {"id": ad.town.id, "name": ad.town.name},
                     "area": {"id": area_id(ad), "name": ad.area}},
        "params": groups,
        "media": {"media": {"images": [
            {"paths": {"standard": url}} for url in pictures_of(ad)
        ]}},
    }  # fmt: skip
