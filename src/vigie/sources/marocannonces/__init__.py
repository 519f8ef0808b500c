"""MarocAnnonces (https://www.marocannonces.com): classified ads of Morocco, in plain HTML.

Three categories, newest first, as far back as 72 hours. Everything is found by selector and label,
never by position: on this site facts go missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing

from .asking import first_requests, next_requests
from .page import Item, items_of
from .reading import listing_of
from .scrubbing import scrubbed

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class MarocAnnonces:
    """The fields are the settings under ``[sources.marocannonces]``."""

    label: ClassVar[str] = "MarocAnnonces"
    kind: ClassVar[str] = "ad"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Africa/Casablanca"
    terms: ClassVar[Terms] = Terms(
        url="https://www.marocannonces.com/conditions-generales.html",
        read_on=None,
        attribution="MarocAnnonces",
        reuse="unknown until read: for one's own use, with a link back to each ad",
    )

    example: ClassVar[Query] = Query(name="auto", options={"category": "Auto-Moto"})
    sentinel: ClassVar[Query | None] = None

    pause_seconds: float = 3.0
    categories: tuple[str, ...] = ("Auto-Moto", "Immobilier", "Multimédia")
    """Categories visited when the query names none (option ``category``)."""
    since_hours: int = 72
    """Pages are followed until all their ads are older, when the query does not say."""
    details: bool = False
    """Follow each card to its ad, which tells the whole text."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of each category of *query*.

        Raises:
            ConfigError: the category or another option is unknown, or words or a place are asked
                for, which the site's category pages cannot narrow by.
        """
        yield from first_requests(NAME, query, self.categories, self.since_hours)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page while one ad is recent enough, and the ads when the setting
        `details` is on."""
        yield from next_requests(NAME, page, self.since_hours, details=self.details)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without advertisers and phones."""
        return scrubbed(page)

    def items(self, page: Capture) -> Sequence[Item]:
        """Return the cards of a list, or the one ad of its own page.

        Raises:
            Blocked: a challenge or refusal came instead of the page.
            Empty: the list is there and holds nothing, or the ad is gone.
            PageChanged: there is neither a list nor an ad.
        """
        return items_of(NAME, page)

    def read(self, item: Item, page: Capture) -> Listing:
        """Return one ad: a card as ``card``, an ad's own page as ``full``.

        Raises:
            RecordError: it has no link with an id, or no title.
        """
        return listing_of(item, page)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: the site announces no total."""
        return None


SOURCE = MarocAnnonces
