"""Characters that no store can keep, and repairs of text that was decoded wrongly.

Control characters go because PostgreSQL, XML and CSV readers refuse them; lone surrogates because
they are not Unicode text. Everything a person could have typed stays: accents, Arabic, emoji.
"""

import html
import re
from functools import lru_cache

import ftfy

# C0 controls but tab, line feed and carriage return; DEL; surrogates; the two non-characters.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")

# The same for Polars, whose strings cannot hold surrogates.
UNSTORABLE_IN_FRAMES = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F\x{FFFE}\x{FFFF}]+"

# An entity needs its semicolon here: "?a=1&copy=2" and "R&D" are not entities.
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

# UTF-8 read as Windows-1252 or Latin-1 leaves a lead byte's letter followed by what a
# continuation byte becomes. Correct French has no such pair, so ftfy is not even asked.
LEADS = "ÃÂÄÅÆÎÐÑØÙÚÛãäåð"
SUSPECT = re.compile(
    f"[{LEADS}â][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|ï(?:»¿|¿½)|[ØÙ][\x80-\xbf\u2018-\u203a]"
)
CONTROLS = bytes((*range(9), 11, 12, *range(14, 32), 127))
NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF in UTF-8

SHORT = 256  # characters up to which one pattern is cheaper than a copy of the bytes


def _is_storable(text: str) -> bool:
    """Return whether nothing has to go. One table look-up a byte: on a description, ten times as
    fast as the pattern."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return len(encoded.translate(None, CONTROLS)) == len(encoded) and not any(
        one in encoded for one in NONCHARACTERS
    )


def drop_unstorable(text: str) -> str:
    """Return *text* without control characters and lone surrogates; halves of a pair are joined."""
    if len(text) < SHORT:
        if not UNSTORABLE.search(text):
            return text
    elif _is_storable(text):
        return text
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return UNSTORABLE.sub("", paired)


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
