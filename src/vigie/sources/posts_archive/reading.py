"""Reading one record: the archive's columns in the model's names."""

import re
from typing import Final, NamedTuple

from vigie.errors import RecordError
from vigie.model.listing import Listing, Shown
from vigie.model.pseudonym import kept_key
from vigie.sources.values import text, whole

from .records import Row

REPOSTS: Final = frozenset({"retweet", "retweeted", "repost", "reblog"})
REPLIES: Final = frozenset({"reply", "replied_to"})
_FLOAT: Final = re.compile(r"(\d{1,25})\.0+")
_STARTS: Final = re.compile(r"RT @(?:\[…\]|\w+): ")


class Record(NamedTuple):
    """One record, with what its columns are."""

    row: Row
    columns: dict[str, str]

    def told(self, what: str) -> str | None:
        """Return what a column tells; pandas writes nothing as ``nan``."""
        if self.row is None or what not in self.columns:
            return None
        found = text(self.row, self.columns[what])
        return None if found in ("nan", "NaN", "None", "null", "NA") else found

    def number(self, what: str) -> int | None:
        """Return a count; pandas writes 3 as ``3.0``."""
        told = self.told(what)
        found = _FLOAT.fullmatch(told.strip()) if told else None
        return whole({"n": found[1] if found else told}, "n")

    def reference(self, what: str) -> str | None:
        """Return the id of another post."""
        told = self.told(what)
        found = _FLOAT.fullmatch(told.strip()) if told else None
        return found[1] if found else told


def listing_of(record: Record, topic: str | None) -> Listing:
    """Return *record* as a listing.

    Raises:
        RecordError: ``bad_row``, ``no_id`` or ``no_text``.
    """
    if record.row is None:
        raise RecordError("bad_row")
    native_id = record.reference("id")
    if native_id is None:
        raise RecordError("no_id")
    shown = record.told("text")
    if shown is None:
        raise RecordError("no_text", native_id)
    how = (record.told("how") or "").lower()
    repeated = record.reference("repost_of")
    answered = record.reference("reply_to")
    if how in REPOSTS:
        repeated = repeated or record.reference("other_id")
    elif how in REPLIES:
        answered = answered or record.reference("other_id")
    whole_text = True
    if repeated or how in REPOSTS:
        original = record.told("other_text")
        whole_text = original is not None or not shown.rstrip().endswith("…")
        shown = original or _STARTS.sub("", shown, count=1)
    values: dict[str, Shown] = {
        "text_raw": shown if whole_text else None,
        "summary": None if whole_text else shown,
        "lang_raw": record.told("lang"),
        "posted_raw": record.told("posted"),
        "place_raw": record.told("place"),
        "topic": record.told("topic") or topic,
        "author_key": kept_key(record.told("author")),
        "reply_to": answered,
        "repost_of": repeated,
        # Of a repost, archives give the counts of what it repeats.
        **{
            name: None if repeated else record.number(name)
            for name in ("likes", "reposts", "replies", "quotes")
        },
    }
    return Listing(
        kind="post", native_id=native_id, reading="full" if whole_text else "card",
        layer="archive", values=values,
    )  # fmt: skip
