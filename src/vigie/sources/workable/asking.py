"""Which boards of Workable a query asks: by name, or by a board's address."""

import re
from typing import Final

from vigie.sources.boards import Boards

ADDRESS: Final = re.compile(
    r"(?:https?://)?apply\.workable\.com/(?:api/v1/widget/accounts/)?"
    r"(?P<name>[\w.-]+)(?:[/?#].*)?",
    re.I,
)
API: Final = "https://apply.workable.com/api/v1/widget/accounts"


def _asked(name: str, _found: re.Match[str] | None) -> str:
    """Return where the board *name* is asked."""
    return f"{API}/{name}?details=true"


BOARDS: Final = Boards(
    known=ADDRESS,
    shown="https://apply.workable.com/acme",
    ask=_asked,
)
