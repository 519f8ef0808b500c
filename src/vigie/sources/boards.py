"""Which job boards a query asks: by name, or by an address that people know the board by.

For the sources of systems on which each employer has a board of its own. A board cannot be
searched: it is asked whole, and what is found is filtered.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from vigie.errors import ConfigError
from vigie.model.capture import Query, Request

NAME: Final = re.compile(r"(?!\.+\Z)[A-Za-z0-9._-]{1,100}")
"""What a board may be called that stands in a path: with anything else, another address would be
asked."""
LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""What a board may be called that is a host."""


@dataclass(frozen=True, kw_only=True)
class Boards:
    """How the boards of one system are named."""

    known: re.Pattern[str]
    """Addresses by which people know a board; the group ``name`` is its name."""
    shown: str
    """Such an address, for messages."""
    ask: Callable[[str, re.Match[str] | None], str]
    """The address to ask, of a board's name and of the address that named it, if one did."""
    name: re.Pattern[str] = NAME

    def requests(self, source: str, query: Query, boards: tuple[str, ...]) -> Iterator[Request]:
        """Yield the first request for each board that *query* asks, or of *boards*.

        Raises:
            ConfigError: no board is named, one is named wrongly, another option is unknown, or
                words or a place are asked for.
        """
        if query.words or query.place:
            raise ConfigError(
                f"{source}: query {query.name!r} asks for words or a place, but a board cannot be "
                f"searched: leave them out and filter what is found"
            )
        for key in query.options:
            if key != "board":
                raise ConfigError(f"{source}: unknown option {key!r}. Known: board")
        asked = query.options.get("board")
        named = boards if asked is None else (asked,)
        if not named:
            raise ConfigError(
                f"{source}: query {query.name!r} names no board: write options = "
                f'{{ board = "acme" }}, or boards = ["acme"] under [sources.{source}]'
            )
        for url in dict.fromkeys([self.address(source, board) for board in named]):
            yield Request(url=url)

    def address(self, source: str, board: str) -> str:
        """Return where *board* is asked, which is named by its name or its address.

        Raises:
            ConfigError: it is neither.
        """
        told = board.strip()
        found = self.known.fullmatch(told)
        name = found["name"] if found else told
        if not self.name.fullmatch(name):
            raise ConfigError(
                f"{source}: {board!r} is no board's name or address: write acme, or {self.shown}"
            )
        return self.ask(name, found)
