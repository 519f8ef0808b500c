"""Which boards of Personio a query asks: by name, or by a board's address."""

import re
from typing import Final

from vigie.sources.boards import LABEL, Boards

ADDRESS: Final = re.compile(
    r"(?:https?://)?(?P<name>[a-z0-9-]{1,63})\.jobs\.personio\.(?P<land>de|com)(?:[/?#].*)?",
    re.I,
)


def _asked(name: str, found: re.Match[str] | None) -> str:
    """Return where the board *name* is asked."""
    land = found["land"].lower() if found else "de"
    return f"https://{name.lower()}.jobs.personio.{land}/xml"


BOARDS: Final = Boards(
    known=ADDRESS,
    shown="https://acme.jobs.personio.de",
    ask=_asked,
    name=LABEL,
)
