"""What the stand-in's GraphQL answers and pages say alike: ids, addresses, prices, pictures."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from vigie.demo.ads import Ad
from vigie.demo.contents import Contents

SITE: Final = "https://www.avito.ma"
DEVELOPMENTS: Final = ("Résidence Bougainvillée", "Les Jardins de Safran", "Horizon Ocre")
"""New buildings that the first pages mix in."""
PAGES_WITH_THEM: Final = 2


@lru_cache(maxsize=3)
def shown(contents: Contents) -> tuple[Ad, ...]:
    """Return the ads that the site shows, newest first."""
    return tuple(ad for ad in contents.ads if ad.on_avito)


def construction(name: str) -> dict[str, Any]:
    """Return a developer's new building as GraphQL gives it."""
    place = DEVELOPMENTS.index(name)
    amount = 890_000 + 240_000 * place
    return {
        "__typename": "NewConstructionAd", "title": name,
        "externalLink": f"https://immoneuf.avito.ma/fr/unite/demo{place}?utm_source=listing",
        "price": money(amount),
        "location": {"city": {"id": 5, "name": "Casablanca"}, "area": None},
        "media": {"defaultImage": {"defaultPath": _picture(place)}},
    }  # fmt: skip


def money(amount: int | None) -> dict[str, Any]:
    """Return a price as GraphQL gives it; None: not shown."""
    if amount is None:
        return {"withCurrency": None, "withoutCurrency": None}
    return {"withCurrency": f"{amount:,} DH".replace(",", " "), "withoutCurrency": amount}


def address_of(ad: Ad) -> str:
    """Return the address of an ad's own page, as the site builds it."""
    area = ad.town.name if ad.area == "Toute la ville" else ad.area
    first, second = (re.sub(r"[^\w']", "_", part.lower()) for part in (area, ad.ware.category))
    slug = re.sub(r"\W", "_", ad.title)
    return f"{SITE}/fr/{first}/{second}/{slug}_{list_id(ad)}.htm"


def pictures_of(ad: Ad) -> list[str]:
    """Return the addresses of an ad's pictures."""
    return [_picture(number) for number in ad.pictures]


def _picture(number: int) -> str:
    return f"https://content.avito.ma/classifieds/images/{number}?t=images"


def ad_id(ad: Ad) -> int:
    """Return the inner number of an ad."""
    return 91_000_000 + ad.number


def list_id(ad: Ad) -> int:
    """Return the number that its address ends with."""
    return 57_000_000 + ad.number * 7


def area_id(ad: Ad) -> int:
    """Return the number of its area."""
    place = ad.town.areas.index(ad.area)
    return ad.town.id * 100 + place


def stamp(at: datetime) -> str:
    """Return *at* as the site writes instants."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
