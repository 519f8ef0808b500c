"""Prices of ads.

A price is null when it is not shown or to be agreed, never zero. So "0 DH", "Gratuit" and "à
discuter" are null, and so is 1 DH: Moroccan classified sites demand a number, and sellers who want
to be called type 1. Their raw text is kept. Of a range or a "from" the price is the first, lowest
figure. Moroccan sellers count flats in centimes ("28 M Cts" is 28 million centimes, 280,000 DH).

What our patterns do not know goes to price-parser, which has seen shops of many countries.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar

import polars as pl
from price_parser import Price as ShopPrice

from vigie.model.fields import Type
from vigie.model.frames import DTYPES
from vigie.steps.clean.amounts import CURRENCIES, CURRENCY_AFTER, NUMBER, money, read_number
from vigie.steps.clean.pay import currency_of
from vigie.steps.distinct import per_distinct
from vigie.steps.folding import fold

LONGEST = 200  # characters; a longer text is a description, not a price

PLAIN = re.compile(
    rf"({NUMBER})\s?({CURRENCY_AFTER})?(?:\s?(?:ttc|ht|net|fixe|a debattre|negociable))?"
)
CENTIMES = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?(?:(m|millions?|mil|مليون|ملايين)|(?:(k|mille|الف)))?\s?(?:de\s)?(?:cts?|ctms?|centimes?|سنتيم)\b"
)
MILLIONS = re.compile(
    rf"(\d+(?:[.,]\d+)?)\s?(?:m|mdh|millions?|مليون|ملايين)\s?(?:de |d')?\s?({CURRENCY_AFTER})"
)
THOUSANDS = re.compile(rf"(\d+(?:[.,]\d+)?)\s?(?:k|mille|الف)\s?({CURRENCY_AFTER})")

CURRENCY = re.compile(rf"(?:(?<![a-z]){CURRENCY_AFTER})")
DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d")

PLACEHOLDERS = {"MAD": Decimal(1)}
"""Up to this amount a price only fills the form (see above)."""


def _own(text: str) -> tuple[Decimal | None, str | None] | None:
    """Return (amount, currency) of a folded text by our patterns; None when they do not fit."""
    found = PLAIN.fullmatch(text)
    if found is not None:
        return read_number(found[1]), CURRENCIES.get(found[2] or "")
    found = CENTIMES.search(text)
    if found is not None:
        value = read_number(found[1])
        scale = 1_000_000 if found[2] else 1000 if found[3] else 1
        return (value * scale / 100 if value is not None else None), "MAD"
    for pattern, scale in ((MILLIONS, 1_000_000), (THOUSANDS, 1000)):
        found = pattern.search(text)
        if found is not None:
            value = read_number(found[1])
            return (value * scale if value is not None else None), CURRENCIES[found[2]]
    return None


@lru_cache(maxsize=8192)
def read_price(
    shown: str | None, currency_shown: str | None = None
) -> tuple[Decimal | None, str | None]:
    """Return (amount to the cent, ISO 4217 code) of a price.

    The currency is the text's, else the one the site gives apart; None where neither says. Both
    are None without an amount.
    """
    if shown is None or len(shown) > LONGEST:
        return None, None
    text = fold(shown)
    if not any(letter.isdigit() for letter in text) or DATE.fullmatch(text):
        return None, None
    found = _own(text)
    if found is None:
        try:
            shop = ShopPrice.fromstring(shown.strip(), currency_hint=currency_shown)
        except Exception:  # a third party's reader of hostile text: whatever it raises, no price
            return None, None
        named = CURRENCY.search(text)
        amount, currency = (
            shop.amount,
            CURRENCIES[named[0]] if named else currency_of(shop.currency),
        )
    else:
        amount, currency = found
    currency = currency or currency_of(currency_shown)
    amount = money(amount)
    return (amount, currency) if amount is not None else (None, None)


def asked_price(shown: str | None, currency_shown: str | None) -> tuple[Decimal | None, str | None]:
    """Return `read_price`, but nothing for a figure that only fills the form."""
    amount, currency = read_price(shown, currency_shown)
    if amount is not None and amount <= PLACEHOLDERS.get(currency or "", 0):
        return None, None
    return amount, currency


@dataclass(frozen=True)
class ReadPrice:
    """Read ``price``, ``price_currency`` and ``price_old``."""

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        outputs = {"price": DTYPES[Type.MONEY], "price_currency": DTYPES[Type.TEXT]}
        rows = per_distinct(rows, ["price_raw", "price_currency_raw"], asked_price, outputs)
        return per_distinct(
            rows,
            ["price_old_raw"],
            lambda old: read_price(old)[:1],
            {"price_old": DTYPES[Type.MONEY]},
        )
