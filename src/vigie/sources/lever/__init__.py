"""Lever (https://www.lever.co): job boards of employers, by the public postings API.

One answer holds a whole board. A job open in several cities is a posting with its own id in each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing

from .asking import BOARDS
from .reading import BLANKING, jobs_of, listing_of

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Lever:
    """The fields are the settings under ``[sources.lever]``."""

    label: ClassVar[str] = "Lever"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(
        url="https://github.com/lever/postings-api",
        read_on=None,
        attribution="Lever, and the employer whose board it is",
        reuse="unknown until read: for one's own use, with a link back to each job",
    )

    example: ClassVar[Query] = Query(name="board", options={"board": "ormeval-exemple"})
    sentinel: ClassVar[Query | None] = None
    """A board cannot be asked for words."""

    pause_seconds: float = 1.0
    boards: tuple[str, ...] = ()
    """Boards asked when the query names none (option ``board``): names or addresses."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the whole board that *query* names, or each of `boards`.

        Raises:
            ConfigError: no board is named, one is named wrongly, another option is unknown, or
                words or a place are asked for, which a board cannot be narrowed by.
        """
        yield from BOARDS.requests(NAME, query, self.boards)

    def follow(self, page: Capture) -> Iterator[Request]:  # noqa: ARG002 - the contract's
        """Yield nothing: one answer holds the whole board."""
        yield from ()

    def scrub(self, page: Capture) -> Capture:
        """Return the page without phones and mail addresses in its texts."""
        return BLANKING.json(page)

    def items(self, page: Capture) -> Sequence[Any]:
        """Return the jobs of the board.

        Raises:
            Blocked: a challenge or refusal came instead.
            Empty: the board is there and lists nothing.
            PageChanged: there is no such board (nothing closes because of a misspelt name), or
                the answer holds no list of postings.
        """
        return jobs_of(NAME, page)

    def read(self, item: Any, page: Capture) -> Listing:  # noqa: ARG002 - the contract's
        """Return one job, in full when the answer tells its text.

        Raises:
            RecordError: it has no id or no title.
        """
        return listing_of(item)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: the board announces no total."""
        return None


SOURCE = Lever
