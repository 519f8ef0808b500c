"""Which boards of Greenhouse a query asks: by name, or by a board's address."""

import re
from typing import Final

from vigie.sources.boards import Boards

ADDRESS: Final = re.compile(
    r"(?:https?://)?(?:(?:job-)?boards(?:\.eu)?\.greenhouse\.io/(?:embed/job_board(?:/js)?\?for=)?"
    r"|boards-api(?:\.eu)?\.greenhouse\.io/v1/boards/)(?P<name>[\w.-]+)(?:[/?#&].*)?",
    re.I,
)
API: Final = "https://boards-api.greenhouse.io/v1/boards"


def _asked(name: str, _found: re.Match[str] | None) -> str:
    """Return where the board *name* is asked."""
    # With pay_transparency the API adds the pay ranges that the employer shows.
    return f"{API}/{name}/jobs?content=true&pay_transparency=true"


BOARDS: Final = Boards(
    known=ADDRESS,
    shown="https://job-boards.greenhouse.io/acme",
    ask=_asked,
)
