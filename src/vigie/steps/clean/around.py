"""What stands around given words of long texts.

A pattern tried at every letter of a description costs more than everything else done to it. Polars
finds fixed words in one pass (Aho-Corasick), so patterns see only the surroundings of the words
that they are about.
"""

from collections.abc import Sequence

import polars as pl


def around(texts: pl.Series, words: Sequence[str], before: int, after: int) -> pl.Series:
    """Return for each text the surroundings of *words*, one per line; null when none stands there.

    Args:
        texts: Of any length; null gives null.
        words: Found whatever the case of their ASCII letters; an accented word is also found in
            capitals.
        before: Bytes (UTF-8) kept before a word.
        after: Bytes kept from its start on. Occurrences closer than that share one line.
    """
    spellings = [*words, *(word.upper() for word in words if not word.isascii())]
    found = texts.str.find_many(spellings, ascii_case_insensitive=True)
    hit = found.list.len().fill_null(0) > 0
    near = []
    for text, places in zip(texts.filter(hit).to_list(), found.filter(hit).to_list(), strict=True):
        raw = text.encode()
        pieces: list[bytes] = []
        end = -1
        for place in sorted(places):
            if place >= end:
                end = place + after
                pieces.append(raw[max(0, place - before) : end].replace(b"\n", b" "))
        near.append(b"\n".join(pieces).decode(errors="ignore"))
    lines = pl.Series(near, dtype=pl.String)
    rows = pl.DataFrame({"row": hit.arg_true(), "near": lines})
    every = pl.DataFrame({"row": pl.int_range(texts.len(), dtype=pl.UInt32, eager=True)})
    return every.join(rows, on="row", how="left", maintain_order="left")["near"]
