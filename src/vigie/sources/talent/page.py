"""What a page of Talent.com holds: the cards of a list or one offer, in its new or old markup.

Classes end in a build's hash (``JobCard_title__bAsp4``): only what stands before it is held on to.
"""

import re
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from vigie.errors import Empty
from vigie.model.capture import Capture
from vigie.sources.answers import changed, condemn
from vigie.sources.jsonld import objects
from vigie.sources.webpage import first_of, markup, plain, text_of, tree_of

_CARD = '[data-testid^="jobcard-container-"]'
_OLD_CARD = "div.card.card__job"
_LABELS: Final = {
    "text": ("job description", "description du poste"),
    "pay": ("salary", "salaire"),
    "contract": ("job type", "type de poste"),
}  # fmt: skip
_PAY = re.compile(r"(?:[€$£]|\b(?:EUR|CAD|USD|GBP|CHF|MAD|DH)\b)")
_LONGEST_PAY = 80
MOST_CARDS: Final = 500
"""A page with more is none of this site's: each card is read with all that is in it."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One card or offer, every part as shown; None where the page shows none."""

    full: bool = False
    native_id: str | None = None
    title: str | None = None
    company: str | None = None
    place: str | None = None
    summary: str | None = None
    text: str | None = None
    date: str | None = None
    pay: str | None = None
    contract: str | None = None
    posting: dict[str, Any] | None = None
    """The offer's JSON-LD, where its page carries one."""


def items_of(source: str, page: Capture) -> tuple[Item, ...]:
    """Return the items of *page*.

    Raises:
        Blocked, Empty, PageChanged, SourceError: the whole page is condemned.
    """
    condemn(source, page)
    items, listed = _read(text_of(page), _asked_id(page))
    if items:
        return items
    if listed == 0:
        raise Empty(source, page.url)
    raise changed(source, page, "job cards or offer")


@lru_cache(maxsize=2)  # items and follow ask for the same page one after another
def _read(text: str, asked: str | None) -> tuple[tuple[Item, ...], int | None]:
    """Return the items, and how many the page's ``ItemList`` counts (None: it has none)."""
    tree = tree_of(text)
    cards = tree.css(_CARD)
    if 0 < len(cards) <= MOST_CARDS:
        return tuple(_card(card) for card in cards), None
    old = tree.css(_OLD_CARD)
    if 0 < len(old) <= MOST_CARDS:
        return tuple(_old_card(card) for card in old), None
    listed = next(objects(text, "ItemList"), None)
    elements = listed.get("itemListElement") if listed else None
    if isinstance(elements, list):
        return (), len(elements)
    posting = next(objects(text, "JobPosting"), None)
    offer = _offer(tree, asked, posting)
    return ((offer,) if offer else ()), None


def _asked_id(page: Capture) -> str | None:
    asked = parse_qs(urlsplit(page.url).query).get("id")
    return asked[0] if asked else page.note.get("native_id")


def _card(card: LexborNode) -> Item:
    link = card.css_first('a[href*="/view?"]')
    href = (link.attributes.get("href") if link else None) or ""
    named = parse_qs(href.partition("?")[2]).get("id") if href else None
    native = (card.attributes.get("data-new-id") or "").strip() or (named[0] if named else None)
    snippet = card.css_first('p[class^="JobCard_snippet__"]')
    when = card.css_first('time[class^="JobCard_timeText__"]')
    return Item(
        native_id=native,
        title=plain(card.css_first('h2[class^="JobCard_title__"]')),
        company=plain(card.css_first('span[class^="JobCard_company__"]')),
        place=plain(card.css_first('span[class^="JobCard_location__"]')),
        summary=plain(snippet),
        date=((when.attributes.get("datetime") if when else None) or plain(when)),
        pay=_pay(card),
    )


def _old_card(card: LexborNode) -> Item:
    return Item(
        native_id=(card.attributes.get("data-id") or "").strip() or None,
        title=plain(card.css_first("h2.card__job-title")),
        company=plain(card.css_first("div.card__job-empname-label")),
        place=plain(card.css_first("div.card__job-location")),
        summary=plain(card.css_first("p.card__job-snippet")),
        date=plain(card.css_first("div.c-card__jobDatePosted")),
    )


def _pay(card: LexborNode) -> str | None:
    """Return the short text with an amount of money: pay has no class of its own."""
    for node in card.css("span, div"):
        if any(child.tag != "-text" for child in node.iter()):
            continue
        shown = plain(node)
        if shown and len(shown) <= _LONGEST_PAY and _PAY.search(shown) and re.search(r"\d", shown):
            return shown
    return None


def _offer(
    tree: LexborHTMLParser, asked: str | None, posting: dict[str, Any] | None
) -> Item | None:
    title = tree.css_first("h1")
    text = first_of(tree, '[class*="jobDescription"]', "[itemprop=description]") or _after(
        tree, "text"
    )
    if title is None or (text is None and posting is None):
        return None
    beside = _beside(title)
    return Item(
        full=True,
        native_id=asked,
        title=plain(title),
        company=beside[0] if beside else None,
        place=beside[1] if len(beside) > 1 else None,
        text=markup(text),
        pay=plain(_after(tree, "pay")),
        contract=plain(_after(tree, "contract")),
        posting=posting,
    )


def _after(tree: LexborHTMLParser, name: str) -> LexborNode | None:
    """Return the first block after the label *name*, told by its words: it has no class."""
    for label in tree.css("h2, h3, h4, span, strong, div"):
        shown = " ".join((label.text(deep=False) or "").split()).casefold().rstrip(" :")
        if shown not in _LABELS[name]:
            continue
        for heading in (label, label.parent):  # a label may stand in a heading of its own
            following = heading.next if heading is not None else None
            while following is not None and plain(following) is None:
                following = following.next
            if following is not None and following.tag != "-text":
                return following
    return None


def _beside(title: LexborNode) -> list[str]:
    """Return company and place: the texts of the block after the title, a bullet between them."""
    block = title.next
    while block is not None and plain(block) is None:
        block = block.next
    if block is None:
        return []
    shown = [text for span in block.css("span") if (text := plain(span)) and text != "•"]
    return list(dict.fromkeys(shown))
