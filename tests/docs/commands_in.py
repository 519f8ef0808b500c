"""The command lines that a page shows, with what it says they print."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
WRITTEN = [page for page in PAGES if page.parent.name != "reference"]

_BLOCK = re.compile(r"^```(console|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """One command line of a page."""

    line: str
    printed: tuple[str, ...]
    """The lines that the page says it prints; none: the page does not say."""

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line, comments=True)


def commands_in(page: Path) -> Iterator[Shown]:
    """Yield every command of the page's ``console`` and ``sh`` blocks, in order."""
    for kind, block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "sh":
            yield from (Shown(line, ()) for line in block.splitlines() if line.strip())
            continue
        line, printed = "", list[str]()
        for row in [*block.splitlines(), "$ "]:
            if row.startswith("$ "):
                if line:
                    yield Shown(line, tuple(printed))
                line, printed = row.removeprefix("$ "), []
            else:
                printed.append(row)
