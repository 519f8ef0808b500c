"""Talent.com (https://fr.talent.com): job offers gathered from many boards, in HTML.

About 20 cards a page (``p``); the site answers a page past the end with cards it has shown before,
so a page that brings nothing but its predecessor's ids ends the list. Only ``/jobs`` and ``/view``
are asked for: robots.txt closes ``/services`` and ``/redirect``, and ``/api`` is no API.

Seen in public readers of the site, not in a captured page of our own: one live check is due.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.blanking import Blanking

from .asking import first_request, next_requests
from .page import Item, items_of
from .reading import listing_of

NAME = __name__.rpartition(".")[2]
BLANKING = Blanking(revision="1", people=frozenset({"applicationContact", "telephone", "email"}))


@dataclass(frozen=True, kw_only=True)
class Talent:
    """The fields are the settings under ``[sources.talent]``."""

    label: ClassVar[str] = "Talent.com"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Europe/Paris"
    terms: ClassVar[Terms] = Terms(
        url="https://fr.talent.com/terms",
        read_on=None,
        attribution="Talent.com",
        reuse="unknown until read: for one's own use, with a link back to each offer",
    )

    example: ClassVar[Query] = Query(name="data-engineer", words="data engineer", place="France")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 2.0
    country: str = "fr"
    """The site's host: fr, be, ch, lu, ca, ma, tn, sn, uk; us for www.talent.com."""
    details: bool = False
    """Follow each card to its offer, which tells the whole text."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of *query*.

        Raises:
            ConfigError: an option is given, which the site has none of, or the country is no code.
        """
        yield first_request(NAME, query, self.country)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page while pages bring new ids, and the offers when the setting
        `details` is on."""
        yield from next_requests(NAME, page, details=self.details)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without contacts, phones and mail addresses."""
        return BLANKING.html(page)

    def items(self, page: Capture) -> Sequence[Item]:
        """Return the cards of a list, or the one offer of its own page.

        Raises:
            Blocked: a challenge or refusal came instead of the page.
            Empty: the page's own list (``ItemList``) is there and holds nothing.
            PageChanged: there are neither cards nor an offer.
        """
        return items_of(NAME, page)

    def read(self, item: Item, page: Capture) -> Listing:
        """Return one offer: a card as ``card``, an offer's own page as ``full``.

        Raises:
            RecordError: it has no id, or no title.
        """
        return listing_of(item, page)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: the site announces no total that we know of."""
        return None


SOURCE = Talent
