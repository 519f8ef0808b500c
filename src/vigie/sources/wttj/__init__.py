"""Welcome to the Jungle (https://www.welcometothejungle.com): job offers, French ones above all.

The search page holds no offers; its script asks Algolia for them, with a search-only key that the
page gives to every visitor and that changes with the site. So the page is asked first, as
``/fr/jobs`` without a query (robots.txt closes ``/*?``), and what `follow` reads of it asks
Algolia. The key travels in a header, which no capture keeps: whatever needs it again asks the page
again.

We say who we are: no ``Origin`` or ``Referer`` of the site's own pages is sent. Where the key is
bound to them, Algolia refuses us and the source is blocked: that is the site's answer, not to be
got round.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.blanking import Blanking

from .answer import Item, items_of
from .asking import first_request, next_requests
from .reading import listing_of

NAME = __name__.rpartition(".")[2]
BLANKING = Blanking(
    revision="1",
    # An address to apply at may carry its recruiter's mail address, coded: it goes whole.
    people=frozenset({
        "apply_url",
        "applicationContact", "email", "telephone", "phone", "recruiter", "recruiters", "contact",
    }),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class WelcomeToTheJungle:
    """The fields are the settings under ``[sources.wttj]``."""

    label: ClassVar[str] = "Welcome to the Jungle"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "Europe/Paris"
    terms: ClassVar[Terms] = Terms(
        url="https://legal.welcometothejungle.com/fr/candidates-terms-of-use",
        read_on=None,
        attribution="Welcome to the Jungle",
        reuse="unknown until read: for one's own use, with a link back to each offer",
    )

    example: ClassVar[Query] = Query(name="data-engineer", words="data engineer")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 2.0
    language: Literal["fr", "en"] = "fr"
    """Language of the site and of the index that is searched."""
    country: str = "FR"
    """Offices in this country only (ISO code of two letters). Empty: everywhere."""
    details: bool = False
    """Follow each card to its offer, which tells the whole text."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the search page, which tells how its offers are asked for.

        Raises:
            ConfigError: an option is unknown, or the place is neither a country's code nor
                coordinates (``48.86,2.35``).
        """
        yield first_request(NAME, query, self.language, self.country)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the search for the query's offers, in parts when there are too many for one
        answer."""
        yield from next_requests(NAME, page, self.language, details=self.details)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without recruiters, phones and mail addresses."""
        return BLANKING.json(page) if page.body[:1] == b"{" else BLANKING.html(page)

    def items(self, page: Capture) -> Sequence[Item]:
        """Return the hits of an answer, or the one offer of its own page.

        Raises:
            Blocked: the site or its search refuses us.
            Empty: an answer without hits, or the search page itself, which lists nothing.
            PageChanged: there is neither an answer, an offer nor what the search needs.
        """
        return items_of(NAME, page)

    def read(self, item: Item, page: Capture) -> Listing:
        """Return one offer: a hit as ``card``, an offer's own page as ``full``.

        Raises:
            RecordError: it is no object, or has no id or title.
        """
        return listing_of(item, page, self.language)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: the first page of a query announces nothing, only its answers do."""
        return None


SOURCE = WelcomeToTheJungle
