"""What a page of MarocAnnonces holds: the cards of a list, or one ad; as plain texts."""

import re
from functools import lru_cache
from typing import Literal

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from vigie.errors import Blocked, Empty, PageChanged, SourceError
from vigie.model.capture import Capture
from vigie.sources.skeleton import NOTE

# What a challenge is made of, whatever it says: its own scripts, forms and frames.
_CHALLENGES = (
    "script[src*='/cdn-cgi/challenge-platform/']", "form#challenge-form",
    "iframe[src*='captcha']", "script[src*='captcha-delivery.com']", "div.g-recaptcha",
)  # fmt: skip
_REFUSED = {401, 403, 407, 429}
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w\-]{3,20})", re.I)
_ENCODINGS = {"utf-8", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252", "windows-1256"}
_LABELLED = re.compile(r"^\s*+([^:]{1,40}?)\s*+:\s*+(.*\S)\s*$", re.S)


NATIVE = re.compile(r"annonce/(\d+)(?:/|$)")
"""An ad's id in its address."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One card or ad, every part as shown; None where the page shows none."""

    full: bool = False
    href: str | None = None
    title: str | None = None
    price: str | None = None
    place: str | None = None
    date: str | None = None
    text: str | None = None
    images: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    """Labels and values of the ad's list of facts."""


class _Found(msgspec.Struct, frozen=True):
    items: tuple[Item, ...]
    next_href: str | None
    shape: Literal["list", "ad", "challenge", "unknown"]


def items_of(source: str, page: Capture) -> tuple[Item, ...]:
    """Return the items of *page*.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    if page.status is not None and not 200 <= page.status < 300:
        if page.status in _REFUSED:
            raise Blocked(source, page.url, f"a refusal (status {page.status})")
        if page.status in (404, 410):
            raise Empty(source, page.url)
        raise SourceError(
            f"{source}: {page.url} answered with status {page.status}; it is asked again"
        )
    if NOTE in page.note:
        raise PageChanged(source, page.url, f"whole page: {page.note[NOTE]}")
    found = _read(page.body, charset(page))
    if found.shape == "challenge":
        raise Blocked(source, page.url, "a challenge")
    if found.shape == "unknown":
        raise PageChanged(source, page.url, "ul.cars-list, article.listing or div.description")
    if not found.items:
        raise Empty(source, page.url)
    return found.items


def next_href(page: Capture) -> str | None:
    """Return the address of the next page, as the page links it; None when it links none."""
    return _read(page.body, charset(page)).next_href


def charset(page: Capture) -> str:
    """Return the page's encoding: the header's, else the markup's, else UTF-8."""
    told = re.search(r"charset=[\"']?([\w\-]{3,20})", page.header("Content-Type") or "", re.I)
    meta = _CHARSET.search(page.body[:2048])
    name = told[1] if told else meta[1].decode("ascii", "replace") if meta else "utf-8"
    return name.lower() if name.lower() in _ENCODINGS else "utf-8"


@lru_cache(maxsize=2)  # items and follow ask for the same page one after another
def _read(body: bytes, encoding: str) -> _Found:
    tree = LexborHTMLParser(body.decode(encoding, "replace"))
    lists = tree.css("ul.cars-list")
    premium = tree.css("article.listing")
    link = tree.css_first("li.next a[href], a[rel=next]")
    following = link.attributes.get("href") if link else None
    if lists or premium:
        cards = [card for part in lists for card in part.css("li") if _is_card(card)]
        return _Found(tuple(_card(card) for card in [*premium, *cards]), following, "list")
    description = tree.css_first("div.used-cars div.description") or tree.css_first(
        "div.description"
    )
    if description is not None and description.css_first("h1") is not None:
        return _Found((_ad(tree, description),), None, "ad")
    if any(tree.css_first(sign) for sign in _CHALLENGES):
        return _Found((), None, "challenge")
    return _Found((), None, "unknown")


def _is_card(card: LexborNode) -> bool:
    """Whether a ``li`` of the list is an ad's: not advertising, not a list inside a card."""
    classes = (card.attributes.get("class") or "").split()
    parent = card.parent
    inside = parent is None or "cars-list" not in (parent.attributes.get("class") or "").split()
    return "adslistingpos" not in classes and not inside


def _card(card: LexborNode) -> Item:
    link = card.css_first("a[href*='annonce/']") or card.css_first("a[href]")
    image = card.css_first("img[data-original]") or card.css_first("img[src]")
    source = image and (image.attributes.get("data-original") or image.attributes.get("src"))
    facts = (
        ("Salaire", _text(card, "div.salary")),
        ("Niveau d'études", _text(card, "div.niveauetude")),
    )
    return Item(
        href=link.attributes.get("href") if link else None,
        title=_text(card, "h3") or (link.attributes.get("title") if link else None),
        price=_text(card, ".price"),
        place=_text(card, "span.location"),
        date=_text(card, "em.date"),
        images=(source,) if source else (),
        facts=tuple((label, value) for label, value in facts if value),
    )


def _ad(tree: LexborHTMLParser, description: LexborNode) -> Item:
    canonical = tree.css_first("link[rel=canonical]")
    facts = [_labelled(line) for line in description.css("ul.extraQuestionName li")]
    heads, place = {}, None
    for line in description.css("ul li"):
        text = _plain(line)
        if text is None or "extraQuestionName" in (
            (line.parent.attributes.get("class") or "") if line.parent else ""
        ):
            continue
        label, value = _labelled(line) or ("", text)
        if label:
            heads[label.casefold()] = value
        else:
            place = place or text
    number = heads.get("annonce n°")
    href = canonical.attributes.get("href") if canonical else None
    images = (image.attributes.get("src") for image in description.css("img[src]"))
    return Item(
        full=True,
        href=href or (f"annonce/{number}/" if number and number.isdigit() else None),
        title=_text(description, "h1"),
        price=_text(description, ".price"),
        place=place,
        date=heads.get("publiée le"),
        text=_text(description, "div.block"),
        images=tuple(source for source in images if source),
        facts=tuple(fact for fact in facts if fact),
    )


def _labelled(line: LexborNode) -> tuple[str, str] | None:
    match = _LABELLED.match(_plain(line) or "")
    return (match[1], match[2]) if match else None


def _text(node: LexborNode, selector: str) -> str | None:
    found = node.css_first(selector)
    return _plain(found) if found else None


def _plain(node: LexborNode) -> str | None:
    return " ".join(node.text(separator=" ").split()) or None
