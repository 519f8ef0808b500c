"""Texts without what no store can keep.

Control characters go because PostgreSQL, XML and CSV readers refuse them; lone surrogates because
they are not Unicode text. Everything a person could have typed stays: accents, Arabic, emoji.
"""

import re
from typing import Final

# C0 controls but tab, line feed and carriage return; DEL; surrogates; the two non-characters.
UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")
CONTROLS: Final = bytes((*range(9), 11, 12, *range(14, 32), 127))
NONCHARACTERS: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF in UTF-8

SHORT: Final = 256  # characters up to which one pattern is cheaper than a copy of the bytes


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
    if text.isprintable():  # true of no character that has to go, and quick to see
        return text
    if len(text) < SHORT:
        if not UNSTORABLE.search(text):
            return text
    elif _is_storable(text):
        return text
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return UNSTORABLE.sub("", paired)
