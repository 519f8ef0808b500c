"""What a person typed, as parts to find; every text has a reading, none is an error.

Words are cut as texts are. A piece that holds several words (``e-commerce``, ``node.js``) is a
phrase; pieces that only list (``CDI/CDD``) are words apart. Function words are left out when other
words remain: they narrow nothing and a short card may lack them.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from vigie.views.search.words import plain, stems

FUNCTION_WORDS: Final = frozenset(
    {"a", "au", "aux", "avec", "ce", "ces", "chez", "d", "dans", "de", "des", "du", "en", "et"}
    | {"l", "la", "le", "les", "ou", "par", "pour", "qu", "sur", "un", "une"}
    | {"an", "and", "at", "for", "in", "of", "or", "the", "to", "with"}
)
"""French and English words that carry no meaning in a question, folded."""

_PART: Final = re.compile(r'(-?)(?:["“”«]\s*([^"“”»]*)["“”»]?|([^\s"“”«»]+))')
_LIST: Final = re.compile(r"[/|,;]+")
_ELIDED: Final = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’ʼ](?=\w)", re.IGNORECASE)


class Part(msgspec.Struct, frozen=True):
    """Words that stand together: one, or a phrase."""

    stems: tuple[str, ...]
    excluded: bool = False
    start: str = ""
    """Folded beginning of a word (``dev*``); the stems are then only another chance."""


def clean(text: str) -> str:
    """Return *text* as Unicode can write it: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _parts(text: str) -> Iterator[tuple[Part, bool]]:
    """Yield each part, and whether it may be left out as a mere function word."""
    for minus, phrase, piece in _PART.findall(text):
        excluded = bool(minus)
        if phrase:
            if found := tuple(stems(phrase).split()):
                yield Part(found, excluded), False
            continue
        for one in _LIST.split(piece):
            bare = _ELIDED.sub("", one)
            found = tuple(stems(bare).split())
            if not found:
                continue
            start = ""
            if bare.endswith("*") and len(found) == 1:
                start = plain(bare)
            elif bare.endswith("*"):
                found = found[:-1] + tuple(plain(bare).split()[-1:])
            mere = not start and not excluded and plain(bare) in FUNCTION_WORDS
            yield Part(found, excluded, start), mere


def parts(text: str) -> tuple[Part, ...]:
    """Return the distinct parts of *text*, in order; none when it holds no word at all.

    ``"…"`` holds a phrase (to the end of the text when it is not closed), ``-`` before a word or
    phrase excludes it, ``*`` after a word finds what begins with it. There are no other signs.
    """
    found = list(dict.fromkeys(_parts(clean(text))))
    needed = [part for part, mere in found if not mere]
    if any(not part.excluded for part in needed):
        return tuple(needed)
    return tuple(part for part, _ in found)
