"""A stand-in for Avito.ma: GraphQL answers, result pages and ad pages, sellers included."""

import html
import re
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from vigie.demo.ads import Ad
from vigie.demo.contents import Contents
from vigie.demo.jobs import folded
from vigie.demo.site import NOT_FOUND, Ask, Page
from vigie.demo.sites.avito_graphql import graphql
from vigie.demo.sites.avito_parts import (
    DEVELOPMENTS,
    PAGES_WITH_THEM,
    SITE,
    ad_id,
    address_of,
    area_id,
    construction,
    list_id,
    pictures_of,
    shown,
    stamp,
)

CARDS: Final = 35
_AD: Final = re.compile(r"/fr/[^/]+/[^/]+/.*_(\d+)\.htm")
_LIST: Final = re.compile(r"/fr/([^/]+)(?:/([^/]+))?/?")


class AvitoSite:
    """The site, its GraphQL gateway and its pictures, on one port."""

    name = "avito_ma"
    origins: tuple[str, ...] = (SITE, "https://gateway.avito.ma", "https://content.avito.ma")
    robots = "User-agent: *\nDisallow: /account/\nCrawl-delay: 0\n"
    anchor = b"__NEXT_DATA__"

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a GraphQL question, a result page or an ad's page."""
        if ask.path == "/graphql":
            return graphql(ask, contents)
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


def _result_page(ask: Ask, place: str, slug: str, contents: Contents) -> Page:
    told = ask.query.get("o", "1")
    number = int(told) if told.isdigit() else 1
    found = [ad for ad in shown(contents) if _listed_under(ad, place, slug)]
    cards = [_card(ad, contents.today) for ad in found[(number - 1) * CARDS : number * CARDS]]
    if number <= PAGES_WITH_THEM and cards and not slug:
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
        "id": str(ad_id(ad)), "listId": str(list_id(ad)), "hasShipping": False,
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
        "images": pictures_of(ad), "href": address_of(ad), "isUrgent": False, "isHotDeal": False,
    }  # fmt: skip


def _new_card(name: str) -> dict[str, Any]:
    built = construction(name)
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


def _ad_page(wanted: int, contents: Contents) -> Page:
    ad = _by_list_id(contents).get(wanted)
    if ad is None:
        return NOT_FOUND
    told = {
        "id": str(ad_id(ad)), "listId": str(wanted), "subject": ad.title, "description": ad.text,
        "price": {} if ad.price is None else {"value": ad.price, "currency": "DH"},
        "oldPrice": {} if ad.old_price is None else {"value": ad.old_price, "currency": "DH"},
        "listTime": stamp(ad.listed),
        "location": {"city": {"id": str(ad.town.id), "name": ad.town.name},
                     "area": {"id": str(area_id(ad)), "name": ad.area}, "address": None},
        "category": {"id": str(ad.ware.category_id), "name": ad.ware.category,
                     "parent": {"id": str(ad.ware.parent_id), "name": ad.ware.parent}},
        "type": {"key": "s" if ad.ware.offer[0] == "SELL" else "u", "label": ad.ware.offer[1]},
        "seller": {"id": str(ad.number), "type": "STORE" if ad.store else "PRIVATE",
                   "name": ad.seller, "regTime": "2021-03-04T10:00:00Z"},
        "phone": ad.phone, "isPhoneHidden": False,
        "params": {"primary": [{"key": key, "label": label, "value": value, "unit": unit or None}
                               for key, label, value, unit in ad.facts],
                   "secondary": [], "extra": []},
        "images": [{"paths": {"standard": url}} for url in pictures_of(ad)],
        "friendlyUrl": {"url": address_of(ad)},
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
    return {list_id(ad): ad for ad in shown(contents)}


def _next_page(title: str, props: dict[str, Any], markup: str) -> bytes:
    state = {"props": {"pageProps": props}, "page": "/", "query": {}, "buildId": "demo"}
    # "<" is escaped as the site does: a text may hold "</script>".
    told = msgspec.json.encode(state).decode().replace("<", "\\u003c")
    return (
        f"<!DOCTYPE html><html lang=fr><head><title>{html.escape(title)}</title></head><body>"
        f'<div id="__next">{markup}</div>'
        f'<script id="__NEXT_DATA__" type="application/json">{told}</script></body></html>'
    ).encode()


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


STAND_IN = AvitoSite
