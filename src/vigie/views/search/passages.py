"""Passages of a text that show why it was found, matches between ⟦ and ⟧."""

import re
from typing import Final

from vigie.views.search.question import parts
from vigie.views.search.words import plain, stems

PIECES_BEFORE: Final = 8
PIECES_IN_ALL: Final = 34
"""About 200 letters: two lines of a list."""

_PIECE: Final = re.compile(r"\S+")
_EDGES: Final = re.compile(r"^([^\w.+#]*)(.*?)([^\w+#]*)$", re.DOTALL)


def mark(question: str, text: str) -> str:
    """Return a passage of *text* with what *question* found marked; empty when nothing is in it."""
    wanted = [part for part in parts(question) if not part.excluded]
    words = {stem for part in wanted for stem in part.stems}
    starts = tuple(part.start for part in wanted if part.start)
    if not words:
        return ""
    pieces = [match.span() for match in _PIECE.finditer(text)]
    hits = [
        at for at, (start, end) in enumerate(pieces) if _matches(text[start:end], words, starts)
    ]
    if not hits:
        return ""
    first = max(0, hits[0] - PIECES_BEFORE)
    last = min(len(pieces), first + PIECES_IN_ALL)
    marked = set(hits)
    shown = [
        _EDGES.sub(r"\1⟦\2⟧\3", text[start:end], count=1) if at in marked else text[start:end]
        for at, (start, end) in enumerate(pieces[first:last], first)
    ]
    return f"{'… ' if first else ''}{' '.join(shown)}{' …' if last < len(pieces) else ''}"


def _matches(piece: str, words: set[str], starts: tuple[str, ...]) -> bool:
    if not words.isdisjoint(stems(piece).split()):
        return True
    return bool(starts) and any(word.startswith(starts) for word in plain(piece).split())
