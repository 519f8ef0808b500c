"""A stand-in for a small site of ads: a sitemap, and ads that carry a Product as JSON-LD."""

import html
import json
from datetime import UTC
from functools import lru_cache
from typing import Any, Final

from vigie.demo.ads import Ad
from vigie.demo.contents import Contents
from vigie.demo.site import NOT_FOUND, Ask, Page

_SITE: Final = "https://annonces.exemple.example"
_SPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_ABOUT: Final = "/conditions"


class OffersSite:
    """The site on one port."""

    name = "offers"
    origins: tuple[str, ...] = (_SITE,)
    robots = f"User-agent: *\nDisallow: /compte/\nSitemap: {_SITE}/sitemap.xml\n"
    anchor = b'"Product"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer the sitemap, an ad, or the one page that holds no ad."""
        if ask.path == "/sitemap.xml":
            return _sitemap(contents)
        if ask.path == _ABOUT:
            return _page("Conditions", "", "<h1>Conditions</h1>")
        ad = _by_path(contents).get(ask.path)
        return _own_page(ad) if ad else NOT_FOUND

    def first_page(self, ask: Ask) -> Ask:
        """Return the question itself: there are no further pages."""
        return ask


@lru_cache(maxsize=3)
def _by_path(contents: Contents) -> dict[str, Ad]:
    return {f"/annonce/{ad.number}": ad for ad in contents.ads}


def _sitemap(contents: Contents) -> Page:
    named = "".join(
        f"<url><loc>{_SITE}/annonce/{ad.number}</loc>"
        f"<lastmod>{ad.listed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
        for ad in contents.ads
    )
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_SPACE}">{named}'
        f"<url><loc>{_SITE}{_ABOUT}</loc></url></urlset>"
    )
    return Page(200, body.encode(), "application/xml")


def _own_page(ad: Ad) -> Page:
    offer: dict[str, Any] = {
        "@type": "Offer", "priceCurrency": "MAD", "availability": "https://schema.org/InStock",
        "seller": {"@type": "Organization" if ad.store else "Person", "name": ad.seller,
                   "telephone": ad.phone},
        "availableAtOrFrom": {"@type": "Place", "address": {
            "@type": "PostalAddress", "addressLocality": ad.town.name, "addressCountry": "MA"}},
    }  # fmt: skip
    if ad.price:
        offer["price"] = ad.price
    product = {
        "@context": "https://schema.org", "@type": "Product", "name": ad.title,
        "description": ad.text, "category": ad.ware.block or "Divers", "offers": offer,
        "image": [f"{_SITE}/pictures/{picture}.svg" for picture in ad.pictures],
        "additionalProperty": [
            {"@type": "PropertyValue", "name": label, "value": value, "unitText": unit}
            for _, label, value, unit in ad.facts
        ],
    }  # fmt: skip
    carried = json.dumps(product).replace("</", "<\\/")
    return _page(
        ad.title,
        f'<script type="application/ld+json">{carried}</script>',
        f"<h1>{html.escape(ad.title)}</h1><p>{html.escape(ad.text)}</p>",
    )


def _page(title: str, head: str, content: str) -> Page:
    return Page(
        200,
        (
            f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>'
            f"{html.escape(title)}</title>{head}</head><body>{content}</body></html>"
        ).encode(),
    )


STAND_IN = OffersSite
