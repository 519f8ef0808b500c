"""Which boards of Lever a query asks: by name, or by a board's address."""

import re
from typing import Final

from vigie.sources.boards import Boards

ADDRESS: Final = re.compile(
    r"(?:https?://)?(?:jobs|api)\.(?P<eu>eu\.)?lever\.co/(?:v0/postings/)?"
    r"(?P<name>[\w.-]+)(?:[/?#].*)?",
    re.I,
)


def _asked(name: str, found: re.Match[str] | None) -> str:
    """Return where the board *name* is asked."""
    european = "eu." if found and found["eu"] else ""
    return f"https://api.{european}lever.co/v0/postings/{name}?mode=json"


BOARDS: Final = Boards(
    known=ADDRESS,
    shown="https://jobs.lever.co/acme",
    ask=_asked,
)
