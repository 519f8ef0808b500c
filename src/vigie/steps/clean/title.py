"""Titles: entities, mark-up, mojibake and white space repaired; a job or ad needs one."""

import re
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from vigie.model.frames import reject
from vigie.model.storable import drop_unstorable
from vigie.steps.clean.characters import mend, unescape
from vigie.steps.distinct import per_distinct

# Mark-up that search pages put into titles (highlights, line breaks). "C <T>" is no such thing.
MARKUP = re.compile(
    r"</?(?:b|i|u|em|strong|mark|span|small|br|p|font|sup|sub)(?:\s[^<>]*)?/?>", re.I
)


def read_title(shown: str | None) -> str | None:
    """Return a title on one line as a person would type it; None when nothing is left.

    Accents, Arabic, emoji and inner punctuation stay as they are.
    """
    if shown is None:
        return None
    text = drop_unstorable(shown)
    for _ in range(2):  # feeds escape once too often, never three times
        text = unescape(text)
    if "<" in text:
        text = MARKUP.sub(" ", text)
    return " ".join(mend(text).replace("\u200b", "").replace("\ufeff", "").split()) or None


@dataclass(frozen=True)
class Title:
    """Clean ``title`` in place.

    With *needed* (the bit of ``carried`` that says the page tells the title), reject a listing
    without one as ``no_title``. A full page that does not tell the title is not rejected: its
    card told it.
    """

    revision: ClassVar[int] = 1
    needed: int = 0

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = per_distinct(
            rows, ["title"], lambda shown: (read_title(shown),), {"title": pl.String()}
        )
        if not self.needed:
            return rows
        told = (pl.col("carried").fill_null(-1) & self.needed) != 0
        blank = pl.col("title").is_null() & (told | (pl.col("reading") != "full").fill_null(True))
        return reject(rows, when=blank, reason="no_title")
