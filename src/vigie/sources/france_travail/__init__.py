"""France Travail, "Offres d'emploi v2" (https://francetravail.io): job offers of all France.

A public API behind free credentials. Its answers, and files of its offers that others saved (a
list, ``{"resultats": [...]}``, one offer, or one offer a line), read alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing

from .answer import Offer, announced, condemn, offers_of
from .asking import first_request, next_requests
from .login import ClientCredentials
from .reading import listing_of
from .scrubbing import scrubbed

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class FranceTravail:
    """The fields are the settings under ``[sources.france_travail]``."""

    label: ClassVar[str] = "France Travail"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Europe/Paris"
    terms: ClassVar[Terms] = Terms(
        url="https://francetravail.io/data/api/offres-emploi",
        read_on=None,
        attribution="France Travail",
        reuse="unknown until read: the API's licence comes with its key",
    )

    example: ClassVar[Query] = Query(name="data-engineer", words="data engineer")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 0.34
    """Three requests a second are admitted."""
    most_per_query: int = 1150
    """How many offers of one query the API gives; a larger query is split. Its present description
    says 3150, clients have met 1150: the smaller is right under both."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of *query*, newest offers first.

        Raises:
            ConfigError: an option or the place is nothing that the API asks for.
        """
        yield first_request(NAME, query)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next range, or two halves of a query that is too large."""
        yield from next_requests(page, self.most_per_query)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without contacts, agencies, and phones and addresses in its texts."""
        return scrubbed(page)

    def items(self, page: Capture) -> Sequence[Offer]:
        """Return the offers of the answer.

        Raises:
            Empty: status 204, or a list without offers.
            Blocked: the credentials or the rate were refused.
            PageChanged: not JSON, no list of offers, or the question was refused (400).
        """
        condemn(NAME, page)
        return offers_of(NAME, page)

    def read(self, item: Offer, page: Capture) -> Listing:  # noqa: ARG002 - the contract's
        """Return one offer in full.

        Raises:
            RecordError: it is no object, or has no id or title.
        """
        return listing_of(item)

    def total(self, page: Capture) -> int | None:
        """Return the total in ``Content-Range``; None for a file."""
        return announced(page)


SOURCE = FranceTravail
LOGIN = ClientCredentials
