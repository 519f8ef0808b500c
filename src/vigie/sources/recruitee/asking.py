"""Which boards of Recruitee a query asks: by name, or by a board's address."""

import re
from typing import Final

from vigie.sources.boards import LABEL, Boards

ADDRESS: Final = re.compile(
    r"(?:https?://)?(?P<name>[a-z0-9-]{1,63})\.recruitee\.com(?:[/?#].*)?",
    re.I,
)


def _asked(name: str, _found: re.Match[str] | None) -> str:
    """Return where the board *name* is asked."""
    return f"https://{name.lower()}.recruitee.com/api/offers/"


BOARDS: Final = Boards(
    known=ADDRESS,
    shown="https://acme.recruitee.com",
    ask=_asked,
    name=LABEL,
)
