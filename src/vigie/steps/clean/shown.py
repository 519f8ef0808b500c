"""Shown texts, lightly cleaned: storable characters, no white edges, nothing instead of blank."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl
import polars.selectors as cs

from vigie.model.frames import CARRIED
from vigie.steps.clean.characters import UNSTORABLE_IN_FRAMES

# White space of Unicode, and the invisible marks that pages leave at the edges.
EDGES = " \t\n\r\x0b\x0c\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
EDGES += "\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"


def _storable(text: pl.Expr) -> pl.Expr:
    bare = text.str.replace_all(UNSTORABLE_IN_FRAMES, "").str.strip_chars(EDGES)
    return pl.when(bare != "").then(bare)


@dataclass(frozen=True)
class Shown:
    """Clean every shown text and list of texts in place; an empty text is null.

    ``text_raw`` is left to `Description`, which reads it whole. In a list, empty texts are left
    out; a list keeps its order and repetitions.
    """

    revision: ClassVar[int] = 1

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        texts = cs.string() - cs.by_name(*CARRIED, "text_raw", require_all=False)
        lists = cs.by_dtype(pl.List(pl.String))
        return rows.with_columns(
            _storable(texts), lists.list.eval(_storable(pl.element()).drop_nulls())
        )
