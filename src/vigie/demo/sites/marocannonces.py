"""A stand-in for MarocAnnonces: lists by category and the ads' own pages, in plain HTML."""

import html
import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from vigie.demo.ads import Ad
from vigie.demo.contents import Contents
from vigie.demo.site import NOT_FOUND, Ask, Page

ZONE: Final = ZoneInfo("Africa/Casablanca")
CARDS: Final = 25
BLOCKS: Final = {
    "15": ("Auto-Moto", "Auto-Moto"),
    "16": ("Immobilier", "Vente-immobilier"),
    "306": ("Multimédia", "Multimédia"),
}
"""Number of a category → its name here, and its name in addresses."""
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                  "Dec")  # fmt: skip
_LIST: Final = re.compile(r"/categorie/(\d+)/([^/]+?)(?:/(\d+))?\.html")
_AD: Final = re.compile(r"/categorie/(\d+)/[^/]+/annonce/(\d+)/[^/]*\.html")


class MarocAnnoncesSite:
    """The site on one port."""

    name = "marocannonces"
    origins: tuple[str, ...] = ("https://www.marocannonces.com",)
    robots = "User-agent: *\nDisallow: /membre/\n"
    anchor = b"cars-list"

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a list of a category or an ad's page."""
        if found := _AD.fullmatch(ask.path):
            return _ad_page(int(found[2]), contents)
        found = _LIST.fullmatch(ask.path)
        if found is None or found[1] not in BLOCKS:
            return NOT_FOUND
        return _list_page(found[1], int(found[3] or 1), contents)

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the first page of the category."""
        return ask._replace(path=re.sub(r"/\d+\.html$", ".html", ask.path))


@lru_cache(maxsize=12)
def _shown(contents: Contents, block: str) -> tuple[Ad, ...]:
    name = BLOCKS[block][0]
    return tuple(ad for ad in contents.ads if ad.on_maroc and ad.ware.block == name)


@lru_cache(maxsize=3)
def _by_number(contents: Contents) -> dict[int, tuple[str, Ad]]:
    return {_id(ad): (block, ad) for block in BLOCKS for ad in _shown(contents, block)}


def _list_page(block: str, number: int, contents: Contents) -> Page:
    ads = _shown(contents, block)
    chosen = ads[(number - 1) * CARDS : number * CARDS]
    cards = [_card(ad, block, contents.today) for ad in chosen]
    if len(cards) > 10:
        cards.insert(10, '<li class="adslistingpos"><div class="pub">Publicité</div></li>')
    following = ""
    if number * CARDS < len(ads):
        href = quote(f"/categorie/{block}/{BLOCKS[block][1]}/{number + 1}.html") + "?bloc=1"
        following = f'<ul class="paging"><li class="next"><a href="{href}">Suivant</a></li></ul>'
    return _page(
        BLOCKS[block][0],
        f'<div class="content_box"><ul class="cars-list">{"".join(cards)}</ul>{following}</div>',
    )


def _card(ad: Ad, block: str, today: datetime) -> str:
    href, title = html.escape(_href(ad, block)), html.escape(ad.other_title)
    image = (
        f'<img class="lazy" data-original="{_picture(ad.pictures[0])}" alt="{title}">'
        if ad.pictures
        else '<img class="lazy" data-original="/images/no-photo.png" alt="">'
    )
    price = f'<strong class="price">{_price(ad.price)}</strong>' if ad.price else ""
    return (
        f'<li><a href="{href}" title="{title}">{image}<div class="holder"><h3>{title}</h3>{price}'
        f'<span class="location">{html.escape(ad.town.name)}</span></div>'
        f'<div class="time"><em class="date">{_date(ad.listed, today)}</em></div></a></li>'
    )


def _ad_page(number: int, contents: Contents) -> Page:
    block, ad = _by_number(contents).get(number, ("", None))
    if ad is None:
        return NOT_FOUND
    title = html.escape(ad.other_title)
    facts = "".join(
        f"<li>{html.escape(label)} : <a>{html.escape(value)} {unit}</a></li>"
        for _, label, value, unit in ad.facts
    )
    pictures = "".join(f'<img src="{_picture(picture)}" alt="">' for picture in ad.pictures)
    price = f'<strong class="price">{_price(ad.price)}</strong>' if ad.price else ""
    text = html.escape(ad.text).replace("\n", "<br>")
    canonical = f"https://www.marocannonces.com/{_href(ad, block)}"
    return _page(
        ad.other_title,
        f'<div class="used-cars"><div class="description"><h1>{title}</h1><ul class="info-holder">'
        f"<li>{html.escape(ad.town.name)}</li>"
        f"<li>Publiée le: {_date(ad.listed, contents.today)}</li>"
        f"<li>Vue: {100 + ad.number % 900}</li><li>Annonce N°: {number}</li></ul>{price}"
        f'<div class="block">{text}</div><ul class="extraQuestionName">{facts}</ul>{pictures}</div>'
        f'<div class="infoannonce"><dl><dt>Annonceur :</dt><dd>{html.escape(ad.seller)}</dd>'
        f'<dt>Téléphone :</dt><dd><a href="tel:{ad.phone}">{ad.phone}</a></dd></dl></div></div>',
        f'<link rel="canonical" href="{html.escape(canonical)}">',
    )


def _page(title: str, content: str, head: str = "") -> Page:
    return Page(
        200,
        (
            f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8">'
            f"<title>{html.escape(title)} - annonces</title>{head}</head>"
            f"<body>{content}</body></html>"
        ).encode(),
    )


def _href(ad: Ad, block: str) -> str:
    """Return the ad's address as its card links it: relative, without a slash before it."""
    slug = re.sub(r"[^\w]+", "-", ad.other_title).strip("-") or "annonce"
    return quote(f"categorie/{block}/{ad.ware.folder}/annonce/{_id(ad)}/{slug}.html")


def _id(ad: Ad) -> int:
    return 9_800_000 + ad.number


def _picture(number: int) -> str:
    return f"/pictures/{number}.svg"


def _price(amount: int | None) -> str:
    return f"{amount:,} DH".replace(",", " ") if amount else ""


def _date(listed: datetime, today: datetime) -> str:
    here, now = listed.astimezone(ZONE), today.astimezone(ZONE)
    if here.date() == now.date():
        return f"Aujourd'hui {here:%H:%M}"
    if here.date() == (now - timedelta(days=1)).date():
        return f"Hier {here:%H:%M}"
    return f"{here.day:02d} {_MONTHS[here.month - 1]}-{here:%H:%M}"


STAND_IN = MarocAnnoncesSite
