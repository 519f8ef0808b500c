"""Blanking what people left in an offer: its contact, its agency, and phones and addresses in text.

Contacts and agencies go whole, by their field: they hold recruiters' names, phones and mailboxes.
In texts only what is written like a phone number or a mail address goes; coordinates, pay, codes
and ids are other fields and are not looked at.
"""

import re
from decimal import Decimal
from typing import Any, Final

import msgspec

from vigie.model.capture import Capture, merge_notes

REVISION: Final = "1"
MARK: Final = "[…]"

_PEOPLE = ("contact", "agence")
_TEXTS = frozenset({"description", "intitule", "commentaire", "conditionExercice"})

# French numbers: 0 or +33, nine digits, in pairs or not. Longer runs of digits (SIRET) are not.
PHONE = re.compile(
    r"(?<!\d)(?<!\d[.,])(?:(?:\+|00)33[\s.\-]{0,2}(?:\(0\)[\s.\-]{0,2})?|0)[1-9](?:[\s.\-/]{0,2}\d{2}){4}"
    r"(?!\d)"
)
MAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}")
# A body that is no longer JSON (cut, mangled) is blanked as text.
_PEOPLE_TEXT = re.compile(r'("(?:contact|agence)"\s*:\s*)\{(?!\s*\})[^{}]*(?:\}|\Z)')

# What the end of a cut body has of a number or an address.
_CUT = re.compile(r"(?:[\w.+\-]+@[\w.\-]*|(?:\+|00)?\d[\d\s.\-()]{3,})\Z")

_decoder = msgspec.json.Decoder(float_hook=Decimal)  # numbers keep their digits
_encoder = msgspec.json.Encoder(decimal_format="number")


def scrubbed(page: Capture) -> Capture:
    """Return *page* blanked, with how many places in the note ``scrubbed``; twice is as once."""
    body, count = _body(page.body)
    if count == 0 and page.note.get("scrub_revision") == REVISION:
        return page
    before = int(page.note.get("scrubbed", "0"))
    note = {"scrubbed": str(before + count), "scrub_revision": REVISION}
    return msgspec.structs.replace(page, body=body, note=merge_notes(page.note, note))


def _body(body: bytes) -> tuple[bytes, int]:
    try:
        answer: Any = _decoder.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _lines(body)
    count = _blank(answer)
    return (_encoder.encode(answer), count) if count else (body, 0)


def _lines(body: bytes) -> tuple[bytes, int]:
    """Blank a body of one offer a line; what is no JSON is blanked as text."""
    total, out = 0, []
    if not _is_json(body.lstrip().split(b"\n", 1)[0]):
        return _as_text(body)
    for line in body.splitlines(keepends=True):
        end = line[len(line.rstrip(b"\r\n")) :]
        try:
            answer: Any = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            kept, count = _as_text(line)
        else:
            count = _blank(answer)
            kept = _encoder.encode(answer) + end if count else line
        total += count
        out.append(kept)
    return (b"".join(out), total) if total else (body, 0)


def _is_json(line: bytes) -> bool:
    try:
        _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def _as_text(line: bytes) -> tuple[bytes, int]:
    text = line.decode("utf-8", "surrogateescape")
    text, people = _PEOPLE_TEXT.subn(r"\1{}", text)
    text, count = _blank_text(text)
    text, ends = _CUT.subn(MARK, text)
    total = people + count + ends
    return (text.encode("utf-8", "surrogateescape"), total) if total else (line, 0)


def _blank(part: Any) -> int:
    """Blank *part* in place, however deep; return how many places were blanked."""
    count = 0
    stack = [part]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            stack.extend(here)
        elif isinstance(here, dict):
            for key, value in here.items():
                if key in _PEOPLE and value:
                    here[key] = {}
                    count += 1
                elif key in _TEXTS and isinstance(value, str):
                    text, found = _blank_text(value)
                    if found:
                        here[key] = text
                        count += found
                elif isinstance(value, dict | list):
                    stack.append(value)
    return count


def _blank_text(text: str) -> tuple[str, int]:
    total = 0
    while True:  # what goes may uncover what stood too close to it to be told before
        text, phones = PHONE.subn(MARK, text)
        text, mails = MAIL.subn(MARK, text) if "@" in text else (text, 0)
        if not phones + mails:
            return text, total
        total += phones + mails
