"""SmartRecruiters (https://www.smartrecruiters.com): job boards of employers, by the posting API.

Lists of 100 postings tell all but the text, which each posting's own answer tells. A company that
does not exist is answered like one without postings: an honest zero cannot be told from a
misspelt name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.answers import decoded
from vigie.sources.values import whole

from .asking import BOARDS, next_requests
from .reading import BLANKING, listing_of, postings_of

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class SmartRecruiters:
    """The fields are the settings under ``[sources.smartrecruiters]``."""

    label: ClassVar[str] = "SmartRecruiters"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(
        url="https://developers.smartrecruiters.com/docs/posting-api",
        read_on=None,
        attribution="SmartRecruiters, and the employer whose board it is",
        reuse="unknown until read: for one's own use, with a link back to each job",
    )

    example: ClassVar[Query] = Query(name="board", options={"board": "GivrandExemple"})
    sentinel: ClassVar[Query | None] = None
    """A board cannot be asked for words."""

    pause_seconds: float = 1.0
    boards: tuple[str, ...] = ()
    """Boards asked when the query names none (option ``board``): names or addresses."""
    details: bool = True
    """Follow each posting to its own answer, which tells its text."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first list of the board that *query* names, or of each of `boards`.

        Raises:
            ConfigError: no board is named, one is named wrongly, another option is unknown, or
                words or a place are asked for, which a board cannot be narrowed by.
        """
        yield from BOARDS.requests(NAME, query, self.boards)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the postings of a list when the setting `details` is on, then the next list."""
        yield from next_requests(NAME, page, details=self.details)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without creators, phones and mail addresses."""
        return BLANKING.json(page)

    def items(self, page: Capture) -> Sequence[Any]:
        """Return the postings of a list, or the one posting of its own answer.

        Raises:
            Blocked: a challenge or refusal came instead.
            Empty: the list is there and holds nothing, or the posting is gone.
            PageChanged: there is no such board (nothing closes because of a misspelt name), or
                the answer holds no "content" list.
        """
        return postings_of(NAME, page)

    def read(self, item: Any, page: Capture) -> Listing:  # noqa: ARG002 - the contract's
        """Return one posting: of a list as ``card``, of its own answer as ``full``.

        Raises:
            RecordError: it has no id or no title.
        """
        return listing_of(item)

    def total(self, page: Capture) -> int | None:
        """Return the total that a list announces."""
        return whole(decoded(page.body), "totalFound")


SOURCE = SmartRecruiters
