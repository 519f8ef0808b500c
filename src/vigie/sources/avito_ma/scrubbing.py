"""Blanking sellers and their numbers in a page, wherever the page repeats them.

An ad page holds its seller six times: in the ad, in the Apollo and Redux states, in a data layer
that is JSON inside a script inside JSON (where the phone is a bare integer), in the markup and,
often, in the ad's own words. So: fields go by their names in every JSON of the page; from people's
texts go phones and mail addresses; what was learnt on the way is then blanked in all that is left.
Coordinates, prices and ids are numbers of other fields and stay as they came.
"""

import html
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec

from vigie.model.capture import Capture, merge_notes
from vigie.sources.skeleton import NOTE, skeleton

from .answer import next_data
from .fields import blank_fields, blank_nested
from .secrets import MARK, Blank, Secrets, blank_numbers

REVISION: Final = "1"

_JSON_SCRIPT = re.compile(
    r'(<script\b[^<>]*?\btype="application/(?:ld\+)?json"[^<>]*>)(.*?)(</script>|\Z)', re.S
)
_SELLER_NAME = re.compile(
    rf'(data-testid="SellerName"[^<>]{{0,500}}>)(?!{re.escape(MARK)})([^<]+)(?=<|\Z)'
)
_WORDS = re.compile(
    r"(?<=>)[^<]+(?=<|\Z)|(?<=content=\")[^\"]+|(?<=href=\"tel:)[^\"]+|(?<=wa\.me/)[^\"]+"
)
_META = re.compile(r'<meta\b(?:[^<>"]++|"[^"]*+")*+>', re.I)
_DESCRIBES = re.compile(r'\b(?:name|property)="[\w:]{0,40}description"', re.I)
_CONTENT = re.compile(r'(\bcontent=")([^"]*)(")')
# A page whose JSON is cut: what can still be told by the names of fields.
_BROKEN_SELLER = re.compile(r'("seller"\s*:\s*\{[^{}]*?"name"\s*:\s*")((?:[^"\\]|\\.)+)("|\Z)')
_BROKEN_TEXT = re.compile(
    r'("(?:subject|description|title|number)"\s*:\s*")((?:[^"\\]|\\.)+)("|\Z)'
)

_decoder = msgspec.json.Decoder(float_hook=Decimal)  # numbers keep their digits
_encoder = msgspec.json.Encoder(decimal_format="number")


def scrubbed(page: Capture) -> Capture:
    """Return *page* blanked, with how many places in the note ``scrubbed``; twice is as once."""
    text = page.body.decode("utf-8", "surrogateescape")
    first_time = page.note.get("scrub_revision") != REVISION
    if first_time and _is_cut(text):
        page = msgspec.structs.replace(page, note=page.note | {NOTE: "the page is cut"})
    if NOTE in page.note:
        text, count = skeleton(text, MARK)
        body = text.encode("utf-8", "surrogateescape")
    else:
        body, count = _settled(page.body)
    if count == 0 and page.note.get("scrub_revision") == REVISION:
        return page
    before = int(page.note.get("scrubbed", "0"))
    note = {"scrubbed": str(before + count), "scrub_revision": REVISION}
    return msgspec.structs.replace(
        page, body=body if count else page.body, note=merge_notes(page.note, note)
    )


def _is_cut(text: str) -> bool:
    """Whether an HTML page breaks off: it has no end, or data that cannot be decoded."""
    if text.lstrip("\ufeff \t\r\n")[:1] != "<":
        return False
    if "</html" not in text:
        return True
    if any(not found[3] for found in _JSON_SCRIPT.finditer(text)):
        return True
    place = next_data(text.encode("utf-8", "surrogateescape"))
    if place is None:
        return 'id="__NEXT_DATA__"' in text
    try:
        msgspec.json.decode(text.encode("utf-8", "surrogateescape")[slice(*place)])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return True
    return False


def _settled(body: bytes) -> tuple[bytes, int]:
    """Blank until nothing is left to: in a broken page, what goes may uncover more."""
    total = 0
    while True:
        kept, count = _body(body)
        if kept == body or not count:
            return body, total
        body, total = kept, total + count


