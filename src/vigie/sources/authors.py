"""Blanking who wrote a post and whom it addresses, beside phones and mail addresses.

For the sources of posts. A site says which of its fields hold an author's id, which hold people,
and what else names somebody; the rest of the page stays as it came.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.model.pseudonym import KEYED, author_key, without_handles
from vigie.sources.blanking import Blanking, blank_text

Change = Callable[[dict[str, Any]], int]
Instead = str | Callable[[re.Match[str]], str]

AUTHOR_SECRET: Final = {"secret": True}
"""Metadata of a field that no settings file may hold: wiring fills it."""


@dataclass(frozen=True, kw_only=True)
class AuthorBlanking(Blanking):
    """What a source of posts blanks. `people` are fields that go whole."""

    source: str
    secret: bytes = field(default=b"", repr=False)
    """Without it authors are blanked and posts have no author's key."""
    authors: frozenset[str] = frozenset()
    """Fields that hold an author's id: it becomes the author's key."""
    change: Change | None = None
    """What else the site needs, done once for every object; returns how many places went."""
    names: tuple[tuple[re.Pattern[str], Instead], ...] = ()
    """What in any text names somebody (a profile's address), and what stands there instead."""

    def key(self, value: Any) -> str:
        """Return what stands in place of an author's id; empty when there is no secret."""
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if text.startswith(KEYED) or not text:
            return text
        key = author_key(self.secret, self.source, text)
        return f"{KEYED}{key}" if key else ""

    def text(self, text: str) -> tuple[str, int]:
        """Return *text* without names, handles and mail addresses, and how many went."""
        total = 0
        for pattern, instead in self.names:
            kept = pattern.sub(instead, text)
            text, total = kept, total + (kept != text)
        if "@" in text or "＠" in text:
            # Mail first: of "jean@x.example" the handle is the wrong half.
            text, mails = blank_text(text)
            text, handles = without_handles(text)
            total += mails + handles
        return text, total

    def tree(self, tree: Any) -> int:
        """Blank decoded JSON in place; return how many places were blanked."""
        count = 0
        stack: list[Any] = [tree]
        while stack:
            here = stack.pop()
            if isinstance(here, list):
                count += self._texts(here, list(enumerate(here)))
                stack.extend(here)
            elif isinstance(here, dict):
                count += self.change(here) if self.change else 0
                count += self._authors(here)
                pairs = [pair for pair in here.items() if pair[0] not in self.people]
                count += self._texts(here, pairs)
                stack.extend(value for name, value in here.items() if name not in self.people)
        return count + super().tree(tree)

    def _authors(self, here: dict[str, Any]) -> int:
        count = 0
        for name in self.authors & here.keys():
            kept = self.key(here[name])
            if isinstance(here[name], str | int) and kept != here[name]:
                here[name] = kept
                count += 1
        return count

    def _texts(self, here: Any, pairs: list[tuple[Any, Any]]) -> int:
        count = 0
        for name, value in pairs:
            if isinstance(value, str) and name not in self.authors:
                here[name], found = self.text(value)
                count += found
        return count

    def _broken(self, text: str) -> tuple[str, int]:
        """Blank what can be told of JSON that cannot be decoded; ids go, since none can be told."""
        text, count = super()._broken(text)
        for name in sorted(self.authors):
            value = rf'(?!"(?:{KEYED}|")|[\s\]}},]|null)(?:"(?:[^"\\]|\\.)*(?:"|\Z)|[^\s,\]}}]+)'
            text, found = re.subn(rf'("{re.escape(name)}"\s*:\s*){value}', r'\1""', text)
            count += found
        text, found = self.text(text)
        return text, count + found
