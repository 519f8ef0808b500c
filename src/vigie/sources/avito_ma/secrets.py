"""What a page gives away about a seller, and finding every copy of it.

A name or number learnt from one field is looked for everywhere else: in the page's markup, in
scripts that hold JSON inside JSON, in addresses. It is matched in whatever way it is written
there: with other separators and prefixes, as HTML or JSON escapes, percent-encoded.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

Blank = Callable[[str], tuple[str, int]]
"""Returns a text blanked, and in how many places."""

MARK: Final = "[…]"
MARK_IN_ADDRESS: Final = "x"
"""Where `MARK` would break an address."""

# Moroccan numbers: 0 or 212, then 5 to 8 and eight digits, written with Latin or Arabic digits.
# Digits before it, or a decimal point, say that it is a part of something else.
PHONE: Final = re.compile(
    r"(?<!\d)(?<!\d[.,])(?:(?:\+|00)?\s?(?:212|٢١٢)[\s.\-]{0,2}(?:\(0\)[\s.\-]{0,2})?|[0٠۰])"
    r"[5-8٥-٨۵-۸](?:[\s.\-_/]{0,3}\d){8}(?!\d)"
)
MAIL: Final = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}")

_SEPARATOR = r"(?:\s|[.\-_/+]|%20|&nbsp;|\\+u00a0){0,3}"
_SPACE = r"(?:\s|&nbsp;|&#xa0;|%(?:25)?20|[+_\-]|\\+u00a0|\\+[nrt])+"
_BEFORE = r"(?:(?<![^\W_])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9a-f]{4})|(?<=\\[nrt]))"
_AFTER = r"(?![^\W_])"
_ARABIC = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_SHORTEST_NAME = 4
"""Shorter names are blanked where they stand alone only: "Ali" is in "qualité"."""


@dataclass
class Secrets:
    """Names, numbers and addresses learnt so far; `finder` makes them into one search."""

    names: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    """Nine national digits, or all digits of a foreign number."""
    addresses: set[str] = field(default_factory=set)
    """Profile pages, logos, mailboxes: replaced as they stand."""
    shown: set[str] = field(default_factory=set)
    """Places, categories and labels, lower case: a seller named like one of them is not looked
    for elsewhere, or the place would be lost with the name."""

    ads: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Each ad of the page with its seller's name."""

    def learn_name(self, name: str) -> None:
        """Remember a seller's name."""
        if (name := " ".join(name.split())) and name != MARK:
            self.names.add(name)

    def learn_phone(self, text: str) -> None:
        """Remember a number, however it is written; too few or equal digits tell nothing."""
        digits = "".join(re.findall(r"\d", text)).translate(_ARABIC)
        national = re.sub(r"^(?:00)?212(?=0?\d{9}$)|^0(?=\d{9}$)", "", digits).removeprefix("0")
        if 7 <= len(national) <= 15 and len(set(national)) > 1:
            self.phones.add(national)

    def finder(self) -> Blank:
        """Return a function that blanks every copy in a text and counts them.

        A name of one word is looked for everywhere when the page has one seller. On a page of many
        it may be a word of another ad ("vente" has been one): there it goes where it stands alone,
        and from its own ad by `own_finder`.
        """
        alone = {name for name in self.names if name.casefold() not in self.shown}
        words = {name for name in alone if len(_words(name)) == 1}
        searched = {name for name in alone - words if _long(name)}
        if len(words) == 1:
            searched |= {name for name in words if _long(name)}
        exact = [_address(text) for text in sorted(self.addresses, key=lambda a: (-len(a), a))]
        names = [(_words(name), _name(name)) for name in sorted(searched, key=_longest_first)]
        phones = [_phone(digits) for digits in sorted(self.phones)]
        search = re.compile("|".join(exact + phones)) if exact or phones else None
        # What is left: only where it is all of an element's text or all of a JSON value.
        short = "|".join(re.escape(html.escape(name)) for name in sorted(alone - searched))
        node = re.compile(rf"(?<=>)\s*(?:{short})\s*(?=<)") if short else None
        folded = {name.casefold() for name in alone}

        def blank(text: str) -> tuple[str, int]:
            bare = " ".join(text.split()).casefold()
            if bare in folded:
                return MARK, 1
            if bare in self.shown:
                return text, 0
            text, count = search.subn(_mark, text) if search else (text, 0)
            if node and ">" in text:
                text, found = node.subn(MARK, text)
                count += found
            text, found = _blank_names(text, names)
            return text, count + found

        return blank

    def own_finder(self, name: str) -> Blank | None:
        """Return a function that blanks the one-word *name* in its own ad; None: not needed."""
        if len(_words(name)) != 1 or name.casefold() in self.shown or not _long(name):
            return None
        names = [(_words(name), _name(name))]

        def blank(text: str) -> tuple[str, int]:
            if " ".join(text.split()).casefold() in self.shown:
                return text, 0
            return _blank_names(text, names)

        return blank