def _body(body: bytes) -> tuple[bytes, int]:
    text = body.decode("utf-8", "surrogateescape")
    secrets, count = Secrets(), 0
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        parts = ["", text, ""]
    else:
        parts = _JSON_SCRIPT.split(text)  # markup, opening, JSON, closing, markup, …
        parts = _joined(parts)
    trees: dict[int, Any] = {}
    for at in range(1, len(parts), 2):
        try:
            trees[at] = _decoder.decode(
                parts[at].lstrip("\ufeff").encode("utf-8", "surrogateescape")
            )
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            parts[at], found = _broken(parts[at], secrets)
            count += found
    changed = dict.fromkeys(trees, 0)
    for at, tree in trees.items():
        changed[at] += blank_fields(tree, secrets)
    for at in range(0, len(parts), 2):
        parts[at], found = _markup(parts[at], secrets, dataless=not trees)
        count += found
    blank = secrets.finder()
    copies = _blank_own(secrets)
    for at, part in enumerate(parts):
        if at in trees:
            changed[at] += _blank_copies(trees[at], blank)
            if changed[at] or copies:
                # "<" is escaped as the site does: a text may hold "</script>".
                told = _encoder.encode(trees[at]).decode("utf-8", "surrogateescape")
                parts[at] = told.replace("<", "\\u003c")
        else:
            for shown, kept in copies.items():
                part = part.replace(shown, kept)  # noqa: PLW2901 - one copy after the other
            parts[at], found = blank(part)
            count += found
    count += len(copies)
    count += sum(changed.values())
    return "".join(parts).encode("utf-8", "surrogateescape"), count


def _joined(split: list[str]) -> list[str]:
    """Return markup and JSON in turns: the tags around the JSON go to the markup."""
    parts = [split[0]]
    for at in range(1, len(split), 4):
        opening, told, closing, markup = split[at : at + 4]
        parts[-1] += opening
        parts += [told, closing + markup]
    return parts


def _markup(text: str, secrets: Secrets, *, dataless: bool) -> tuple[str, int]:
    """Blank the seller's element and, when there is a seller, the cut copies of the ad's text.

    A *dataless* page tells by no field what a number is: there, what is written like a phone goes
    from texts and from links that dial.
    """
    text, count = blank_nested(text, secrets)
    if dataless:

        def words(found: re.Match[str]) -> str:
            nonlocal count
            kept, blanked = blank_numbers(found[0], secrets)
            count += blanked
            return kept

        text = _WORDS.sub(words, text)
    for found in _SELLER_NAME.finditer(text):
        secrets.learn_name(html.unescape(found[2]))
    text, names = _SELLER_NAME.subn(rf"\1{MARK}", text)
    metas = 0
    if secrets.phones or secrets.names:

        def described(tag: re.Match[str]) -> str:
            nonlocal metas
            if _DESCRIBES.search(tag[0]) is None:
                return tag[0]
            metas += 1
            return _CONTENT.sub(rf"\1{MARK}\3", tag[0])

        text = _META.sub(described, text)
    return text, count + names + metas


def _broken(text: str, secrets: Secrets) -> tuple[str, int]:
    """Blank what can be told of JSON that cannot be decoded."""
    text, count = blank_nested(text, secrets)
    for found in _BROKEN_SELLER.finditer(text):
        secrets.learn_name(found[2])
    for found in _BROKEN_TEXT.finditer(text):
        blank_numbers(found[2], secrets)
    return text, count


def _blank_own(secrets: Secrets) -> dict[str, str]:
    """Blank one-word names in their own ads; return those texts as HTML, before → after."""
    copies: dict[str, str] = {}
    for name, ad in secrets.ads:
        if (blank := secrets.own_finder(name)) is None:
            continue
        for text in _texts(ad):
            kept, found = blank(text)
            if found:
                copies[html.escape(text)] = html.escape(kept)
        _blank_copies(ad, blank)
    return copies


def _texts(tree: Any) -> Iterator[str]:
    for value in tree.values() if isinstance(tree, dict) else tree:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from _texts(value)


def _blank_copies(tree: Any, blank: Blank) -> int:
    """Blank copies of what was learnt in every text of *tree*, in place."""
    count = 0
    stack: list[Any] = [tree] if isinstance(tree, dict | list) else []
    while stack:
        here = stack.pop()
        pairs = enumerate(here) if isinstance(here, list) else here.items()
        for key, value in list(pairs):
            if isinstance(value, str):
                here[key], found = blank(value)
                count += found
            elif isinstance(value, dict | list):
                stack.append(value)
    return count
