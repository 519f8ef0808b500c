"""A stand-in for Avito.ma: GraphQL answers, result pages and ad pages, sellers included."""

import html
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.ads import Ad
from vigie.demo.contents import Contents
from vigie.demo.jobs import folded
from vigie.demo.site import NOT_FOUND, Ask, Page

SITE: Final = "https://www.avito.ma"
CARDS: Final = 35
DEVELOPMENTS: Final = ("Résidence Bougainvillée", "Les Jardins de Safran", "Horizon Ocre")
"""New buildings that the first pages mix in."""
_PAGES_WITH_THEM: Final = 2
_AD: Final = re.compile(r"/fr/[^/]+/[^/]+/.*_(\d+)\.htm")
_LIST: Final = re.compile(r"/fr/([^/]+)(?:/([^/]+))?/?")
_JSON: Final = "application/json; charset=utf-8"


class AvitoSite:
    """The site, its GraphQL gateway and its pictures, on one port."""

    name = "avito_ma"
    origins: tuple[str, ...] = (SITE, "https://gateway.avito.ma", "https://content.avito.ma")
    robots = "User-agent: *\nDisallow: /account/\nCrawl-delay: 0\n"
    anchor = b"__NEXT_DATA__"

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a GraphQL question, a result page or an ad's page."""
        if ask.path == "/graphql":
            return _graphql(ask, contents)
        if ad := _AD.fullmatch(ask.path):
            return _ad_page(int(ad[1]), contents)
        if place := _LIST.fullmatch(ask.path):
            return _result_page(ask, place[1], place[2] or "", contents)
        return NOT_FOUND

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for page 1 of the same list."""
        kept = {key: value for key, value in ask.query.items() if key != "o"}
        body = re.sub(rb'"number":\d+', b'"number":1', ask.body)
        return ask._replace(query=kept, body=body)


@lru_cache(maxsize=3)
def _shown(contents: Contents) -> tuple[Ad, ...]:
    return tuple(ad for ad in contents.ads if ad.on_avito)


def _graphql(ask: Ask, contents: Contents) -> Page:
    try:
        wanted: Any = msgspec.json.decode(ask.body)["variables"]["query"]
        filters, page = wanted["filters"]["ad"], wanted["page"]
        number, size = int(page["number"]), int(page["size"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        wrong = {"errors": [{"message": 'Variable "$query" is missing'}]}
        return Page(200, msgspec.json.encode(wrong), _JSON)
    found = [ad for ad in _shown(contents) if _matches(ad, filters)]
    details: list[Any] = [_published(ad) for ad in found[(number - 1) * size : number * size]]
    mixed = wanted["filters"].get("extension", {}).get("includeNewConstructionAds")
    if mixed and number <= _PAGES_WITH_THEM and details:
        details[3:3] = [_construction(name) for name in DEVELOPMENTS]
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
        "__typename": "PublishedAd", "adId": _ad_id(ad), "listId": _list_id(ad),
        "title": ad.title, "description": ad.text, "listTime": _stamp(ad.listed),
        "sellerType": "STORE" if ad.store else "PRIVATE",
        "category": {"id": ad.ware.category_id, "name": ad.ware.category,
                     "parent": {"id": ad.ware.parent_id, "name": ad.ware.parent}},
        "type": {"key": ad.ware.offer[0], "name": ad.ware.offer[1]},
        "price": _money(ad.price), "oldPrice": _money(ad.old_price),
        "location": {"city": {"id": ad.town.id, "name": ad.town.name},
                     "area": {"id": _area_id(ad), "name": ad.area}},
        "params": groups,
        "media": {"media": {"images": [
            {"paths": {"standard": url}} for url in _pictures(ad)
        ]}},
    }  # fmt: skip


def _construction(name: str) -> dict[str, Any]:
    place = DEVELOPMENTS.index(name)
    amount = 890_000 + 240_000 * place
    return {
        "__typename": "NewConstructionAd", "title": name,
        "externalLink": f"https://immoneuf.avito.ma/fr/unite/demo{place}?utm_source=listing",
        "price": _money(amount),
        "location": {"city": {"id": 5, "name": "Casablanca"}, "area": None},
        "media": {"defaultImage": {"defaultPath": _picture(place)}},
    }  # fmt: skip


def _result_page(ask: Ask, place: str, slug: str, contents: Contents) -> Page:
    told = ask.query.get("o", "1")
    number = int(told) if told.isdigit() else 1
    found = [ad for ad in _shown(contents) if _listed_under(ad, place, slug)]
    cards = [_card(ad, contents.today) for ad in found[(number - 1) * CARDS : number * CARDS]]
    if number <= _PAGES_WITH_THEM and cards and not slug:
        cards[3:3] = [_new_card(name) for name in DEVELOPMENTS]
    search = {
        "ads": cards, "currentAll": len(found), "savedAds": [], "aggregations": {},
        "filters": {"searchQuery": "", "sortBy": "date", "pageNumber": number},
    }  # fmt: skip
    props = {"lang": "fr", "componentProps": {}, "apolloState": {}, "dir": "ltr",
             "initialReduxState": {"ad": {"search": search}}}  # fmt: skip
    markup = "".join(_card_markup(card) for card in cards)
    return Page(200, _next_page("Annonces au Maroc", props, f'<div class="listing">{markup}</div>'))


def _listed_under(ad: Ad, place: str, slug: str) -> bool:
    if slug and slug != ad.ware.slug:
        return False
    return place == "maroc" or folded(ad.town.name).replace(" ", "_") == folded(place)


def _card(ad: Ad, today: datetime) -> dict[str, Any]:
    return {
        "id": str(_ad_id(ad)), "listId": str(_list_id(ad)), "hasShipping": False,
        "category": {"formatted": f"{ad.ware.parent} - {ad.ware.category}",
                     "name": ad.ware.category, "id": str(ad.ware.category_id),
                     "parent": {"id": str(ad.ware.parent_id)}},
        "adType": {"key": ad.ware.offer[0], "label": ad.ware.offer[1]},
        "subject": ad.title, "description": ad.text,
        "seller": {"type": "STORE" if ad.store else "PRIVATE", "name": ad.seller,
                   "isVerifiedSeller": False},
        "price": {} if ad.price is None else {"value": ad.price, "currency": "DH"},
        "oldPrice": {} if ad.old_price is None else {"value": ad.old_price, "currency": "DH"},
        "location": f"{ad.town.name}, {ad.area}", "date": _ago(today, ad.listed),
        "images": _pictures(ad), "href": _address(ad), "isUrgent": False, "isHotDeal": False,
    }  # fmt: skip


def _new_card(name: str) -> dict[str, Any]:
    built = _construction(name)
    link = built["externalLink"]
    return {
        "isNc": True, "id": link, "subject": name, "href": link, "location": "Casablanca",
        "price": {"value": built["price"]["withoutCurrency"], "currency": "DH"},
        "category": {"formatted": "Immobilier neuf"}, "images": [],
        "defaultImage": built["media"]["defaultImage"]["defaultPath"],
    }  # fmt: skip


def _card_markup(card: dict[str, Any]) -> str:
    seller = card.get("seller", {}).get("name", "")
    return (
        f'<a class="sc-1jge648-0" href="{html.escape(card["href"])}"><p title="'
        f'{html.escape(card["subject"])}">{html.escape(card["subject"])}</p>'
        f'<span data-testid="SellerName">{html.escape(seller)}</span></a>'
    )


def _ad_page(list_id: int, contents: Contents) -> Page:
    ad = _by_list_id(contents).get(list_id)
    if ad is None:
        return NOT_FOUND
    told = {
        "id": str(_ad_id(ad)), "listId": str(list_id), "subject": ad.title, "description": ad.text,
        "price": {} if ad.price is None else {"value": ad.price, "currency": "DH"},
        "oldPrice": {} if ad.old_price is None else {"value": ad.old_price, "currency": "DH"},
        "listTime": _stamp(ad.listed),
        "location": {"city": {"id": str(ad.town.id), "name": ad.town.name},
                     "area": {"id": str(_area_id(ad)), "name": ad.area}, "address": None},
        "category": {"id": str(ad.ware.category_id), "name": ad.ware.category,
                     "parent": {"id": str(ad.ware.parent_id), "name": ad.ware.parent}},
        "type": {"key": "s" if ad.ware.offer[0] == "SELL" else "u", "label": ad.ware.offer[1]},
        "seller": {"id": str(ad.number), "type": "STORE" if ad.store else "PRIVATE",
                   "name": ad.seller, "regTime": "2021-03-04T10:00:00Z"},
        "phone": ad.phone, "isPhoneHidden": False,
        "params": {"primary": [{"key": key, "label": label, "value": value, "unit": unit or None}
                               for key, label, value, unit in ad.facts],
                   "secondary": [], "extra": []},
        "images": [{"paths": {"standard": url}} for url in _pictures(ad)],
        "friendlyUrl": {"url": _address(ad)},
    }  # fmt: skip
    props = {"lang": "fr", "componentProps": {"error": None, "adInfo": {"ad": told}},
             "apolloState": {}, "dir": "ltr", "initialReduxState": {}}  # fmt: skip
    markup = (
        f"<h1>{html.escape(ad.title)}</h1><p>{html.escape(ad.text)}</p>"
        f'<p data-testid="SellerName">{html.escape(ad.seller)}</p>'
        f'<a href="tel:{ad.phone}">Appeler</a>'
    )
    return Page(200, _next_page(ad.title, props, markup))


@lru_cache(maxsize=3)
def _by_list_id(contents: Contents) -> dict[int, Ad]:
    return {_list_id(ad): ad for ad in _shown(contents)}


def _next_page(title: str, props: dict[str, Any], markup: str) -> bytes:
    state = {"props": {"pageProps": props}, "page": "/", "query": {}, "buildId": "demo"}
    # "<" is escaped as the site does: a text may hold "</script>".
    told = msgspec.json.encode(state).decode().replace("<", "\\u003c")
    return (
        f"<!DOCTYPE html><html lang=fr><head><title>{html.escape(title)}</title></head><body>"
        f'<div id="__next">{markup}</div>'
        f'<script id="__NEXT_DATA__" type="application/json">{told}</script></body></html>'
    ).encode()


def _money(amount: int | None) -> dict[str, Any]:
    if amount is None:
        return {"withCurrency": None, "withoutCurrency": None}
    return {"withCurrency": f"{amount:,} DH".replace(",", " "), "withoutCurrency": amount}


def _ago(today: datetime, listed: datetime) -> str:
    minutes = max(1, int((today - listed).total_seconds() // 60))
    for size, one, many in (
        (43_800, "mois", "mois"), (10_080, "semaine", "semaines"), (1440, "jour", "jours"),
        (60, "heure", "heures"), (1, "minute", "minutes"),
    ):  # fmt: skip
        if minutes >= size:
            count = minutes // size
            return f"il y a {count} {one if count == 1 else many}"
    return "il y a 1 minute"


def _address(ad: Ad) -> str:
    area = ad.town.name if ad.area == "Toute la ville" else ad.area
    first, second = (re.sub(r"[^\w']", "_", part.lower()) for part in (area, ad.ware.category))
    slug = re.sub(r"\W", "_", ad.title)
    return f"{SITE}/fr/{first}/{second}/{slug}_{_list_id(ad)}.htm"


def _pictures(ad: Ad) -> list[str]:
    return [_picture(number) for number in ad.pictures]


def _picture(number: int) -> str:
    return f"https://content.avito.ma/classifieds/images/{number}?t=images"


def _ad_id(ad: Ad) -> int:
    return 91_000_000 + ad.number


def _list_id(ad: Ad) -> int:
    return 57_000_000 + ad.number * 7


def _area_id(ad: Ad) -> int:
    place = ad.town.areas.index(ad.area)
    return ad.town.id * 100 + place


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
