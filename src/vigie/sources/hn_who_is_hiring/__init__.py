"""Hacker News, "Ask HN: Who is hiring?" (https://news.ycombinator.com): one thread of offers a
month.

Asked by Algolia's public HN API: the newest thread of the account that opens them, then its
comments, newest first. The API gives 1,000 hits of a question; older comments are asked for by
their time. An offer is a comment on the thread itself; a comment on a comment is talk, no offer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.blanking import Blanking

from .asking import first_request, next_requests, offers_of
from .reading import listing_of

NAME = __name__.rpartition(".")[2]
BLANKING = Blanking(
    revision="1",
    # Tags name the author too, and highlights repeat author and text.
    people=frozenset({"author", "_tags", "_highlightResult"}),
)


@dataclass(frozen=True, kw_only=True)
class HackerNewsWhoIsHiring:
    """The fields are the settings under ``[sources.hn_who_is_hiring]``."""

    label: ClassVar[str] = "Hacker News: Who is hiring?"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(
        url="https://www.ycombinator.com/legal/#tou",
        read_on=None,
        attribution="Hacker News",
        reuse="unknown until read: comments belong to who wrote them; link back to each",
    )

    example: ClassVar[Query] = Query(name="newest")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 1.0

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the question for the threads; for the comments when option ``story`` names one.

        Raises:
            ConfigError: a place is asked for, or an option is unknown or no number.
        """
        yield first_request(NAME, query)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the comments of the newest thread, then older ones until there are no more."""
        yield from next_requests(page)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without authors, and without phones and mail addresses in texts."""
        return BLANKING.json(page)

    def items(self, page: Capture) -> Sequence[Any]:
        """Return the comments on the thread itself.

        Raises:
            Empty: there is none, or the page lists threads.
            PageChanged: there is no list of hits, or no thread among the threads.
        """
        return offers_of(NAME, page)

    def read(self, item: Any, page: Capture) -> Listing:  # noqa: ARG002 - the contract's
        """Return one comment as an offer, in full.

        Raises:
            RecordError: it is no object, was deleted or killed, or has no id or text.
        """
        return listing_of(item)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: what the API counts includes talk."""
        return None


SOURCE = HackerNewsWhoIsHiring
