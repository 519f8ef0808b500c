"""Texts made comparable: lower case, without accents, Arabic letters in one shape each.

Folding is for recognising words, never for what is stored: stored text keeps every accent.
"""

import re
import unicodedata
from functools import lru_cache

# Harakat and tatweel carry no meaning for recognition; alef, yeh and teh marbuta are written
# interchangeably on classified sites. Arabic-Indic and Persian digits read as ASCII digits.
ARABIC = str.maketrans("آأإٱىةؤئ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "اااايهوي01234567890123456789.", "ـ٬")
ELSEWHERE = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "’": "'", "‘": "'", "ʼ": "'", "`": "'",
     "ʹ": "'", "ʻ": "'", "՚": "'", "′": "'", "‵": "'", "ꞌ": "'",
     "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-"}
)  # fmt: skip

MARKS = re.compile(
    r"[\u0300-\u036f\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)
ARABIC_BLOCK = re.compile("[\u0600-\u06ff]")


def fold(text: str) -> str:
    """Return *text* in lower case, without accents, with single ASCII spaces and no edges."""
    if text.isascii():
        return " ".join(text.lower().split())
    low = text.lower()
    if ARABIC_BLOCK.search(low):
        low = low.translate(ARABIC)
    low = low.translate(ELSEWHERE)
    bare = MARKS.sub("", unicodedata.normalize("NFKD", low))
    return " ".join(bare.split())


@lru_cache(maxsize=8192)
def fold_often(text: str) -> str:
    """Return `fold` of a short text that comes again in later batches."""
    return fold(text)
