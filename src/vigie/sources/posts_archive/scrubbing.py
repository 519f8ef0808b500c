"""What is kept of an archive: the columns that are read, authors as keys, texts without people."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from vigie.model.capture import Capture, merge_notes
from vigie.sources.authors import AuthorBlanking
from vigie.sources.blanking import REVISION as REVISION_NOTE
from vigie.sources.blanking import blank_text

from .columns import columns_of
from .records import Row, records_of, written

REVISION: Final = "1"
_PROFILE: Final = re.compile(
    r"((?:twitter|x|bsky)\.(?:com|app)/(?:profile/)?)(?!(?:i|hashtag|search)\b|\[…\])[^/\s?]+", re.I
)
_TEXTS: Final = ("text", "other_text", "place", "topic")


def scrubbed(source: str, page: Capture, named: Mapping[str, str], secret: bytes) -> Capture:
    """Return *page* blanked, with how many places in the note ``scrubbed``; twice is as once."""
    if page.note.get(REVISION_NOTE) == REVISION:
        return page  # written by us: its records are as they shall be
    blanking = AuthorBlanking(
        revision=REVISION, source=source, secret=secret, names=((_PROFILE, r"\1[…]"),)
    )
    found = records_of(page.body)
    columns = columns_of(found.names, named)
    kept = [name for name in found.names if name in columns.values()]
    count = len(set(found.names) - set(kept))
    rows: list[Row] = []
    for row in found.rows:
        clean, blanked = _blanked(row, columns, blanking)
        rows.append(clean)
        count += blanked
    count += found.rows.count(None)
    body = written(rows, kept, found.delimiter) if count else page.body
    before = int(page.note.get("scrubbed", "0"))
    note = {"scrubbed": str(before + count), REVISION_NOTE: REVISION}
    return msgspec.structs.replace(page, body=body, note=merge_notes(page.note, note))


def _blanked(row: Row, columns: Mapping[str, str], blanking: AuthorBlanking) -> tuple[Row, int]:
    """Return the columns of a record that are read, blanked, and how many places were."""
    if row is None:
        return None, 0
    count, clean = 0, {}
    for what, name in columns.items():
        if name not in row:
            continue
        value: Any = row[name]
        if what == "author":
            value = blanking.key(value)
        elif what == "id" or not isinstance(value, str):
            value = value if isinstance(value, str | int | float | None) else None
        elif what in _TEXTS:
            value = _text(value, blanking)
        count += int(value != row[name])
        clean[name] = value
    return clean, count


def _text(text: str, blanking: AuthorBlanking) -> str:
    while True:  # what goes may uncover what stood too close to it to be told before
        kept = blank_text(blanking.text(text)[0])[0]
        if kept == text:
            return kept
        text = kept