def _blank_names(text: str, names: Sequence[tuple[list[str], re.Pattern[str]]]) -> tuple[str, int]:
    count = 0
    encoded = "%" in text or "\\u" in text or "&" in text
    for words, pattern in names:
        first = words[0].lower()
        plain = first.isascii() and first.isalnum()
        lower = text.lower()
        if plain and len(lower) == len(text):
            # Looking for a plain word first is a hundred times as fast as the pattern.
            text, found = _blank_at(text, lower, first, pattern)
        elif first in lower or (encoded and not plain):
            text, found = pattern.subn(_mark, text)
        else:
            continue
        count += found
    return text, count


def _blank_at(text: str, lower: str, first: str, pattern: re.Pattern[str]) -> tuple[str, int]:
    """Blank *pattern* in *text*, tried only where *first* stands in *lower*."""
    kept, count, end = [], 0, 0
    at = lower.find(first)
    while at >= 0:
        if at >= end and (match := pattern.match(text, at)):
            kept += [text[end:at], _mark(match)]
            end = match.end()
            count += 1
        at = lower.find(first, at + 1)
    return "".join([*kept, text[end:]]) if count else text, count


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s_\-]+", name) if word]


def _long(name: str) -> bool:
    return sum(map(str.isalnum, name)) >= _SHORTEST_NAME


def _longest_first(name: str) -> tuple[int, str]:
    return -len(name), name


def blank_numbers(text: str, secrets: Secrets) -> tuple[str, int]:
    """Blank what is written like a phone or mail address in *text*, a text people wrote.

    Each is remembered, so that copies of the text elsewhere on the page lose it too.
    """
    total = 0
    while True:  # what goes may uncover what stood too close to it to be told before
        for found in PHONE.findall(text):
            secrets.learn_phone(found)
        text, phones = PHONE.subn(MARK, text)
        mails = 0
        if "@" in text:
            secrets.addresses.update(MAIL.findall(text))
            text, mails = MAIL.subn(MARK, text)
        if not phones + mails:
            return text, total
        total += phones + mails


def _mark(found: re.Match[str]) -> str:
    text, start, end = found.string, found.start(), found.end()
    beside = text[start - 1 : start] + text[end : end + 1]
    return MARK_IN_ADDRESS if any(char in "_/=%&?" for char in beside) else MARK


def _name(name: str) -> re.Pattern[str]:
    """Return a pattern for *name*; one of several words is found in any case."""
    words = _words(name)
    pattern = _SPACE.join("".join(map(_char, word)) for word in words)
    return re.compile(f"{_BEFORE}{pattern}{_AFTER}", re.IGNORECASE if len(words) > 1 else 0)


def _char(char: str) -> str:
    """Return a pattern for *char* in every way that HTML, JSON and addresses write it."""
    ways = {
        re.escape(char),
        re.escape(html.escape(char)),
        re.escape(quote(char, safe="", errors="surrogatepass")),
    }
    if char == "'":
        ways.add("&#39;")
    if not char.isascii():
        ways.add(re.escape(quote(char, safe="", errors="surrogatepass").lower()))
        units = char.encode("utf-16-be", "surrogatepass").hex()
        escaped = "".join(rf"\\+u{units[at : at + 4]}" for at in range(0, len(units), 4))
        ways.add(f"(?i:{escaped})")
    return ways.pop() if len(ways) == 1 else f"(?:{'|'.join(sorted(ways))})"


def _phone(digits: str) -> str:
    """Return a pattern for a number with or without 0 or 212, in three kinds of digits."""
    ways = (f"[{digit}{chr(0x660 + int(digit))}{chr(0x6F0 + int(digit))}]" for digit in digits)
    country = rf"(?:%2[Bb]|\+|00)?{_SEPARATOR}(?:212|٢١٢){_SEPARATOR}(?:\(0\){_SEPARATOR})?"
    prefix = rf"(?:{country}|[0٠۰]{_SEPARATOR})?"
    return rf"(?:(?<!\d)(?<!\d[.,])|(?<=%20)){prefix}{_SEPARATOR.join(ways)}(?!\d)"


def _address(text: str) -> str:
    ways = {
        re.escape(text),
        re.escape(html.escape(text)),
        re.escape(quote(text, safe="", errors="surrogatepass")),
    }
    ways.add(re.escape(text.replace("/", "\\/")))
    return f"(?:{'|'.join(sorted(ways, key=lambda way: (-len(way), way)))})(?!\\w)"
