"""Blanking a chunk: its personal columns, and phones and mail addresses in people's words."""

import csv
import io
import re
from typing import Any, Final

import msgspec

from vigie.model.capture import Capture, merge_notes

from .chunks import is_junk
from .filemap import FileMap
from .jsonfile import decoder, encoder
from .rows import columns_of_csv, rows_of

REVISION: Final = "1"
MARK: Final = "[…]"

# International numbers by their +, North American ones by their groups, French and Moroccan ones
# by their leading 0. Bare digits without a group or a prefix are not taken for a phone.
PHONE: Final = re.compile(
    r"(?<![\d$€£])(?<!\d[.,])(?:"
    r"\+\d{1,3}[\s.\-]{0,2}(?:\(\d{1,4}\)[\s.\-]{0,2})?\d{1,4}(?:[\s.\-]{0,2}\d{2,4}){2,4}"
    r"|(?:1[\s.\-])?(?:\([2-9]\d{2}\)\s{0,2}|[2-9]\d{2}[\s.\-])[2-9]\d{2}[\s.\-]\d{4}"
    r"|0[1-9](?:[\s.\-]?\d{2}){4}"
    r")(?!\d)"
)
MAIL: Final = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}")


def scrubbed(page: Capture, found: FileMap) -> Capture:
    """Return *page* blanked, with how many places in the note ``scrubbed``; twice is as once."""
    body, count = _body(page, found)
    if count == 0 and page.note.get("scrub_revision") == REVISION:
        return page
    before = int(page.note.get("scrubbed", "0"))
    note = {"scrubbed": str(before + count), "scrub_revision": REVISION}
    return msgspec.structs.replace(page, body=body, note=merge_notes(page.note, note))


def _body(page: Capture, found: FileMap) -> tuple[bytes, int]:
    if not found.personal and not found.texts:
        return page.body, 0
    form = page.note.get("format")
    start = page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if form == "jsonl" or (form is None and start in (b"{", b"[")):
        return _json_lines(page.body, found)
    return _csv(page, found)


def _json_lines(body: bytes, found: FileMap) -> tuple[bytes, int]:
    total = 0
    out = []
    for line in body.split(b"\n"):
        kept, count = _json_line(line, found) if line.strip() else (line, 0)
        total += count
        out.append(kept)
    return (b"\n".join(out), total) if total else (body, 0)


def _json_line(line: bytes, found: FileMap) -> tuple[bytes, int]:
    try:
        held: Any = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        if is_junk(line):
            return line, 0
        if found.personal:  # what of a broken record is personal, nobody knows
            return msgspec.json.encode(f"«broken record of {len(line)} bytes»"), 1
        text, count = blank_text(line.decode("utf-8", "surrogateescape"))
        return (text.encode("utf-8", "surrogateescape"), count) if count else (line, 0)
    if not isinstance(held, dict):
        return line, 0
    count = 0
    for column in found.personal:
        if column in held:
            del held[column]
            count += 1
    for column in found.texts:
        if isinstance(words := held.get(column), str):
            held[column], blanked = blank_text(words)
            count += blanked
    return (encoder.encode(held), count) if count else (line, 0)


def _csv(page: Capture, found: FileMap) -> tuple[bytes, int]:
    mark = page.note.get("delimiter", "")
    header = columns_of_csv(page.body, mark)
    keep = [name for name in header if name not in found.personal]
    total = len(header) - len(keep)
    known = set(found.header) <= set(header)
    # Under a header that the map does not know, every column may hold people's words.
    texts = [name for name in keep if not known or name in found.texts]
    rows = rows_of(page.body, page.note)
    blanked: list[dict[str, str] | None] = []
    for row in rows:
        if row.cells is None:
            blanked.append(None)
            total += blank_text(row.text)[1]
            continue
        changed = {}
        for name in texts:
            told, count = blank_text(row.cells[name])
            if count:
                changed[name] = told
                total += count
        blanked.append(row.cells | changed)
    if not total:
        return page.body, 0
    out = io.StringIO()
    write = csv.writer(out, delimiter=mark or _mark_of(page.body), lineterminator="\n").writerow
    write(keep)
    for row, cells in zip(rows, blanked, strict=True):
        if cells is not None:
            write([cells[name] for name in keep])
        elif found.personal and row.problem != "junk_line":
            write([f"«bad row: {row.detail}»"])  # what of it is personal, nobody knows
        else:
            write([blank_text(row.text)[0]])
    return out.getvalue().encode("utf-8", "surrogatepass"), total


def _mark_of(body: bytes) -> str:
    from .csvfile import delimiter_of

    return delimiter_of(body.split(b"\n", 1)[0].decode("utf-8", "replace"))


def blank_text(text: str) -> tuple[str, int]:
    """Return *text* without what is written like a phone or mail address, and how many went."""
    total = 0
    while True:  # what goes may uncover what stood too close to it to be told before
        text, phones = PHONE.subn(MARK, text)
        text, mails = MAIL.subn(MARK, text) if "@" in text else (text, 0)
        if not phones + mails:
            return text, total
        total += phones + mails
