"""Repairs of text that was decoded or escaped wrongly."""

import html
import re
from functools import lru_cache

import ftfy

from vigie.model.storable import drop_unstorable

# `vigie.model.storable` for Polars, whose strings cannot hold surrogates.
UNSTORABLE_IN_FRAMES = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F\x{FFFE}\x{FFFF}]+"

# An entity needs its semicolon here: "?a=1&copy=2" and "R&D" are not entities.
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

# UTF-8 read as Windows-1252 or Latin-1 leaves a lead byte's letter followed by what a
# continuation byte becomes. Correct French has no such pair, so ftfy is not even asked.
LEADS = "ÃÂÄÅÆÎÐÑØÙÚÛãäåð"
SUSPECT = re.compile(
    f"[{LEADS}â][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|ï(?:»¿|¿½)|[ØÙ][\x80-\xbf\u2018-\u203a]"
)


def unescape(text: str) -> str:
    """Return *text* with complete HTML entities replaced by their characters, once."""
    if "&" not in text:
        return text
    return drop_unstorable(ENTITY.sub(lambda found: html.unescape(found.group()), text))


@lru_cache(maxsize=4096)
def _mend_line(line: str) -> str:
    return drop_unstorable(ftfy.fix_encoding(line))


def mend(text: str) -> str:
    """Return *text* with mojibake undone ("dÃ©veloppeur" is "développeur"), line by line.

    A line that shows no trace of it, or where undoing would not make better text, is unchanged.
    """
    if text.isascii() or not ("â" in text or "ï" in text or any(lead in text for lead in LEADS)):
        return text
    if not SUSPECT.search(text):
        return text
    return "\n".join(
        _mend_line(line) if SUSPECT.search(line) else line for line in text.split("\n")
    )
