"""Blanking advertisers and phones in a page of MarocAnnonces.

The box of the advertiser goes by its class, labelled lines (``Téléphone :``) by their label, links
that dial or message by their scheme, and numbers in people's texts by their shape. Names and
numbers learnt so are then blanked wherever the page repeats them. Numbers in attributes that no
person wrote (ids, coordinates) are not looked at.
"""

import html
import json
import re
from typing import Final
from urllib.parse import quote, quote_plus

import msgspec

from vigie.model.capture import Capture, merge_notes
from vigie.sources.skeleton import NOTE, skeleton

from .page import charset

REVISION: Final = "1"
MARK: Final = "[...]"  # ASCII: a page may be in any encoding

# Moroccan numbers: 0 or 212, then 5 to 8 and eight digits.
PHONE: Final = re.compile(
    r"(?<!\d)(?<!\d[.,])(?:(?:\+|00)?\s?212[\s.\-]{0,2}(?:\(0\)[\s.\-]{0,2})?|0)"
    r"[5-8](?:[\s.\-_/]{0,3}\d){8}(?!\d)"
)
MAIL: Final = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}")
_SHORTEST_NAME = 4

_BOX = re.compile(
    r'(<(\w{1,20})\b[^<>]*?\bclass="[^"<>]{0,300}?\binfoannonce\b[^"<>]{0,300}"[^<>]*>)'
    r"(.*?)(</dl>|</\2>|\Z)",
    re.S,
)
_VALUE = re.compile(r"(<dd\b[^<>]*>)(.*?)(?=</dd>|<dt\b|<dd\b|\Z)", re.S)
_LABELLED = re.compile(
    r"((?:T[ée]l[ée]phone|T[ée]l\.?|GSM|WhatsApp)\s*(?:</\w+>\s*)?:\s*(?:<[^<>]*>\s*)*)"
    r"([^<\d]{0,20}\d[\d\s.\-+()/]{6,30})",  # with digits: a phone for sale has a label too
    re.I,
)
_ADVERTISER = re.compile(
    r"(Annonceur\s*(?:</\w+>\s*)?:\s*(?:<[^<>]*>\s*)*)([^<\s][^<]{0,80})", re.I
)
_SHOWN = re.compile(r"<(?:li|span|h1|h3|a)\b[^<>]*>\s*+([^<]{2,80}?)\s*+<")
_AD = re.compile(r'class="[^"]*\b(?:used-cars|description)\b')
_DIAL = re.compile(
    r"((?:tel:|wa\.me/|api\.whatsapp\.com/send\?phone=|mailto:)\s*)([^\"'<>\s&]+)", re.I
)
_TEXT_NODE = re.compile(r"(?<=>)[^<]+(?=<|\Z)")
_WORDED = re.compile(r'(\b(?:alt|title|content|value)=")([^"]*)(?=")')
_TAG = re.compile(r"<[^<>]*>")


def scrubbed(page: Capture) -> Capture:
    """Return *page* blanked, with how many places in the note ``scrubbed``; twice is as once."""
    encoding = charset(page)
    text = page.body.decode(encoding, "surrogateescape")
    first_time = page.note.get("scrub_revision") != REVISION
    if first_time and "</html" not in text and _AD.search(text):
        # The advertiser stands at the end: who it was that the text may name, nobody can tell.
        page = msgspec.structs.replace(page, note=page.note | {NOTE: "the page is cut"})
    text, count = skeleton(text, MARK) if NOTE in page.note else _settled(text)
    if count == 0 and page.note.get("scrub_revision") == REVISION:
        return page
    before = int(page.note.get("scrubbed", "0"))
    note = {"scrubbed": str(before + count), "scrub_revision": REVISION}
    body = text.encode(encoding, "surrogateescape") if count else page.body
    return msgspec.structs.replace(page, body=body, note=merge_notes(page.note, note))


def _settled(text: str) -> tuple[str, int]:
    """Blank until nothing is left to: in broken markup, what goes may uncover more."""
    total = 0
    while True:
        kept, count = _page(text)
        if kept == text:
            return text, total
        text, total = kept, total + count


class _Blanker:
    """Blanks texts, and remembers the names and numbers that it blanked."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.phones: set[str] = set()
        self.shown: set[str] = set()
        """Places and titles, lower case: an advertiser named like one is not looked for elsewhere,
        or the place would be lost with the name."""
        self.count = 0

    def whole(self, found: re.Match[str]) -> str:
        """Blank all of a value; its label stays."""
        text = html.unescape(" ".join(_TAG.sub(" ", found[2]).split()))
        if text in ("", MARK):
            return found[0]
        self.count += 1
        self._learn(text)
        return f"{found[1]}{MARK}"

    def numbers(self, text: str) -> str:
        """Blank what is written like a phone or mail address in a text people wrote."""
        while True:  # what goes may uncover what stood too close to it to be told before
            for number in PHONE.findall(text):
                self._learn(number)
            text, phones = PHONE.subn(MARK, text)
            text, mails = MAIL.subn(MARK, text) if "@" in text else (text, 0)
            if not phones + mails:
                return text
            self.count += phones + mails

    def copies(self, text: str) -> str:
        """Blank every copy of what was learnt."""
        ways: set[str] = set()
        for name in self.names:
            ways |= {
                name, html.escape(name), quote(name, errors="surrogatepass"),
                quote_plus(name, errors="surrogatepass"),
                json.dumps(name)[1:-1], re.sub(r"[\s_\-]+", "-", name),
                re.sub(r"[\s_\-]+", "_", name),
            }  # fmt: skip
        patterns = [re.escape(way) for way in sorted(ways, key=lambda way: (-len(way), way))]
        apart = r"(?:\s|[.\-_/+]|%20|&nbsp;){0,3}"
        patterns += [
            rf"(?:(?:%2B|\+|00)?212{apart}|0{apart})?{apart.join(digits)}"
            for digits in sorted(self.phones)
        ]
        if not patterns:
            return text
        search = re.compile(rf"(?<![^\W_])(?:{'|'.join(patterns)})(?![^\W_])", re.I)
        text, count = search.subn(MARK, text)
        self.count += count
        return text

    def _learn(self, text: str) -> None:
        digits = re.sub(r"\D", "", text)
        letters = sum(map(str.isalpha, text))
        if letters >= _SHORTEST_NAME and len(digits) < 9 and text.casefold() not in self.shown:
            self.names.add(text)
        national = re.sub(r"^(?:00)?212(?=0?\d{9}$)|^0(?=\d{9}$)", "", digits).removeprefix("0")
        if 7 <= len(national) <= 15 and len(set(national)) > 1:
            self.phones.add(national)


def _page(text: str) -> tuple[str, int]:
    blanker = _Blanker()

    def box(found: re.Match[str]) -> str:
        return found[1] + _VALUE.sub(blanker.whole, found[3]) + found[4]

    outside = _BOX.sub("", text)
    blanker.shown = {shown.casefold() for shown in _SHOWN.findall(outside)}
    text = _BOX.sub(box, text)
    text = _ADVERTISER.sub(blanker.whole, text)
    text = _LABELLED.sub(blanker.whole, text)
    text = _DIAL.sub(blanker.whole, text)
    text = _TEXT_NODE.sub(lambda node: blanker.numbers(node[0]), text)
    text = _WORDED.sub(lambda found: found[1] + blanker.numbers(found[2]), text)
    text = blanker.copies(text)
    return text, blanker.count
