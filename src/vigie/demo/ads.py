"""Invented classified ads."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Final

from vigie.demo.goods import (
    ABOUT_GOODS,
    ABOUT_HOMES,
    ABOUT_VEHICLES,
    ARABIC,
    ENGLISH,
    FICTION,
    FIRST_NAMES,
    FRENCH,
    SHOPS,
    WARES,
    Ware,
)
from vigie.demo.pictures import picture_number
from vigie.demo.places import MOROCCO, Town

ON_BOTH: Final = 0.10
"""Share of the ads that both sites show."""
ON_MAROC: Final = 0.45
"""Share of the others that MarocAnnonces shows, where it has the category."""

_ABOUT: Final = {"Immobilier": ABOUT_HOMES, "Auto-Moto": ABOUT_VEHICLES}


@dataclass(frozen=True, slots=True)
class Ad:
    """One ad of the invented world."""

    number: int
    ware: Ware
    title: str
    text: str
    price: int | None
    old_price: int | None
    town: Town
    area: str
    pictures: tuple[int, ...]
    seller: str
    store: bool
    phone: str
    facts: tuple[tuple[str, str, str, str], ...]
    """Key, label, value, unit."""
    listed: datetime
    on_avito: bool
    on_maroc: bool
    other_title: str
    """How the other site writes its title."""


@lru_cache(maxsize=20_000)  # what is there at one visit is there at the next
def ad_of(seed: int, number: int, now: datetime, born: int) -> Ad:
    """Return ad *number*; *now* is the time of the visit that first shows it.

    Args:
        born: That visit. An ad of a later one is less than a day old.
    """
    draw = random.Random(f"{seed} ad {number}")
    ware = draw.choices(WARES, _weights())[0]
    town = draw.choices(MOROCCO, _town_weights())[0]
    area = draw.choice(town.areas)
    facts = tuple(
        (key, label, draw.choice(values), unit) for key, label, values, unit in ware.facts
    )
    values = {key: value for key, _, value, _ in facts}
    words = {
        "city": town.name, "area": area, "arabic": town.arabic, "size": values.get("size", "80"),
        "rooms": values.get("rooms", "2"), "year": values.get("regdate", "2015"),
        "memory": values.get("capacity", "128"),
    }  # fmt: skip
    store = draw.random() < 0.3
    seller = (
        f"{draw.choice(SHOPS)} {number % 40}"
        if store
        else f"{draw.choice(FIRST_NAMES)} {draw.choice(FICTION)}"
    )
    phone = f"06000{number % 10}{draw.randint(1000, 9999)}"
    title, text = _words(draw, ware, words)
    if draw.random() < 0.15:
        text += (
            f"\nContact : {seller} {phone[:2]} {phone[2:4]} {phone[4:6]} {phone[6:8]} {phone[8:]}"
        )
    low, high = ware.price
    price = None if draw.random() < 0.07 else round_price(low * (high / low) ** draw.random())
    both = bool(ware.block) and draw.random() < ON_BOTH
    maroc = bool(ware.block) and draw.random() < ON_MAROC
    return Ad(
        number=number, ware=ware, title=title, text=text, price=price, old_price=None, town=town,
        area=area, seller=seller, store=store, phone=phone, facts=facts,
        pictures=tuple(
            picture_number(ware.picture, number * 5 + place)
            for place in range(draw.choices((0, 1, 2, 3, 4), (6, 34, 30, 20, 10))[0])
        ),
        listed=_listed(draw, now, born), on_avito=both or not maroc, on_maroc=both or maroc,
        other_title=draw.choice((title.upper(), f"{title} {town.name}", f"A vendre : {title}")),
    )  # fmt: skip


def priced(ad: Ad, cuts: tuple[float, ...]) -> Ad:
    """Return *ad* after its *cuts*, each a number in [0, 1): from 3 to 18 % off."""
    if ad.price is None or not cuts:
        return ad
    price = old = ad.price
    for cut in cuts:
        old, price = price, round_price(price * (0.97 - 0.15 * cut))
    return replace(ad, price=price, old_price=old if old > price else None)


def round_price(amount: float) -> int:
    """Return *amount* as people write prices: two or three figures that count."""
    step = 10 ** max(1, len(str(int(amount))) - 3)
    return int(max(step, round(amount / step) * step))


def _words(draw: random.Random, ware: Ware, words: dict[str, str]) -> tuple[str, str]:
    language = draw.random()
    titles: tuple[str, ...] = ware.names
    sentences: tuple[str, ...] = FRENCH + _ABOUT.get(ware.block, ABOUT_GOODS)
    if ware.arabic and language < 0.18:
        titles, sentences = ware.arabic, ARABIC
    elif ware.english and language < 0.26:
        titles, sentences = ware.english, ENGLISH
    title = draw.choice(titles).format(**words)
    chosen = draw.sample(sentences, draw.randint(2, 5))
    opening = [title] if draw.random() < 0.4 else []
    return title, "\n".join(opening + [sentence.format(**words) for sentence in chosen])


def _listed(draw: random.Random, now: datetime, born: int) -> datetime:
    """Return when it was listed: most within the last days, some long ago."""
    if born:
        hours = draw.uniform(0.1, 23)
    elif draw.random() < 0.8:
        hours = draw.uniform(0.1, 80)
    else:
        hours = draw.uniform(80, 24 * 120)
    return (now - timedelta(hours=hours)).replace(microsecond=0)


@cache
def _weights() -> tuple[int, ...]:
    return tuple(ware.weight for ware in WARES)


@cache
def _town_weights() -> tuple[int, ...]:
    return tuple(town.weight for town in MOROCCO)
