"""Amounts of money in a text: exact numbers, their currency, and where they stand.

Numbers are read as people write them: groups of three by space, dot, comma or apostrophe (Indian
groups too), one or two or many decimals, "45 k€", "1,2 M€". A single separator followed by exactly
three digits groups ("12.500" is twelve thousand five hundred), as in `price-parser`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

CENT = Decimal("0.01")
MOST_DIGITS = 24  # characters of one number; a longer one is no amount
MOST = Decimal("999999999999.99")  # what Decimal(14, 2) holds

SPACE = "[ \u00a0\u2007\u2009\u202f]"
NUMBER = (
    rf"(?<![\w.,])(?:\d{{1,3}}(?:{SPACE}\d{{3}})+(?!\d)|\d{{1,3}}(?:['’]\d{{3}})+(?!\d)|"
    r"\d+(?:[.,]\d+)*)(?:[.,]\d{1,6}(?!\d))?"
)

# ISO 4217 by what sites write, folded. "$" alone is the US dollar; other dollars are marked.
CURRENCIES: dict[str, str] = {
    word: code
    for code, words in {
        "EUR": "€ eur euro euros",
        "MAD": "mad dh dhs dirham dirhams درهم دراهم د.م. د.م درهما",
        "USD": "us$ usd $us $ dollars dollar",
        "CAD": "ca$ cad c$ $ca cdn$ can$",
        "AUD": "a$ aud au$",
        "NZD": "nz$ nzd",
        "SGD": "s$ sgd",
        "HKD": "hk$ hkd",
        "MXN": "mx$ mxn",
        "BRL": "r$ brl",
        "GBP": "£ gbp pounds",
        "CHF": "chf fr. sfr",
        "INR": "₹ inr rs rs.",
        "JPY": "¥ jpy yen",
        "CNY": "cny rmb cn¥",
        "PLN": "zl pln",
        "CZK": "kc czk",
        "SEK": "sek",
        "NOK": "nok",
        "DKK": "dkk",
        "HUF": "huf ft",
        "RON": "ron lei",
        "UAH": "₴ uah",
        "RUB": "₽ rub",
        "TRY": "₺ try",
        "ILS": "₪ ils nis",
        "AED": "aed",
        "SAR": "sar",
        "TND": "tnd dt dinars",
        "DZD": "dzd da",
        "XOF": "xof fcfa cfa f.cfa",
        "EGP": "egp",
        "ZAR": "zar",
        "PHP": "₱ php",
        "KRW": "₩ krw",
        "NGN": "₦ ngn",
    }.items()
    for word in words.split()
}
_ALL = sorted(CURRENCIES, key=len, reverse=True)
_SIGNS = "|".join(re.escape(word) for word in _ALL if not word[-1].isalpha())
_NAMES = "|".join(re.escape(word) for word in _ALL if word[-1].isalpha())
CURRENCY_BEFORE = rf"(?:(?<![a-z])(?:{_NAMES})(?![a-z])|(?<![a-z])(?:{_SIGNS})|[€$£])"
CURRENCY_AFTER = rf"(?:(?:{_NAMES})(?![a-z])|{_SIGNS})"
# "k" counts thousands only where a currency, a range or the amount's end follows.
SCALE = (
    r"(?:k(?![a-z])|k(?=eur|usd|gbp|mad|dh|pln|chf|euro)|"
    r"m(?=\s?(?:€|eur|\$|£|usd|gbp)\b|\s?[€$£])|mille\b|millions?\b|مليون|الف)"
)
THOUSANDS = frozenset(("k", "mille", "الف"))  # every other scale is a million

NUMBERS = re.compile(NUMBER)
BEFORE = re.compile(rf"({CURRENCY_BEFORE})\s?$")
AFTER = re.compile(rf"\s?({SCALE})?\s?({CURRENCY_AFTER})?(?:\s?(k)\b)?")
NEAR = 10  # characters: the longest sign with its space


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text with the currency beside it; ``scaled`` says that it had a k or M."""

    value: Decimal
    currency: str | None
    scaled: bool
    start: int
    end: int


def read_number(text: str) -> Decimal | None:
    """Return the exact value of a written number; None when it is none.

    The last separator is the decimal one unless exactly three digits follow it or it stands more
    than once.
    """
    digits = re.sub(rf"{SPACE}|['’]", "", text.strip())
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        mark, tail, head = digits[last], digits[last + 1 :], digits[:last]
        other = "," if mark == "." else "."
        ungrouped = len(head) > 3 and mark not in head and other not in head
        decimal = head.count(mark) == 0 and (
            len(tail) != 3 or ungrouped or head in ("", "0") or other in head
        )
        head = head.replace(".", "").replace(",", "")
        digits = f"{head or '0'}.{tail}" if decimal else head + tail
    bare = digits.replace(".", "", 1)
    return Decimal(digits) if bare.isascii() and bare.isdigit() else None


def money(value: Decimal | None) -> Decimal | None:
    """Return *value* to the cent; None when it is not above zero or does not fit.

    Zero is how forms say "nothing entered": it is never a price or a pay.
    """
    if value is None or not value.is_finite() or not 0 < value <= MOST:
        return None
    cents = value.quantize(CENT)
    return cents if cents else None


def amounts_in(text: str) -> list[Amount]:
    """Return the numbers of a folded text, in order, with currency and scale applied."""
    found = []
    for match in NUMBERS.finditer(text):
        value = read_number(match[0]) if match.end() - match.start() <= MOST_DIGITS else None
        if value is None:
            continue
        first = max(0, match.start() - NEAR)
        before = BEFORE.search(text[first : match.start()])
        after = AFTER.match(text, match.end())
        scale = after and (after[1] or after[3])
        if scale:
            value *= 1000 if scale in THOUSANDS else 1_000_000
        word = (before and before[1]) or (after and after[2])
        found.append(
            Amount(
                value=value,
                currency=CURRENCIES[word] if word else None,
                scaled=bool(scale),
                start=first + before.start() if before else match.start(),
                end=after.end() if after else match.end(),
            )
        )
    return found
