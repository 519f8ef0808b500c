"""Avito.ma (https://www.avito.ma): classified ads of Morocco.

Its GraphQL answers, and the JSON (``__NEXT_DATA__``) in its result pages and ad pages. Sellers'
names and phones are never asked for in GraphQL and are blanked in pages before anything is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing

from .answer import Item, page_of
from .asking import first_request, next_requests
from .reading import listing_of
from .scrubbing import scrubbed

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class AvitoMa:
    """The fields are the settings under ``[sources.avito_ma]``."""

    label: ClassVar[str] = "Avito.ma"
    kind: ClassVar[str] = "ad"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Africa/Casablanca"
    terms: ClassVar[Terms] = Terms(
        url="https://www.avito.ma/fr/conditions-generales",
        read_on=None,
        attribution="Avito.ma",
        reuse="unknown until read: for one's own use, with a link back to each ad",
    )

    example: ClassVar[Query] = Query(name="all", since_hours=24)
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 2.0
    via: Literal["graphql", "pages"] = "graphql"
    """What is asked: GraphQL answers, or the site's result pages."""
    page_size: int = 35
    """Ads in one GraphQL answer; result pages always hold 35."""
    most_pages: int = 0
    """Follow at most so many pages of a query. 0: to the end."""
    new_developments: bool = True
    """Ask GraphQL for developers' new buildings too, as result pages show them."""
    details: bool = False
    """Follow each card of a result page to its ad, which tells the exact time and all facts."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of *query*, newest ads first.

        Options: ``category`` and ``city``, as ids for GraphQL (1010, 5) and as the words of its
        addresses for pages (``appartements-à_vendre``, ``casablanca``).

        Raises:
            ConfigError: an option is unknown, is no id, or words are asked of result pages.
        """
        yield first_request(
            NAME, query, self.via, self.page_size, new_developments=self.new_developments
        )

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page until the end, and the cards' ads when the setting
        `details` is on."""
        yield from next_requests(NAME, page, most_pages=self.most_pages, details=self.details)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without sellers and phones, wherever it repeats them."""
        return scrubbed(page)

    def items(self, page: Capture) -> Sequence[Item]:
        """Return the ads of the page: all cards, one ad, or all of a GraphQL answer.

        Raises:
            Blocked: a challenge or refusal came instead of the page.
            Empty: the list is there and holds nothing, or the ad is gone.
            PageChanged: the page or answer lost the part that holds the ads.
        """
        return page_of(NAME, page).items

    def read(self, item: Item, page: Capture) -> Listing:  # noqa: ARG002 - the contract's
        """Return one ad: a card as ``card``, an ad page or GraphQL ad as ``full``.

        Raises:
            RecordError: it is no ad, or has no id or title.
        """
        return listing_of(item)

    def total(self, page: Capture) -> int | None:
        """Return how many ads the site announces for the query; None on an ad page."""
        return page_of(NAME, page).total


SOURCE = AvitoMa
