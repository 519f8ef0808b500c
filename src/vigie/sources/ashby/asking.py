"""Which boards of Ashby a query asks: by name, or by a board's address."""

import re
from typing import Final

from vigie.sources.boards import Boards

ADDRESS: Final = re.compile(
    r"(?:https?://)?(?:jobs\.ashbyhq\.com/|api\.ashbyhq\.com/posting-api/job-board/)"
    r"(?P<name>[\w.-]+)(?:[/?#].*)?",
    re.I,
)
API: Final = "https://api.ashbyhq.com/posting-api/job-board"


def _asked(name: str, _found: re.Match[str] | None) -> str:
    """Return where the board *name* is asked."""
    return f"{API}/{name}?includeCompensation=true"


BOARDS: Final = Boards(
    known=ADDRESS,
    shown="https://jobs.ashbyhq.com/acme",
    ask=_asked,
)
