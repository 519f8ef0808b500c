"""Indeed (https://fr.indeed.com): job offers, from the JSON that its pages carry.

A search page carries its cards as JSON (``mosaic-provider-jobcards``), an offer's page carries the
offer (``_initialData``) and often JSON-LD; markup is what is left when they are gone. Pages step by
10 although they show 15. Where robots.txt or a shield keeps us out, the source is blocked and says
so.

Unsupported on purpose: the GraphQL service of Indeed's own mobile application. Its key was given to
that application, not to us.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.blanking import Blanking

from .asking import first_request, next_requests
from .page import Item, announced, items_of
from .reading import listing_of

NAME = __name__.rpartition(".")[2]
BLANKING = Blanking(
    revision="1",
    people=frozenset({
        "applicationContact", "contactPerson", "employerContact", "hiringManager", "recruiterName",
        "accountKey", "userEmail", "email", "telephone", "phoneNumber",
    }),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Indeed:
    """The fields are the settings under ``[sources.indeed]``."""

    label: ClassVar[str] = "Indeed"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Europe/Paris"
    terms: ClassVar[Terms] = Terms(
        url="https://fr.indeed.com/legal",
        read_on=None,
        attribution="Indeed",
        reuse="unknown until read: ask only where robots.txt and terms let us",
    )

    example: ClassVar[Query] = Query(name="data-engineer", words="data engineer", place="France")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 5.0
    country: str = "fr"
    """The site's host: fr, uk, de, ca…; us for www.indeed.com."""
    details: bool = False
    """Follow each card to its offer, which tells the whole text."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of *query*, newest offers first.

        Raises:
            ConfigError: an option is unknown, or the country is no code.
        """
        yield first_request(NAME, query, self.country)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page while one is linked, and the offers when the setting
        `details` is on."""
        yield from next_requests(NAME, page, details=self.details)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without contacts, phones and mail addresses."""
        return BLANKING.html(page)

    def items(self, page: Capture) -> Sequence[Item]:
        """Return the cards of a list, or the one offer of its own page.

        Raises:
            Blocked: a challenge, a login or a refusal came instead of the page.
            Empty: the list of cards is there and holds nothing.
            PageChanged: there are neither cards nor an offer.
            SourceError: a saved page is a browser's own error page: nothing came from the site.
        """
        return items_of(NAME, page)

    def read(self, item: Item, page: Capture) -> Listing:
        """Return one offer: a card as ``card``, an offer's own page as ``full``.

        Raises:
            RecordError: it is no object, or has no key or title.
        """
        return listing_of(item, page)

    def total(self, page: Capture) -> int | None:
        """Return the total that a search page announces."""
        return announced(page)


SOURCE = Indeed
