"""Blanking what must never be kept: people by the name of their field, phones and mail addresses
by their shape in the texts that people wrote.

For the sources whose pages are JSON, XML, or HTML that carries JSON. Ids, coordinates, amounts and
addresses are other fields and are not looked at: a score is not a phone. What was blanked is
counted in the capture's note, and blanking twice is as once.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from vigie.model.capture import Capture, merge_notes

MARK: Final = "[…]"
REVISION: Final = "scrub_revision"

PHONE: Final = re.compile(
    r"(?<![\w/=])(?<!\d[.,])(?:"
    # With a country: 7 to 12 digits after it (ITU-T E.164 allows 15 in all).
    r"(?:\+|00)\d{1,3}(?:[\s.\-/]{0,3}\(0\))?(?:[\s.\-/()]{0,3}\d){7,12}"
    # French and Moroccan: 0 and nine digits.
    r"|0[1-9](?:[\s.\-/]{0,3}\d{2}){4}"
    r"|0[5-8](?:[\s.\-_/]{0,3}\d){8}"
    # North American, with separators: without, it could be any number of ten digits.
    r"|(?:1[\s.\-])?\(?[2-9]\d{2}\)?[\s.\-][2-9]\d{2}[\s.\-]\d{4}"
    r")(?!\d)(?![.,]\d)"
)
MAIL: Final = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}")

# What the end of a body that is cut has of a number or an address.
_CUT = re.compile(
    r"(?:(?<![\w.+\-])[\w.+\-]+@[\w.\-]*|(?:\+|00)\d[\d\s.\-()]{3,60}|0\d[\d\s.\-]{3,60})\Z"
)
_SCRIPT = re.compile(r"(<script\b[^<>]*>)(.*?)(</script\s*>|\Z)", re.S | re.I)
_LINE = re.compile(r"(?<=\n)")
_JSON_STARTS = re.compile(r"""[=(,\[{]\s*(?=[\[{"])""")
_READINGS: Final = 20
_TEXT_NODE = re.compile(r"(?<=>)[^<]+(?=<|\Z)")
_WORDED = re.compile(r'(\b(?:alt|title|content|value|aria-label)=")([^"]*)(?=")')
_DIAL = re.compile(r"((?:tel:|mailto:|wa\.me/|whatsapp\.com/send\?phone=)\s*)([^\"'<>\s&?]+)", re.I)

_decode = msgspec.json.Decoder(float_hook=Decimal).decode  # numbers keep their digits
_encode = msgspec.json.Encoder(decimal_format="number").encode


def blank_text(text: str) -> tuple[str, int]:
    """Return *text* without phones and mail addresses, and how many went."""
    total = 0
    while True:  # what goes may uncover what stood too close to it to be told before
        text, phones = PHONE.subn(MARK, text)
        text, mails = MAIL.subn(MARK, text) if "@" in text else (text, 0)
        if not phones + mails:
            return text, total
        total += phones + mails


@dataclass(frozen=True, kw_only=True)
class Blanking:
    """What a source blanks in its pages."""

    revision: str
    """Raised whenever more, or less, is blanked."""
    people: frozenset[str] = frozenset()
    """Fields that hold people, at any depth: their texts and numbers go whole."""
    texts: frozenset[str] | None = None
    """Fields that people wrote. None: every text that holds white space, which ids and addresses
    never do."""

    def json(self, page: Capture) -> Capture:
        """Return *page*, whose body is JSON or one JSON a line, blanked."""
        return self._settled(page, self._json_body)

    def html(self, page: Capture) -> Capture:
        """Return *page* blanked in its markup and in all JSON that its scripts hold."""
        return self._settled(page, self._html_body)

    def xml(self, page: Capture) -> Capture:
        """Return *page* blanked in the texts between its tags, CDATA included."""
        return self._settled(page, self._xml_body)

    def tree(self, tree: Any) -> int:
        """Blank decoded JSON in place, however deep; return how many places were blanked."""
        count = 0
        stack: list[Any] = [tree]
        while stack:
            here = stack.pop()
            keyed: Any = here  # a list is keyed by its places
            if isinstance(here, list):
                pairs = list(enumerate(here))
            elif isinstance(here, dict):
                pairs = list(here.items())
            else:
                continue
            for key, value in pairs:
                if isinstance(key, str) and key in self.people:
                    keyed[key], found = _emptied(value)
                    count += found
                elif isinstance(value, str):
                    if self._written(key, value):
                        keyed[key], found = blank_text(value)
                        count += found
                else:
                    stack.append(value)
        return count

    def _written(self, key: object, value: str) -> bool:
        if self.texts is None:
            return any(map(str.isspace, value.strip())) or "@" in value
        return key in self.texts

    def _settled(self, page: Capture, once: Any) -> Capture:
        """Blank until nothing is left to, and count in the note."""
        text = page.body.decode("utf-8", "surrogateescape")
        total = 0
        while True:
            kept, count = once(text)
            if kept == text or not count:
                break
            text, total = kept, total + count
        if total == 0 and page.note.get(REVISION) == self.revision:
            return page
        before = int(page.note.get("scrubbed", "0"))
        note = {"scrubbed": str(before + total), REVISION: self.revision}
        body = text.encode("utf-8", "surrogateescape") if total else page.body
        return msgspec.structs.replace(page, body=body, note=merge_notes(page.note, note))

    def _json_body(self, text: str) -> tuple[str, int]:
        found = self._value(text.removeprefix("\ufeff"))
        if found is not None:
            return found
        total, out = 0, []
        for line in _LINE.split(text):  # U+2028 and the like stand inside texts
            bare = line.rstrip("\r\n")
            kept, count = self._value(bare) or self._broken(bare)
            total += count
            out.append(kept + line[len(bare) :])
        return "".join(out), total

    def _value(self, text: str) -> tuple[str, int] | None:
        """Return JSON *text* blanked; None when it is no JSON."""
        try:
            tree = _decode(text.encode("utf-8", "surrogateescape"))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None
        count = self.tree(tree)
        return (_encode(tree).decode("utf-8", "surrogateescape"), count) if count else (text, 0)

    def _broken(self, text: str) -> tuple[str, int]:
        """Blank what can be told of JSON that cannot be decoded."""
        count = 0
        for name in sorted(self.people):
            value = r'(?:\{(?!\s*\})[^{}]*(?:\}|\Z)|"(?:[^"\\]|\\.)+(?:"|\Z))'
            text, found = re.subn(rf'("{re.escape(name)}"\s*:\s*){value}', r'\1""', text)
            count += found
        text, shaped = blank_text(text)
        text, ends = _CUT.subn(MARK, text)
        return text, count + shaped + ends

    def _xml_body(self, text: str) -> tuple[str, int]:
        count = 0

        def node(found: re.Match[str]) -> str:
            nonlocal count
            kept, blanked = blank_text(found[0])
            count += blanked
            return kept

        text = re.sub(
            r"(?<=>)[^<]+(?=<|\Z)|(?<=<!\[CDATA\[).*?(?=\]\]>|\Z)", node, text, flags=re.S
        )
        for name in sorted(self.people):
            inside = re.compile(
                # Neither an empty part nor one that closes itself: what follows is another's.
                rf"(<{re.escape(name)}\b[^<>]*(?<!/)>)(?!</{re.escape(name)}>)"
                rf"(.+?)(</{re.escape(name)}>|\Z)",
                re.S,
            )
            text, found = inside.subn(r"\1\3", text)
            count += found
        return text, count

    def _html_body(self, text: str) -> tuple[str, int]:
        count = 0

        def script(found: re.Match[str]) -> str:
            nonlocal count
            kept, blanked = self._script(found[2])
            count += blanked
            return f"{found[1]}{kept}{found[3]}"

        def words(found: re.Match[str]) -> str:
            nonlocal count
            kept, blanked = blank_text(found[0])
            count += blanked
            return kept

        def worded(found: re.Match[str]) -> str:
            nonlocal count
            kept, blanked = blank_text(found[2])
            count += blanked
            return found[1] + kept

        def dialled(found: re.Match[str]) -> str:
            nonlocal count
            if found[2] == MARK:
                return found[0]
            count += 1
            return found[1] + MARK

        pieces, end = [], 0
        for found in _SCRIPT.finditer(text):
            pieces += [text[end : found.start()], script(found)]
            end = found.end()
        pieces.append(text[end:])
        for at in range(0, len(pieces), 2):
            markup = _DIAL.sub(dialled, pieces[at])
            markup = _TEXT_NODE.sub(words, markup)
            pieces[at] = _WORDED.sub(worded, markup)
        return "".join(pieces), count

    def _script(self, code: str) -> tuple[str, int]:
        """Blank every JSON value that a script assigns, passes or is; also JSON in a JSON text."""
        whole = self._value(code)
        if whole is not None:
            return whole[0].replace("</", "<\\/") if whole[1] else code, whole[1]
        out, end, total = [], 0, 0
        for at, length in _values(code):
            if at < end:
                continue
            inner, count = self._inner(code[at : at + length])
            if count:
                out += [code[end:at], inner]
                end, total = at + length, total + count
        out.append(code[end:])
        return "".join(out), total

    def _inner(self, literal: str) -> tuple[str, int]:
        try:
            tree = _decode(literal.encode("utf-8", "surrogateescape"))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return self._broken(literal)
        if isinstance(tree, str):
            nested = self._value(tree) or blank_text(tree)
            return (_as_script(nested[0]), nested[1]) if nested[1] else (literal, 0)
        count = self.tree(tree)
        return (_as_script(tree), count) if count else (literal, 0)


def _as_script(tree: Any) -> str:
    return _encode(tree).decode("utf-8", "surrogateescape").replace("</", "<\\/")


def _values(code: str) -> Iterator[tuple[int, int]]:
    """Yield where JSON objects, lists and texts start in a script, and how long they are.

    What opens without end is read to the end once for each opening: when that has cost as much as
    reading the script `_READINGS` times, all that is left of it is yielded as one, broken.
    """
    scan, end = json.JSONDecoder(strict=False).raw_decode, 0
    left = _READINGS * len(code)
    for found in _JSON_STARTS.finditer(code):
        at = found.end()
        if at < end:
            continue
        try:
            _, end = scan(code, at)
        except (ValueError, RecursionError) as error:
            left -= _cost(error, code, at)
            if left < 0:
                yield at, len(code) - at
                return
            continue
        yield at, end - at


def _cost(error: Exception, code: str, at: int) -> int:
    """Return how many characters were read, about, before *error* told that *at* opens no JSON."""
    counted = at // 100  # an error counts the lines before it, much faster than they are read
    if isinstance(error, json.JSONDecodeError) and not error.msg.startswith("Unterminated"):
        return error.pos - at + 1 + counted
    return len(code) - at + counted


def _emptied(value: Any) -> tuple[Any, int]:
    """Return an empty value of the same type, and 1 when anything went."""
    if isinstance(value, dict):
        return {}, int(bool(value))
    if isinstance(value, list):
        return [], int(bool(value))
    if isinstance(value, str):
        return "", int(value != "")
    if value is None or isinstance(value, bool):
        return value, 0
    return None, 1
